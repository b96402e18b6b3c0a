from __future__ import annotations

import json
from pathlib import Path

import pytest

from roomtone.cli.main import main
from roomtone.experiments.ablations import ABLATIONS


def test_it_names_the_ablations(capsys):
    assert main(["ablate", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(ABLATIONS)


def test_it_prints_a_table_and_writes_result_and_figure(tiny_study, capsys):
    assert main(["ablate", *tiny_study, "--only", "no_cnn,no_dropout", "--seeds", "2"]) == 0
    said = capsys.readouterr().out
    assert "full model" in said
    assert "no CNN" in said
    assert said.count("With 2 seeds their spread is hardly known") == 1
    assert "output/ablation/ablation.json" in said
    folder = Path("output/ablation")
    assert {p.name for p in (folder / "figures").iterdir()} == {
        "ablation.json",
        "ablation.png",
        "ablation.pdf",
    }
    shown = json.loads((folder / "figures" / "ablation.json").read_text(encoding="utf-8"))
    assert shown == json.loads((folder / "ablation.json").read_text(encoding="utf-8"))
    # The same command finds everything done.
    assert main(["ablate", *tiny_study, "--only", "no_cnn,no_dropout", "--seeds", "2"]) == 0
    assert capsys.readouterr().out.count("(before") == 6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "no_cmm"], "--only no_cmm: no such ablation; did you mean 'no_cnn'?"),
        (["--seeds", "0"], "--seeds 0: expected 1 or more"),
        (["--folds", "1"], "--folds 1: expected 2 or more"),
        (["--folds", "999"], "--folds 999: expected 2 to"),
        (["--resume", "nowhere"], "leave out --train_csv, --val_csv"),
    ],
)
def test_a_mistake_is_a_clear_error(tiny_study, arguments, message, capsys):
    assert main(["ablate", *tiny_study, *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
