from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.labels import SENTIMENT, LabelScheme

SCHEME = LabelScheme()


@pytest.mark.parametrize(("code", "name"), list(enumerate(SENTIMENT)))
def test_a_sentiment_is_read_in_any_case_by_name_short_form_and_code(code, name):
    spellings = [name, name.upper(), name.title(), f"  {name}\t", name[:3], name[:3].upper()]
    spellings += [code, float(code), np.int64(code), str(code), f"{code}.0", f"{code}.00"]
    spellings += [f"label_{code}", f"LABEL_{code}", f"class {code}", f"class-{code}", f"0{code}"]
    assert [SCHEME.parse(spelling) for spelling in spellings] == [code] * len(spellings)


@pytest.mark.parametrize(
    "value", ["3", "-1", "1.5", "", " ", "nan", None, "positively", "label_3", "1,0", "²", True]
)
def test_anything_else_is_refused_with_the_labels_that_are_known(value):
    with pytest.raises(DataError, match=r"known: negative \(0\), neutral \(1\), positive \(2\)"):
        SCHEME.parse(value)


def test_a_mistyped_label_gets_a_suggestion():
    with pytest.raises(DataError, match=r"unknown label 'postive'.*did you mean 'positive'"):
        SCHEME.parse("postive")


@given(st.text() | st.integers() | st.floats() | st.none())
def test_any_value_is_a_class_or_refused(value):
    try:
        assert SCHEME.parse(value) in {0, 1, 2}
    except DataError as error:
        assert repr(str(value)) in str(error)  # noqa: PT017


def test_a_map_gives_the_names_in_the_order_of_the_codes_and_every_spelling():
    scheme = LabelScheme.from_map({"Good": 1, "bad": 0, "fine": 1})
    assert scheme.names == ("bad", "Good")
    assert scheme.num_classes == 2
    assert [scheme.parse(word) for word in ("good", "FINE", " Bad ", "1")] == [1, 1, 0, 1]


def test_a_users_own_numbers_come_before_the_codes():
    scheme = LabelScheme.from_map({"1": 0, "2": 1, "3": 2})
    assert [scheme.parse(value) for value in (1, 2, 3)] == [0, 1, 2]


def test_a_map_has_no_short_forms_but_its_own():
    with pytest.raises(DataError, match="unknown label 'pos'"):
        LabelScheme.from_map({"negative": 0, "positive": 1}).parse("pos")


@pytest.mark.parametrize(
    ("label_map", "message"),
    [
        ({"a": 0, "b": 2}, r"the codes must be 0 to 1 without a gap, found \[0, 2\]"),
        ({"a": 1, "b": 2}, r"the codes must be 0 to 1 without a gap, found \[1, 2\]"),
        ({"a": -1, "b": 0}, r"found \[-1, 0\]"),
        ({"a": 0, "A": 1}, "'A' stands for two classes"),
    ],
)
def test_a_map_that_names_no_classes_clearly_is_refused(label_map, message):
    with pytest.raises(DataError, match=message):
        LabelScheme.from_map(label_map)


def test_two_spellings_that_differ_in_case_and_agree_are_one():
    assert LabelScheme.from_map({"a": 0, "A": 0, "b": 1}).names == ("a", "b")


@pytest.mark.parametrize(
    ("count", "names"), [(3, SENTIMENT), (2, ("class_0", "class_1")), (4, None), (20, None)]
)
def test_a_number_of_classes_has_usual_names(count, names):
    scheme = LabelScheme.numbered(count)
    assert scheme.num_classes == count
    assert names is None or scheme.names == names
    assert [scheme.parse(name) for name in scheme.names] == list(range(count))
    assert [scheme.parse(code) for code in range(count)] == list(range(count))
