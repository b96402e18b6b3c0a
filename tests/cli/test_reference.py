from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from roomtone.cli.reference import render
from roomtone.config.flags import FLAGS
from roomtone.config.tree import LEAVES

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def rows() -> dict[str, list[str]]:
    """Read the page back: the cells of each key's row, by the key's path."""
    section, found = "", {}
    for line in render().splitlines():
        if line.startswith("## "):
            section = "" if line == "## Top level" else line.strip("#` ") + "."
        elif line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            found[section + cells[0].strip("`")] = cells
    return found


def test_the_page_in_the_repository_is_current():
    if PAGE.read_text(encoding="utf-8") != render():
        pytest.fail("docs/configuration.md is not what the schema says; run `make docs`")


def test_every_key_has_a_row_and_no_row_is_not_a_key():
    assert rows().keys() == LEAVES.keys()


def test_every_row_is_whole_and_says_what_the_key_means():
    for path, cells in rows().items():
        assert len(cells) == 5, path
        assert cells[1], path
        assert cells[2], path
        assert cells[4].endswith("."), path


def test_every_flag_stands_beside_each_key_that_it_sets():
    found = rows()
    for flag in FLAGS:
        for key in flag.keys:
            assert found[key][3] == f"`--{flag.name}`"


def test_defaults_ranges_and_choices_are_those_of_the_schema():
    found = rows()
    assert found["training.batch_size"][1:3] == ["`32`", "whole number, at least 1"]
    assert found["model.cnn.dropout"][1:3] == ["`0.3`", "number, at least 0, less than 1"]
    assert found["model.cnn.filter_sizes"][1] == "`[3, 4, 5]`"
    assert found["training.optimizer"][2] == "`adam`, `adamw`"
    assert found["threads"][2] == "`auto` or whole number, at least 1"
    assert found["test_csv"][1:3] == ["`null`", "path or `null`"]
    assert "`val_f1_macro`" in found["training.early_stopping.monitor"][2]


def test_the_module_prints_the_page():
    done = subprocess.run(
        [sys.executable, "-m", "roomtone.cli.reference"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == render()
