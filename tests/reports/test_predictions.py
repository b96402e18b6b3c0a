from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.reports.predictions import read_predictions

NAMES = ("bad", "good")
HEADER = "row,line,text,label,predicted,confidence,p_bad,p_good\n"


def write(tmp_path, content: str):
    path = tmp_path / "predictions.csv"
    path.write_text(content, encoding="utf-8", newline="")
    return path


def test_columns_are_read_by_name_and_labels_by_name_or_code(tmp_path):
    found = read_predictions(
        write(tmp_path, HEADER + '0,2,"a, ""b""\nc",bad,good,0.75,0.25,0.75\n1,4,d,1,good,1,0,1\n'),
        NAMES,
    )
    assert found.texts == ('a, "b"\nc', "d")
    assert found.lines.tolist() == [2, 4]
    assert (found.labels.tolist(), found.predicted.tolist()) == ([0, 1], [1, 1])
    np.testing.assert_array_equal(found.probs, [[0.25, 0.75], [0, 1]])


def test_text_line_and_probabilities_may_be_absent(tmp_path):
    found = read_predictions(
        write(tmp_path, "label,predicted,confidence\nbad,good,0.7\ngood,good,0.6\n"), NAMES
    )
    assert (found.texts, found.probs) == (None, None)
    assert found.lines.tolist() == [1, 2]


def test_a_class_that_is_called_like_a_code_keeps_its_own_code(tmp_path):
    found = read_predictions(write(tmp_path, "label,predicted,confidence\n1,0,0.7\n"), ("1", "0"))
    assert (found.labels.tolist(), found.predicted.tolist()) == ([0], [1])


@given(texts=st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=5))
def test_any_text_is_read_as_it_was_written(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("run") / "predictions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label", "predicted", "confidence"])
        writer.writerows([text, "bad", "bad", 1] for text in texts)
    assert read_predictions(path, NAMES).texts == tuple(texts)


def test_a_text_of_a_megabyte_is_read_and_the_global_limit_is_kept(tmp_path):
    before = csv.field_size_limit()
    content = f"text,label,predicted,confidence\n{'x' * 1_000_000},bad,bad,1\n"
    assert len(read_predictions(write(tmp_path, content), NAMES).texts[0]) == 1_000_000
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", r"no column label, predicted, confidence \(columns: none\)"),
        ("label,confidence\n", r"no column predicted \(columns: label, confidence\)"),
        (HEADER + "0,2,a,bad,good,0.7\n", "line 2: 6 fields where the header has 8"),
        (HEADER + "0,2,a,odd,good,0.7,0.3,0.7\n", "line 2: label 'odd' is none of 0, 1, bad, good"),
        (HEADER + "0,2,a,bad,good,high,0.3,0.7\n", "'high' is no probability"),
        (HEADER + "0,2,a,bad,good,nan,0.3,0.7\n", "'nan' is no probability"),
        (HEADER + "0,2,a,bad,good,0.7,0.3,1.7\n", r"'1\.7' is no probability"),
    ],
)
def test_damage_is_reported_with_its_place(tmp_path, content, complaint):
    with pytest.raises(DataError, match=complaint):
        read_predictions(write(tmp_path, content), NAMES)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "predictions.csv"
    path.write_bytes(b"label,predicted,confidence\nbad,\xff\xfe,1\n")
    with pytest.raises(DataError, match="damaged"):
        read_predictions(path, NAMES)


def test_the_most_confident_errors_come_first_and_right_ones_not_at_all(tmp_path):
    rows = ["bad,good,0.7", "bad,bad,0.99", "good,bad,0.9", "bad,good,0.7"]
    content = "label,predicted,confidence\n" + "\n".join(rows) + "\n"
    found = read_predictions(write(tmp_path, content), NAMES)
    assert found.confident_errors(10) == [2, 0, 3]
    assert found.confident_errors(1) == [2]
