"""Every command and the fragment of docs/explanations.md, in their order, in one folder."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from doc_pages import blocks, commands, page

from roomtone.cli.main import main
from roomtone.engines import save_engine
from roomtone.explain import METHODS
from roomtone.labels import SENTIMENT

PAGE = page("explanations.md")
BLOCKS = blocks(PAGE)


@pytest.fixture
def _folder(run, other_run, svm, labelled, tmp_path, monkeypatch):
    save_engine(svm, tmp_path / "models" / "svm")
    for number, source in enumerate((run, other_run), start=1):
        shutil.copytree(source, tmp_path / "output" / f"seed-{number}")
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "test.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["text", "label"])
        texts, labels = labelled
        table.writerows(zip(texts, (SENTIMENT[label] for label in labels), strict=True))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_folder")
def test_the_page_runs_as_it_stands(capsys):
    assert [language for language, _ in BLOCKS] == ["bash", "bash", "python"]
    for language, block in BLOCKS:
        if language == "python":
            exec(block, {})
            continue
        for program, *arguments in commands(block):
            assert program == "roomtone"
            assert main(arguments) == 0, arguments
    shown = capsys.readouterr().out
    assert "Attention of 2 runs" in shown
    assert "With every attention weight made equal" in shown
    assert {path.name for path in Path("why_runs").iterdir()} >= {
        *("explained.html", "explained.json", "words.csv", "errors.csv", "faithfulness.png"),
    }
    assert Path("why/text_1_attention_heads.png").is_file()


def test_the_page_names_every_method():
    assert all(f"| `{name}` |" in PAGE for name in METHODS)
