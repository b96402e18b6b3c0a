from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from roomtone.baselines.phrases import Phrases

WORDS = st.sampled_from("abcd")
SENTENCES = st.lists(st.lists(WORDS, max_size=8), max_size=5)
KNOWN = st.lists(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(" ".join), unique=True, max_size=20
)


@given(KNOWN, SENTENCES)
def test_it_finds_the_phrases_that_a_search_through_each_text_finds(known, sentences):
    phrases = Phrases(known)
    codes = [phrases.words.get(word, -1) for words in sentences for word in words]
    offsets = np.cumsum([0, *map(len, sentences)])
    columns, starts = phrases.find(np.array(codes, dtype=np.int64), offsets)
    for row, words in enumerate(sentences):
        expected = [
            known.index(" ".join(words[start:end]))
            for start in range(len(words))
            for end in range(start + 2, len(words) + 1)
            if " ".join(words[start:end]) in known
        ]
        assert sorted(columns[starts[row] : starts[row + 1]].tolist()) == sorted(expected)


@given(KNOWN)
def test_words_have_the_columns_of_the_phrases_that_they_are(known):
    phrases = Phrases(known)
    for word in "abcd":
        column = phrases.columns[phrases.words.get(word, -1)]
        assert column == (known.index(word) if word in known else -1)
