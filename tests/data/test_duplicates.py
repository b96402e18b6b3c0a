"""Comments that occur twice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.data.duplicates import TextKeys, find_duplicates, find_overlap, fold


def duplicates(texts, labels):
    lines = np.arange(2, len(texts) + 2)
    return find_duplicates(TextKeys.of(texts), np.array(labels, dtype=np.int64), lines)


def overlap(source, source_labels, texts, labels):
    return find_overlap(
        ("train", TextKeys.of(source), np.array(source_labels, dtype=np.int64)),
        ("test", TextKeys.of(texts), np.array(labels, dtype=np.int64)),
        np.arange(2, len(texts) + 2),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Great film", "great  FILM!!!"),
        ("see https://a.example/b", "See http://c.example/d?e=1"),
        ("@anna you are right", "@bob: you are right."),
        ("I don't know", "i dont know"),
        ("It&#39;s <b>fine</b>", "its fine"),
        ("“so” good…", '"So" good'),
    ],
)
def test_case_punctuation_links_and_names_do_not_tell_texts_apart(one, other):
    assert len(set(fold([one, other]))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ok :)", "ok :("),
        ("ok ^_^", "ok -_-"),
        ("😡😡", "😍😍"),
        ("+1", "-1"),
        ("5/10", "510"),
        ("!!!", "???"),
        ("love <3", "love"),
        ("not good", "good"),
        ("très bon", "tres bon"),
    ],
)
def test_what_changes_the_meaning_tells_texts_apart(one, other):
    assert len(set(fold([one, other]))) == 2


def test_rows_beyond_the_first_are_counted():
    found = duplicates(["a b", "a b", "A b!", "c", "d"], [0, 0, 0, 1, 2])
    assert (found.exact, found.normalized) == (1, 2)
    assert (found.conflicting_texts, found.conflicting_rows, found.conflicting_lines) == (0, 0, ())


def test_labels_that_disagree_are_found_with_their_lines():
    found = duplicates(["x", "c", "a b", "X!", "a b", "A, b", "c"], [0, 1, 0, 2, 0, 1, 1])
    assert (found.conflicting_texts, found.conflicting_rows) == (2, 5)
    assert found.conflicting_lines == ((2, 5), (4, 6, 7))


def test_a_split_without_rows_has_no_duplicates():
    found = duplicates([], [])
    assert (found.exact, found.normalized, found.conflicting_texts) == (0, 0, 0)


def test_rows_that_stand_in_an_earlier_split_are_counted_with_their_lines():
    found = overlap(["A b", "c d", "e"], [0, 1, 2], ["new", "a b.", "c d", "c d"], [0, 0, 1, 2])
    assert (found.exact, found.normalized, found.share) == (2, 3, 0.75)
    assert (found.conflicting, found.lines) == (1, (3, 4, 5))


def test_unlike_splits_do_not_overlap():
    found = overlap(["a"], [0], ["b", "c"], [0, 1])
    assert (found.exact, found.normalized, found.share, found.lines) == (0, 0, 0.0, ())


words = st.lists(st.sampled_from(["a", "A", "b", "b!", "😡", ":)", ""]), max_size=3).map(" ".join)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(words, st.integers(0, 2)), max_size=30))
def test_counts_agree_with_counting_one_by_one(rows):
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    found = duplicates(texts, labels)
    by_text = {}
    for text, label in zip(fold(texts), labels, strict=True):
        by_text.setdefault(text, []).append(label)
    torn = [given for given in by_text.values() if len(set(given)) > 1]
    assert found.exact == len(texts) - len(set(texts))
    assert found.normalized == len(texts) - len(by_text)
    assert found.conflicting_texts == len(torn)
    assert found.conflicting_rows == sum(map(len, torn))


@settings(deadline=None)
@given(
    source=st.lists(st.tuples(words, st.integers(0, 2)), max_size=20),
    split=st.lists(st.tuples(words, st.integers(0, 2)), max_size=20),
)
def test_overlaps_agree_with_looking_up_one_by_one(source, split):
    texts, labels = [text for text, _ in split], [label for _, label in split]
    found = overlap([t for t, _ in source], [label for _, label in source], texts, labels)
    labels_of = {}
    for text, label in zip(fold([text for text, _ in source]), [y for _, y in source], strict=True):
        labels_of.setdefault(text, set()).add(label)
    known = [(t, y) for t, y in zip(fold(texts), labels, strict=True) if t in labels_of]
    assert found.exact == sum(text in {t for t, _ in source} for text in texts)
    assert found.normalized == len(known)
    assert found.conflicting == sum(label not in labels_of[text] for text, label in known)
