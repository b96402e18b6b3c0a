"""Files to audit, written row by row."""

from __future__ import annotations

import csv

import pytest

from roomtone.data.audit.reading import open_sources, read_audited


@pytest.fixture
def files(tmp_path):
    """A function that writes files of (text, label) rows and gives their paths."""

    def write(*tables, names=("train.csv", "val.csv", "test.csv")):
        if len(tables) == 2:
            names = ("train.csv", "test.csv")
        paths = []
        for name, rows in zip(names, tables, strict=False):
            path = tmp_path / name
            with path.open("w", encoding="utf-8", newline="") as file:
                table = csv.writer(file)
                table.writerow(["text", "label"])
                table.writerows(rows)
            paths.append(path)
        return paths

    return write


@pytest.fixture
def read(files):
    """A function that writes files and reads them for an audit."""
    return lambda *tables: read_audited(open_sources(files(*tables), "text", "label"))
