from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.explain.words import read_words
from roomtone.text import CommentTokenizer, Vocabulary, normalize

PIECES = [
    *["good", "DON'T", "so", "soooooo", "#SoGreat", "@ann", "https://x.com/a?b=1", "!!!", "</b>"],
    *["&amp;", "&#39;", "&lt;3", "😡", "👍🏽", "👨\u200d👩\u200d👧", "é", "e\u0301", "ﷺ", "ﬁne"],
    *["İstanbul", "न\u093f", "שלום", "مرحبا", "\u200b", "\u202e", "\x00", "...", ":-(", "<br>"],
    *["ｈａｐｐｙ", "a\u0301\u0323b"],
]
PLAIN = ["good", "don't", "é", "😡", "&amp;", "שלום", "#SoGreat"]
comments = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map(" ".join)


@given(comments | st.text())
@example("&amp;#39; ﷺ ﬁne I&apos;m")
def test_each_word_is_a_part_of_the_text_and_no_two_overlap(text):
    read = read_words(text)
    end = 0
    for place, word in enumerate(read.words):
        assert end <= word.start < word.end <= len(text)
        assert read.written(place) == text[word.start : word.end]
        assert read.written(place).strip() or not read.written(place).isascii()
        end = word.end


@given(comments)
def test_tokens_lead_to_the_place_that_they_were_read_from(text):
    tokens = CommentTokenizer().tokenize_with_offsets(text)
    read = read_words(text)
    real = [token for token in tokens if token.start < token.end]
    assert len(read.of_token) == len(real)
    for token, place in zip(real, read.of_token, strict=True):
        assert read.words[place].start <= token.start < token.end <= read.words[place].end


@given(comments)
def test_places_are_those_of_the_vocabulary(text):
    encoded = Vocabulary().encode_with_offsets(text)
    read = read_words(text)
    if read.words:
        assert [(token.start, token.end) for _, token in encoded] == [
            (token.start, token.end) for token in CommentTokenizer().tokenize_with_offsets(text)
        ]
        assert len(read.of_token) == len(encoded)


@given(st.lists(st.sampled_from(PLAIN), min_size=1))
def test_a_word_that_is_left_out_takes_its_token_and_no_other(parts):
    text = " ".join(parts)
    read = read_words(text)
    tokens = CommentTokenizer().tokenize(text)
    for place in range(len(read.words)):
        rest = [t for at, t in enumerate(tokens) if read.of_token[at] != place]
        assert CommentTokenizer().tokenize(read.without([place])) == (rest or ["<empty>"])


def test_without_all_words_nothing_is_left():
    read = read_words("Good &amp; bad 😡")
    assert normalize(read.without(range(len(read.words)))) == ""
    assert read.without([]) == read.text


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "<br>"])
def test_a_text_without_anything_visible_has_no_words(text):
    assert read_words(text).words == ()


def test_an_entity_is_marked_whole():
    read = read_words("rock &amp; roll")
    assert [read.written(place) for place in range(3)] == ["rock", "&amp;", "roll"]


def test_something_else_than_a_text_is_refused():
    with pytest.raises(DataError, match="expected a string"):
        read_words(7)
