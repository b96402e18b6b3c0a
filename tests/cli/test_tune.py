from __future__ import annotations

from pathlib import Path

import pytest

from roomtone.cli.main import main


def test_it_searches_and_says_what_is_gain_and_what_is_luck(tiny_study, capsys):
    arguments = [*tiny_study, "--search", "optuna", "--trials", "3", "--no_lr_find"]
    assert main(["tune", *arguments]) == 0
    said = capsys.readouterr().out
    assert "4 trials (4 done) on 48 validation rows" in said
    assert "the corrected gain is a cautious estimate" in said
    assert "Train it with: roomtone train --config output/tuning/best.yaml" in said
    folder = Path("output/tuning")
    assert {path.name for path in (folder / "figures").iterdir()} == {
        "tuning.json",
        "tuning.png",
        "tuning.pdf",
    }
    # The best configuration trains as it stands.
    assert main(["train", "--config", str(folder / "best.yaml"), "--quiet"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--search", "grid"], "invalid choice: 'grid'"),
        (["--trials", "5"], "--trials: the guide's grid has its own number; use --search optuna"),
        (["--search", "optuna", "--trials", "0"], "--trials 0: expected 1 or more"),
        (["--early_stopping_monitor", "train_loss"], "expected a metric that begins with val_"),
    ],
)
def test_a_mistake_is_a_clear_error(tiny_study, arguments, message, capsys):
    assert main(["tune", *tiny_study, *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_without_optuna_it_says_how_to_get_it(tiny_study, monkeypatch, capsys):
    import sys

    monkeypatch.setitem(sys.modules, "optuna", None)
    assert main(["tune", *tiny_study, "--search", "optuna"]) == 2
    assert "pip install 'roomtone[tune]'" in capsys.readouterr().err
