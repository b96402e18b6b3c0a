from __future__ import annotations

from pathlib import Path

import pytest

from roomtone.cli.main import main


def test_it_prints_a_table_and_writes_result_and_figure(tiny_study, capsys):
    arguments = [*tiny_study, "--sizes", "24,all", "--models", "hybrid_dl,svm", "--seeds", "2"]
    assert main(["learning-curve", *arguments]) == 0
    said = capsys.readouterr().out
    assert "hybrid_dl: from 24 to 48 rows " in said
    assert "svm against hybrid_dl, 24 rows: " in said
    assert "svm against hybrid_dl, 48 rows: " in said
    assert "over all 2 comparisons" in said
    assert said.count("With 2 seeds their spread is hardly known") == 1
    folder = Path("output/learning_curve")
    assert (folder / "learning_curve.json").is_file()
    assert {path.name for path in (folder / "figures").iterdir()} == {
        "learning_curve.json",
        "learning_curve.png",
        "learning_curve.pdf",
    }
    assert main(["learning-curve", "--resume", str(folder)]) == 0
    assert capsys.readouterr().out.count("(before") == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sizes", "5"], "--sizes 5: expected a number of rows from 10 to 48"),
        (["--models", "bert"], "--models bert: no such model"),
        (["--seeds", "0"], "--seeds 0: expected 1 or more"),
    ],
)
def test_a_mistake_is_a_clear_error(tiny_study, arguments, message, capsys):
    assert main(["learning-curve", *tiny_study, *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
