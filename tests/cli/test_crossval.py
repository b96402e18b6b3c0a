from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from roomtone.baselines import QUICK
from roomtone.cli.crossval import add_arguments
from roomtone.cli.crossval_models import design_of
from roomtone.cli.main import main
from roomtone.cli.parser import Parser
from roomtone.config import load_config
from roomtone.engines import save_engine
from roomtone.engines.fitting import fit_pipeline
from roomtone.experiments.record import CrossValidation
from roomtone.training.console import Console

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs" / "tiny.yaml"
SIGNALLED = Path("signalled")  # in the working folder of each test
WORDS = {"positive": "good great", "neutral": "plain fair", "negative": "bad awful"}


@pytest.fixture
def work(tmp_path, monkeypatch) -> Path:
    """A working folder with labelled rows: all of them, and the same as train and val."""
    source = random.Random(4)
    rows = []
    for row in range(90):
        label = tuple(WORDS)[row % 3]
        told = label if source.random() < 0.7 else source.choice(tuple(WORDS))
        word = source.choice(WORDS[told].split())
        rows.append((f"A {word} song number {row}", label, f"v{row % 9}", str(row)))
    for name, part in (("all", rows), ("train", rows[:60]), ("val", rows[60:])):
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
            table = csv.writer(stream)
            table.writerows([("text", "label", "video", "day"), *part])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def crossval(*flags: object) -> int:
    flags = ("--config", TINY, "--data_csv", "all.csv", "--output_dir", "out", *flags)
    return main(["crossval", *map(str, flags)])


def start(*flags: object, **environment: str) -> subprocess.Popen[str]:
    ours = {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", **environment}
    return subprocess.Popen(
        [sys.executable, "-m", "roomtone", "crossval", "--config", str(TINY), *map(str, flags)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env={**os.environ, **ours},
        start_new_session=True,
    )


def finished(root: Path) -> int:
    return len(list((root / "cells").glob("*.json")))


@pytest.fixture
def held():
    """A function that starts a process, and waits until it is held at so many finished cells."""
    begun = []

    def begin(count: int, root: Path, *flags: object) -> subprocess.Popen[str]:
        terms = {"once": str(root / "cells" / "*.json"), "count": count, "until": str(SIGNALLED)}
        places = os.pathsep.join([str(ROOT / "tests" / "held"), str(ROOT / "src")])
        variables = {"ROOMTONE_HELD": json.dumps(terms), "PYTHONPATH": places}
        process = start(*flags, "--output_dir", root, **variables)
        begun.append(process)
        until = time.monotonic() + 300
        while finished(root) < count and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        assert process.poll() is None, process.stdout.read()
        assert finished(root) >= count
        return process

    yield begin
    for process in begun:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def members(group: int) -> list[str]:
    """The processes of a group that are alive."""
    alive = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of) == group and state != "Z":
            alive.append(stat.parent.name)
    return alive


def results(root: Path) -> dict[str, bytes]:
    """The files of a result, but for what tells how long it took."""
    names = ("plan.json", "crossval.json")
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.suffix == ".npz" or path.name in names
    }


def test_a_table_is_printed_and_the_result_written(work, capsys):
    assert crossval("--models", "logreg,svm,hybrid_dl,ensemble", "--folds", 5) == 0
    shown = capsys.readouterr().out
    result = CrossValidation.load(work / "out")
    assert [model.name for model in result.models] == ["logreg", "svm", "hybrid_dl", "ensemble"]
    for model in result.models:
        interval = model.pooled_intervals["f1_macro"]
        pooled = f"{model.pooled['f1_macro']:.3f} ({interval.low:.3f} to {interval.high:.3f})"
        assert f"{model.mean['f1_macro']:.3f} ± {model.sd['f1_macro']:.3f}" in shown
        assert pooled in shown
    assert "90 rows of all.csv: negative 30, neutral 30, positive 30" in shown
    assert "15 of 15" in shown
    assert "left)" in shown
    assert "Differences of macro-F1 by corrected t" in shown
    assert result.plan.models["hybrid_dl"]["model"]["embedding_dim"] == 16
    # Again: nothing is computed, and the same is said.
    assert crossval("--models", "logreg,svm,hybrid_dl,ensemble", "--folds", 5) == 0
    again = capsys.readouterr().out
    assert "15 of 15 cells are finished from before" in again
    assert again.partition("mean ± sd")[2] == shown.partition("mean ± sd")[2]


def test_a_killed_process_goes_on_and_ends_with_the_same_bytes(held, work):
    flags = ("--data_csv", "all.csv", "--models", "logreg,hybrid_dl,ensemble", "--folds", 3)
    for count in (1, 4):  # while a network is trained, and before a baseline is fitted
        process = held(count, work / "killed", *flags)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert finished(work / "killed") == count
    assert not (work / "killed" / "crossval.json").exists()
    for folder in ("killed", "whole"):
        process = start(*flags, "--output_dir", folder)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert ("finished from before" in said) == (folder == "killed")
    assert results(work / "killed") == results(work / "whole")
    assert len(results(work / "whole")) == 2 + 9


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_no_process_outlives_one_that_was_killed(held, work):
    flags = ("--data_csv", "all.csv", "--models", "logreg", "--folds", 20, "--jobs", 2)
    process = held(1, work / "out", *flags)
    assert len(members(process.pid)) > 2
    process.kill()
    process.communicate()
    until = time.monotonic() + 120
    while members(process.pid) and time.monotonic() < until:
        time.sleep(0.1)
    assert not members(process.pid)


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_leaves_what_is_finished_and_says_how_to_go_on(jobs, held, work):
    flags = ("--data_csv", "all.csv", "--models", "logreg,hybrid_dl", "--folds", 9)
    process = held(3, work / "out", *flags, "--jobs", jobs)  # while a network is trained
    os.killpg(process.pid, signal.SIGINT)
    SIGNALLED.touch()
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 130, said
    assert f"Interrupted: {finished(work / 'out')} of 18 cells are finished and saved" in said
    assert f"roomtone crossval --config {TINY} --data_csv all.csv" in said
    assert "Traceback" not in said
    assert 3 <= finished(work / "out") < 18
    assert not list((work / "out" / "cells").glob(".*.part"))


