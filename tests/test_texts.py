from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.texts import storable

HALVES = st.text(st.characters(categories=["Cs"]) | st.sampled_from("a\0é😊\ufeff"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\0b", "ab"), ("\ud83d\ude0a!", "😊!"), ("hi \ud83d there", "hi \ufffd there"), ("", "")],
)
def test_what_nothing_stores_is_replaced(text, kept):
    assert storable(text) == kept


@given(st.text())
def test_other_texts_stay_as_they_are(text):
    assert storable(text) == text.replace("\0", "")


@given(HALVES)
def test_anything_can_be_stored_afterwards(text):
    kept = storable(text)
    assert "\0" not in kept
    assert storable(kept) == kept
    assert kept.encode().decode() == kept
