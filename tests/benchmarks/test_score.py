from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.slow
def test_each_format_is_scored_at_two_sizes_in_processes_of_their_own(
    script: Any, tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "out.json"
    done = script("score.py", "--rows", 3000, "--json", path)
    found = json.loads(path.read_text("utf-8"))
    assert [(entry["format"], entry["rows"]) for entry in found] == [
        (form, rows) for rows in (300, 3000) for form in ("csv", "jsonl", "parquet")
    ]
    for entry in found:
        assert entry["bad"] == 0
        assert 0 < entry["loaded"] <= entry["peak"] < 2**30
        assert entry["seconds"] > 0
    assert "below 1 GiB" in done.stdout