def test_without_data_csv_the_rows_are_those_of_train_and_val(work, capsys):
    command = "crossval --train_csv train.csv --val_csv val.csv --models logreg --folds 3"
    assert main([*command.split(), "--test_csv", "val.csv", "--output_dir", "out"]) == 0
    plan = CrossValidation.load(work / "out").plan
    assert [(file.file, file.rows) for file in plan.data] == [("train.csv", 60), ("val.csv", 30)]


def test_folds_are_given_for_all_or_for_each_model(work, capsys):
    given = {
        ("--folds", 6, "--hybrid_folds", 3): {"logreg": 6, "hybrid_dl": 3, "ensemble": 3},
        ("--folds", "logreg=4,hybrid_dl=3"): {"logreg": 4, "hybrid_dl": 3, "ensemble": 3},
        ("--folds", "logreg=4,hybrid_dl=3,ensemble=4"): {
            "logreg": 4,
            "hybrid_dl": 3,
            "ensemble": 4,
        },
    }
    parser = Parser()
    add_arguments(parser)
    config = load_config(TINY, check_files=False)
    for flags, folds in given.items():
        typed = ["--models", "logreg,hybrid_dl,ensemble", "--output_dir", "out", *map(str, flags)]
        assert design_of(parser.parse_args(typed), config, Console()).folds == folds


def test_groups_and_times_are_columns_of_the_file(work, capsys):
    assert crossval("--models", "logreg", "--folds", 3, "--groups", "video") == 0
    plan = CrossValidation.load(work / "out").plan
    assert (plan.scheme, plan.column) == ("grouped", "video")
    assert crossval("--models", "logreg", "--folds", 3, "--time", "day", "--output_dir", "t") == 0
    assert CrossValidation.load(work / "t").plan.scheme == "time"


def test_an_engine_of_a_folder_is_fitted_anew(work, capsys):
    names = tuple(WORDS)[::-1]
    engine = fit_pipeline("logreg", ["good", "bad"], np.array([2, 0]), names, options=QUICK, seed=1)
    save_engine(engine, work / "models" / "quick")
    assert crossval("--models", "logreg,models/quick", "--folds", 5, "--reference", "logreg") == 0
    result = CrossValidation.load(work / "out")
    assert [model.name for model in result.models] == ["logreg", "quick"]
    assert result.plan.models["quick"]["details"]["max_features"] == 5000
    assert {row["reference"] for row in result.comparisons} <= {"logreg"}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--models", "logrge"), "unknown model 'logrge' .*did you mean 'logreg'"),
        (("--models", "logreg,logreg"), "each once"),
        (("--models", "ensemble,svm"), "two or more are needed"),
        (("--models", "lexicon"), "engines cannot be fitted anew"),
        (("--models", "svm", "--folds", "31"), "class negative has 30 row.*use 30 folds"),
        (("--models", "svm", "--folds", "1"), "svm has 1, expected 2 or more"),
        (("--models", "svm", "--folds", "svn=5"), "cannot read 'svn=5'.*did you mean 'svm'"),
        (("--models", "svm,tfidf", "--folds", "svm=5"), "no number for tfidf"),
        (("--models", "svm", "--hybrid_folds", "5"), "hybrid_dl is none of the models"),
        (("--models", "svm", "--groups", "vidoe"), "no column 'vidoe'.*did you mean 'video'"),
        (("--models", "svm", "--groups", "label"), "--groups label: the column of the labels"),
        (("--models", "svm", "--groups", "video"), "need 10 groups or more; there are 9"),
        (("--models", "svm", "--time", "video"), "line 2: .* in column 'video' is no time"),
        (("--models", "svm", "--time", "day", "--repeats", "2"), "in one way only"),
        (("--models", "svm", "--reference", "swm"), "none of the models.*did you mean 'svm'"),
        (("--models", "svm", "--validation_share", "1"), "validation_share: found 1.0"),
        (("--models", "svm", "--data_csv", "none.csv"), "none.csv: there is no such file"),
        (("--models", "svm", "--set", "vocab_path=all.csv"), "vocab_path: all.csv may come from"),
        (("--models", "svm", "--groups", "a", "--time", "b"), "not allowed with"),
        (("--models", "svm", "--jobs", "0"), "'0' is no number above 0"),
        (("--models", "svm", "--vocab_path", "x"), "unknown flag '--vocab_path'"),
    ],
)
@pytest.mark.usefixtures("by_name")
def test_what_cannot_be_is_said_before_anything_is_fitted(flags, said, work, capsys):
    assert crossval(*flags) == 2
    assert re.search(said, capsys.readouterr().err), said
    assert not (work / "out").exists()
