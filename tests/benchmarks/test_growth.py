from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from corpus import Source, write_corpus
from growth import exponent

from roomtone.data.tables import read_labelled
from roomtone.labels import LabelScheme


@pytest.mark.slow
def test_sizes_are_measured_one_by_one_and_their_bytes_add_up(
    script: Any, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out.json"
    small = ("--sizes", 300, 60, "--steps", 2, "--config", "configs/tiny.yaml")
    done = script("growth.py", "--csv", folder / "train.csv", *small, "--json", path)
    found = json.loads(path.read_text("utf-8"))
    assert list(found["sizes"]) == ["60", "300"]
    for rows, values in found["sizes"].items():
        assert values["rows"] == int(rows)
        # Codes of four bytes; offsets and labels of eight.
        assert values["bytes"]["encoded"] == 4 * values["tokens"] + 8 * (2 * int(rows) + 1)
        assert values["steps"] == 2
        assert all(seconds > 0 for seconds in values["seconds"].values())
        size = values["bytes"]
        assert size["imported"] <= size["peak"] <= size["peak_training"]
    assert set(found["seconds_exponent"]) == set(found["sizes"]["60"]["seconds"])
    assert "carried on to a million rows" in done.stdout


def test_the_exponent_is_that_of_a_power_law() -> None:
    assert exponent({10: 3.0, 100: 30.0, 1000: 3000.0}) == pytest.approx(2)
    assert exponent({10: 5.0, 1000: 5.0}) == pytest.approx(0)
    assert exponent({10: 5.0}) is None


@pytest.mark.parametrize("given", [True, False])
def test_a_made_up_corpus_has_the_rows_asked_for_and_the_same_bytes_again(
    given: bool, folder: Path, tmp_path: Path
) -> None:
    paths = [tmp_path / "first.csv", tmp_path / "second.csv"]
    for path in paths:
        write_corpus(path, 500, Source(folder / "train.csv" if given else None))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    table = read_labelled(paths[0], labels=LabelScheme())
    assert len(table.texts) == 500
    assert not table.rejected
    words = {word for text in table.texts for word in text.split()}
    new = {word for word in words if word.startswith("new")}
    assert 0 < len(new) < len(words)
    assert len(set(table.texts)) < 500, "some rows are to repeat others"
