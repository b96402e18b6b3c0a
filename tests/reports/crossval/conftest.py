"""Cross-validations to be reported: small ones, with names that are hard to set."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from roomtone.experiments.framework import EvaluationResult, ThesisEvaluationFramework
from roomtone.reports.crossval.report import write_crossval_report

sys.path.append(str(Path(__file__).parent))  # where what the tests share is found

NASTY = "50% of $x_1 & #2 ~ {a} ^ \\b"
LONG = "A naïve Bayes model, whose name goes on and on, with an emoji 😡 at its end"
NAMES = {
    "logreg": LogisticRegression(),
    "svm": LinearSVC(),
    NASTY: DummyClassifier(),
    LONG: GaussianNB(),
    "shallow_tree": DecisionTreeClassifier(max_depth=2, random_state=0),
    "deep_tree": DecisionTreeClassifier(random_state=0),
    "strong_penalty": LogisticRegression(C=0.001),
    "prior": DummyClassifier(strategy="prior"),
}


def evaluate(models: Any = NAMES, *, rows: int = 240, seed: int = 0) -> EvaluationResult:
    source = np.random.default_rng(seed)
    labels = source.integers(0, 3, rows)
    values = source.normal(size=(rows, 6))
    values[np.arange(rows), labels] += 1.6
    classes = np.array(["negative", "so_so & 50%", "positive"])[labels]
    return ThesisEvaluationFramework(n_folds=5, random_state=seed).evaluate(models, values, classes)


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
