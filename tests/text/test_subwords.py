"""Runs of characters: which they are, that they are numbered alike everywhere, and limits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from roomtone.text.subwords import character_ngrams

BUCKETS = 5000


def runs(words: list[str], **changes: int) -> np.ndarray:
    return character_ngrams(
        words, **{"buckets": BUCKETS, "shortest": 3, "longest": 5, "limit": 64, **changes}
    )


def fnv(text: str) -> int:
    value = 2166136261
    for char in text:
        value = ((value ^ ord(char)) * 16777619) % 2**32
    return value % BUCKETS


def by_hand(word: str) -> list[int]:
    marked = f"<{word}>"
    return [
        fnv(marked[at : at + size]) for size in (3, 4, 5) for at in range(len(marked) - size + 1)
    ]


@given(st.lists(st.text(max_size=12), max_size=8))
def test_the_runs_of_each_word_are_those_counted_by_hand(words: list[str]) -> None:
    for word, row in zip(words, runs(words), strict=True):
        expected = by_hand(word) if word else []
        assert row[: len(expected)].tolist() == expected
        assert (row[len(expected) :] == BUCKETS).all()


def test_a_word_has_the_same_runs_beside_any_others() -> None:
    alone = runs(["wonderful"])
    assert (runs(["x", "wonderful", ""])[1] == alone[0]).all()


def test_relatives_share_runs_and_strangers_do_not() -> None:
    love, loving, tax = (set(row.tolist()) - {BUCKETS} for row in runs(["lovely", "loving", "tax"]))
    assert len(love & loving) >= 3
    assert not love & tax


def test_of_a_long_word_only_the_first_runs_are_kept() -> None:
    full, cut = runs(["incomprehensibilities"]), runs(["incomprehensibilities"], limit=10)
    assert cut.shape == (1, 10)
    assert (cut[0] == full[0, :10]).all()


def test_many_words_are_numbered_as_few_are() -> None:
    words = [f"word{number}" for number in range(45_000)]
    table = runs(words)
    some = [0, 19_999, 20_000, 44_999]
    assert (table[some] == runs([words[at] for at in some])).all()


def test_no_words_give_an_empty_table() -> None:
    assert runs([]).shape == (0, 64)
