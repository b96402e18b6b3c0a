from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone_site.comments.fields import likes_of, published_of, sentiment_of, text_of
from roomtone_site.comments.incoming import MOST_LIKES

WHEN = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
# With halves of surrogate pairs, which JSON may hold and no encoding has.
ANY_TEXT = st.text(st.characters(codec=None))
ANYTHING = st.one_of(ANY_TEXT, st.none(), st.integers(), st.floats(), st.booleans())


@pytest.mark.parametrize(
    ("value", "likes"),
    [
        ("12", 12),
        (7, 7),
        (7.0, 7),
        ("12.0", 12),
        ("1,234", 1234),
        ("1.234.567", 1_234_567),
        ("1.2K", 1200),
        ("3,5 m", 3_500_000),
        ("9B", MOST_LIKES),
        ("", 0),
        (None, 0),
        (float("nan"), 0),
    ],
)
def test_counts(value, likes):
    assert likes_of(value) == likes


@pytest.mark.parametrize("value", ["-1", "3.5", "many", "1,23", "K", "١٢٣x", True])
def test_what_is_no_count(value):
    with pytest.raises(DataError, match="is no number from 0 up"):
        likes_of(value)


@pytest.mark.parametrize(
    ("value", "when"),
    [
        ("2026-01-31T18:30:00Z", WHEN),
        ("2026-01-31T19:30:00+01:00", WHEN),
        ("2026-01-31 18:30", WHEN),
        (WHEN.timestamp(), WHEN),
        (str(int(WHEN.timestamp())), WHEN),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("Mon Apr 06 22:19:45 PDT 2009", datetime(2009, 4, 7, 5, 19, 45, tzinfo=UTC)),
        ("Sat Jan 31 18:30:00 +0000 2026", WHEN),
        ("", None),
        (None, None),
    ],
)
def test_times(value, when):
    assert published_of(value) == when


@pytest.mark.parametrize(
    "value", ["2 years ago", "2026-13-01", "Mon Abc 06 22:19:45 PDT 2009", "99999999999999", "0"]
)
def test_what_is_no_time(value):
    with pytest.raises(DataError, match="is no time"):
        published_of(value)


@pytest.mark.parametrize(
    ("value", "code"), [("Positive", 2), ("neg", 0), (1, 1), ("1.0", 1), ("", None), (None, None)]
)
def test_labels(value, code):
    assert sentiment_of(value) == code


def test_what_is_no_label():
    with pytest.raises(DataError, match=r"label: 'happy' is none of negative \(0\)"):
        sentiment_of("happy")


@given(ANYTHING)
def test_anything_is_read_or_refused(value):
    for read in (likes_of, published_of, sentiment_of):
        with suppress(DataError):
            read(value)


@given(st.integers(0, MOST_LIKES))
def test_whole_numbers_stay_as_they_are(likes):
    assert likes_of(str(likes)) == likes_of(f"{likes:,}") == likes


@given(ANY_TEXT)
def test_names_can_be_stored(value):
    assert "\0" not in text_of(value)
    text_of(value).encode()
