"""Every command of `docs/audit.md`, in their order, in one folder; its findings and flags."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from doc_pages import ROOT, blocks, commands, page, write_songs

from roomtone.cli.main import main
from roomtone.data.audit.kinds import KINDS

PAGE = page("audit.md")
COMMANDS = [words for _, block in blocks(PAGE, "bash") for words in commands(block)]


@pytest.fixture
def _folder(tmp_path, monkeypatch):
    for name, rows in (("train", 150), ("val", 60), ("test", 60), ("comments", 100)):
        write_songs(tmp_path / f"{name}.csv", rows)
    first = (tmp_path / "test.csv").read_text(encoding="utf-8").splitlines()[1]
    with (tmp_path / "train.csv").open("a", encoding="utf-8") as stream:
        stream.write(f"{first}\n")  # a leak
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_folder")
def test_the_commands_run_as_they_stand():
    audits = [words[1:] for words in COMMANDS if words[0] == "roomtone"]
    assert len(audits) == 3
    for words in audits:
        assert main(words) == 0, words
    table = page_table("What is written")
    for name in ("audit", "comments_audit"):
        written = {path.name for path in Path(name).iterdir()}
        assert written == {cell.rstrip("/") for cell in table}
    with Path("audit", "findings.csv").open(encoding="utf-8", newline="") as stream:
        assert "leak" in {row["finding"] for row in csv.DictReader(stream)}


def page_table(section: str) -> list[str]:
    """Return what stands in code in the first column of a section's table."""
    text = PAGE.partition(f"## {section}")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_every_finding_stands_in_the_table():
    assert sorted(page_table("What is looked for")) == sorted(KINDS)


def test_the_script_of_the_benchmark_is_there():
    scripts = [words[1] for words in COMMANDS if words[0] == "python"]
    assert len(scripts) == 1
    assert all((ROOT / script).is_file() for script in scripts)
