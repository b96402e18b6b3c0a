from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django", reason="the site needs: pip install 'roomtone[site]'")


@pytest.mark.slow
def test_pages_are_timed_and_cost_as_many_queries_for_few_comments_as_for_many(
    script: Any, tmp_path: Path
) -> None:
    path = tmp_path / "out.json"
    options = ("--databases", "sqlite", "--comments", "6000", "--repeats", "2", "--json", path)
    done = script("site_pages.py", *options)
    found = json.loads(path.read_text("utf-8"))
    pages = [row for row in found if row["step"] == "time"]
    assert len(pages) == 2 * len({row["name"] for row in pages}) > 20
    assert all(0 < row["p50"] <= row["p95"] for row in pages)
    for name in {row["name"] for row in pages}:
        few, many = (row["queries"] for row in pages if row["name"] == name)
        assert few == many > 0, name
    work = [row for row in found if row["step"] != "time"]
    assert [row["comments"] for row in work] == [600, 600, 6000, 6000]
    assert all(row["peak"] >= row["before"] > 0 for row in work)
    assert "search, rare word" in done.stdout
