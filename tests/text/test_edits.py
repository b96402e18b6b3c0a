"""Edits of a string, with and without their sources."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from roomtone.text.edits import Sourced, edit, replacing


def test_a_replacement_stands_for_all_that_it_replaces():
    sourced = Sourced.original("a&amp;b").edited([(1, 6, "&")])
    assert sourced.text == "a&b"
    assert sourced.starts.tolist() == [0, 1, 6]
    assert sourced.ends.tolist() == [1, 6, 7]


def test_every_character_of_a_longer_replacement_has_the_same_source():
    sourced = Sourced.original("x…").edited([(1, 2, "...")])
    assert sourced.starts.tolist() == [0, 1, 1, 1]
    assert sourced.ends.tolist() == [1, 2, 2, 2]


def test_a_later_edit_leads_back_to_the_original():
    sourced = Sourced.original("12345").edited([(0, 2, "a")]).edited([(0, 2, "bb")])
    assert sourced.text == "bb45"
    assert sourced.starts.tolist() == [0, 0, 3, 4]
    assert sourced.ends.tolist() == [3, 3, 4, 5]


def test_no_edit_is_listed_where_nothing_would_change():
    assert replacing(re.compile("[ab]"), "a")("abc") == [(1, 2, "a")]


@given(st.text("ab&", max_size=30), st.sampled_from(["", "x", "xyz"]))
def test_the_same_edits_give_the_same_text_with_and_without_sources(text, new):
    edits = replacing(re.compile("&+"), new)(text)
    sourced = Sourced.original(text).edited(edits)
    assert sourced.text == edit(text, edits) == re.sub("&+", new, text)
    assert len(sourced.starts) == len(sourced.ends) == len(sourced.text)
    assert np.all(sourced.starts < sourced.ends)
    for char, start, end in zip(sourced.text, sourced.starts, sourced.ends, strict=True):
        assert text[start:end] == char or set(text[start:end]) == {"&"}
