from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from roomtone.cli.main import main

ROOT = Path(__file__).parents[2]
TELLING = {"negative": "awful", "neutral": "plain", "positive": "lovely"}


@pytest.fixture(scope="module")
def flags(tmp_path_factory) -> list[str]:
    """What makes the sequence short: few rows, the smallest model, two baselines."""
    folder = tmp_path_factory.mktemp("rows")
    found = ["--config", str(ROOT / "configs" / "tiny.yaml")]
    for place, (split, rows) in enumerate({"train": 150, "val": 60, "test": 60}.items()):
        source = random.Random(place)
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["text", "label"])
            for row in range(rows):
                label = list(TELLING)[row % 3]
                told = label if source.random() < 0.8 else source.choice(list(TELLING))
                words = source.choices(["the", "a", "song", "film", "really"], k=4)
                table.writerow([f"{' '.join(words)} {TELLING[told]} {split} {row}", label])
        found += [f"--{split}_csv", str(folder / f"{split}.csv")]
    return [*found, "--models", "logreg,svm", "--folds", "5", "--curve_seeds", "1"]


@pytest.fixture(scope="module")
def finished(flags, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("thesis")
    without = ["--without", "vectors,explain,learning-curve"]
    assert main(["thesis", *flags, *without, "--output_dir", str(root)]) == 0
    return root


def test_everything_is_made_and_timed(finished):
    for name in ("audit/audit.json", "crossval/crossval.json", "hybrid/report.html"):
        assert (finished / name).is_file(), name
    assert (finished / "report" / "report.tex").is_file()
    journal = json.loads((finished / "steps.json").read_text("utf-8"))
    assert list(journal) == ["audit", "crossval", "train", "report"]
    assert sum(noted["seconds"] for noted in journal.values()) > 0


def test_a_second_run_takes_what_stands(flags, finished, capsys):
    page = finished / "report" / "report.html"
    before = page.stat().st_mtime_ns
    without = ["--without", "vectors,explain,learning-curve"]
    assert main(["thesis", *flags, *without, "--output_dir", str(finished)]) == 0
    assert capsys.readouterr().out.count(": stands (") == 4
    assert page.stat().st_mtime_ns == before


def test_a_run_that_was_made_with_other_rows_is_not_mixed_in(flags, finished, tmp_path, capsys):
    other = tmp_path / "test.csv"
    rows = Path(flags[flags.index("--test_csv") + 1]).read_text("utf-8").splitlines()
    other.write_text("\n".join(rows[:-3]) + "\n", "utf-8")
    changed = [str(other) if before == "--test_csv" else word for before, word in pairs(flags)]
    without = ["--without", "vectors,explain,learning-curve,audit,crossval,report"]
    assert main(["thesis", *changed, *without, "--output_dir", str(finished)]) == 2
    assert "made with other arguments or files" in capsys.readouterr().err


def pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(zip(["", *words], words, strict=False))


def test_a_killed_sequence_goes_on(flags, tmp_path, capsys):
    without = ["--without", "vectors,audit,train,explain,learning-curve"]
    command = [*flags, *without, "--output_dir", str(tmp_path / "t")]
    cells = tmp_path / "t" / "crossval" / "cells"
    terms = {"once": str(cells / "*.json"), "count": 1, "until": ""}  # and fits no further
    places = os.pathsep.join([str(ROOT / "tests" / "held"), str(ROOT / "src")])
    process = subprocess.Popen(
        [sys.executable, "-m", "roomtone", "thesis", *command],
        env={**os.environ, "ROOMTONE_HELD": json.dumps(terms), "PYTHONPATH": places},
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while not list(cells.glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.01)
    still_at_work = process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert still_at_work
    assert len(list(cells.glob("*.json"))) == 1
    assert not (tmp_path / "t" / "report").exists()
    assert main(["thesis", *command]) == 0
    assert (tmp_path / "t" / "report" / "report.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--train_csv", "x.csv"], "--val_csv, --test_csv: missing"),
        (["--without", "crosval"], "did you mean 'crossval'"),
        (["--config", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["--explained", "0"], "expected 1 or more"),
    ],
)
def test_mistakes_are_told_before_anything_is_done(arguments, said, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(["thesis", *arguments, "--output_dir", str(tmp_path / "t")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "t").exists()


def test_the_steps_can_be_listed(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(["thesis", "--list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names[:4] == ["corpus", "vectors", "audit", "crossval"]
    assert names[-1] == "report"


def test_a_step_that_fails_is_named(flags, tmp_path, capfd):
    without = ["--without", "vectors,audit,learning-curve,train,explain"]
    command = ["--output_dir", str(tmp_path / "t"), "--folds", "900"]
    assert main(["thesis", *flags, *without, *command]) == 2
    error = capfd.readouterr().err
    assert "900" in error
    assert "step crossval failed" in error
