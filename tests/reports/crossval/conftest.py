"""Cross-validations to be reported, and a report."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from roomtone.experiments.framework import EvaluationResult
from roomtone.reports.crossval.report import write_crossval_report

sys.path.append(str(Path(__file__).parent))  # where what the tests share is found

from samples import NAMES, evaluate


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished cross-validation of eight models."""
    return evaluate().save(tmp_path_factory.mktemp("crossval") / "cv")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished cross-validation of three models."""
    models = {name: NAMES[name] for name in ("logreg", "svm", "prior")}
    return evaluate(models).save(tmp_path_factory.mktemp("small") / "cv")


@pytest.fixture(scope="session")
def report(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its report."""
    place = tmp_path_factory.mktemp("report")
    write_crossval_report([folder], place)
    return place


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders of cross-validations of three models on seven data sets."""
    models = {name: NAMES[name] for name in ("logreg", "shallow_tree", "prior")}
    place = tmp_path_factory.mktemp("many")
    return [_as_of_file(evaluate(models, seed=seed, rows=120), place, seed) for seed in range(1, 8)]


def _as_of_file(result: EvaluationResult, place: Path, number: int) -> Path:
    (data,) = result.record.plan.data
    named = replace(data, file=f"{'abcdefg'[number - 1]}.csv", sha256=f"{number:064d}")
    plan = replace(result.record.plan, data=(named,))
    return replace(result, record=replace(result.record, plan=plan)).save(place / f"cv{number}")
