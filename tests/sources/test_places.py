from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.sources.places import Place

TOKENS = st.none() | st.text(min_size=1, max_size=30)
PLACES = st.builds(
    Place, TOKENS, st.lists(st.text(max_size=30), max_size=5).map(tuple), TOKENS,
    st.integers(0, 10**9), st.booleans(),
)  # fmt: skip


@given(PLACES)
def test_a_place_survives_being_written(place):
    assert Place.from_text(place.to_text()) == place


@pytest.mark.parametrize("text", ["", "{}", "[]", "CAoQAA", '{"parents": [], "other": 1}', "3"])
def test_anything_else_is_refused(text):
    with pytest.raises(DataError, match="fetch from the start"):
        Place.from_text(text)


def test_the_end_is_reached_when_neither_replies_nor_pages_are_left():
    assert Place().after_threads(3, (), None) is None
    place = Place().after_threads(3, ("a", "b"), None)
    assert place == Place(None, ("a", "b"), None, 3, last=True)
    more = place.after_replies(2, "next")
    assert more == Place(None, ("a", "b"), "next", 5, last=True)
    assert more.after_replies(1, None) == Place(None, ("b",), None, 6, last=True)
    assert more.after_replies(1, None).after_replies(0, None) is None
