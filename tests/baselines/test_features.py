from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from roomtone.baselines.features import TextFeatures
from roomtone.baselines.tfidf import TOKEN_PATTERN

VOCABULARY = (
    *("good", "bad", "so", "film", "don't", "it’s", "SO", "Straße", "İstanbul", "日本語", "naïve"),
    *(
        "😡",
        "👍🏽",
        "!",
        "?!",
        "...",
        "a",
        "b2b",
        "snake_case",
        "@ann",
        "#tag",
        "x",
        "supercalifragil",
    ),
)
BLANKS = (" ", "  ", "\n", "\t ", "\u00a0", "\u2003", "\x1c", "\u200b")


def invent(count: int, seed: int, words=VOCABULARY) -> list[str]:
    source = random.Random(seed)
    return [
        "".join(
            source.choice(words) + source.choice(BLANKS if source.random() < 0.3 else (" ", ""))
            for _ in range(source.randrange(25))
        )
        for _ in range(count)
    ]


def fitted(texts, *, longest=2, min_df=1):
    """Give scikit-learn's two vectorizers, and our features made from what they have learnt."""
    shared = {"sublinear_tf": True, "dtype": np.float32, "min_df": min_df}
    words = TfidfVectorizer(token_pattern=TOKEN_PATTERN, ngram_range=(1, longest), **shared)
    runs = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), **shared)
    both = [vectorizer.fit(texts) for vectorizer in (words, runs)]
    terms = [sorted(v.vocabulary_, key=v.vocabulary_.__getitem__) for v in both]
    idf = np.concatenate([v.idf_ for v in both]).astype(np.float32)
    return both, TextFeatures(*terms, idf)


def assert_the_same(vectorizers, features, texts):
    ours = features.transform(texts).toarray()
    theirs = np.hstack([vectorizer.transform(texts).toarray() for vectorizer in vectorizers])
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype == np.float32


@pytest.mark.parametrize("longest", [1, 2, 3])
@pytest.mark.parametrize("min_df", [1, 3])
def test_features_are_scikit_learns_bit_for_bit(longest, min_df):
    vectorizers, features = fitted(invent(400, 1), longest=longest, min_df=min_df)
    unseen = invent(1500, 2, (*VOCABULARY, "unseen", "goodbye", "ünseen", "_", "''"))
    assert_the_same(vectorizers, features, unseen)


VECTORIZERS, FEATURES = fitted(invent(300, 3))


@settings(max_examples=300)
@given(st.lists(st.text(), max_size=6))
def test_features_of_any_text_are_scikit_learns(texts):
    if texts:
        assert_the_same(VECTORIZERS, FEATURES, texts)


@settings(max_examples=200)
@given(st.lists(st.lists(st.sampled_from((*VOCABULARY, *BLANKS))).map("".join), min_size=1))
def test_features_of_texts_of_known_words_are_scikit_learns(texts):
    assert_the_same(VECTORIZERS, FEATURES, texts)


def test_a_text_has_the_same_features_alone_and_among_others():
    texts = invent(50, 4)
    together = FEATURES.transform(texts).toarray()
    alone = np.vstack([FEATURES.transform([text]).toarray() for text in texts])
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("texts", [[""], [" \n "], ["", "", ""]])
def test_texts_without_anything_have_no_features(texts):
    assert FEATURES.transform(texts).shape == (len(texts), len(FEATURES.idf))
    assert FEATURES.transform(texts).nnz == 0


def test_what_is_kept_of_earlier_texts_is_bounded(monkeypatch):
    monkeypatch.setattr("roomtone.baselines.features._CACHED", 100)
    _, features = fitted(invent(50, 5))
    features.transform([" ".join(f"word{number}" for number in range(1000)), "long" * 1000])
    assert len(features._stretches) == 100
    assert max(map(len, features._stretches)) <= 40
