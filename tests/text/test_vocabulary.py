"""The vocabulary: order, limits, encoding."""

import copy
import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.errors import CheckpointError, ConfigError, DataError
from roomtone.text.tokenizer import CommentTokenizer
from roomtone.text.vocabulary import EMPTY, PAD, UNK, Vocabulary

WORDS = [
    "good",
    "god",
    "bad",
    "sooooo",
    "gooood",
    "don't",
    ":)",
    ":)))",
    "😂",
    "#SoProud",
    "@x",
    "a.b/c",
]
anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=40)
wordy = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
batches = st.lists(anything | wordy, max_size=12)


def test_special_tokens_come_first_then_falling_count_then_alphabet():
    vocabulary = Vocabulary(min_freq=1).build_from_texts(["b a c", "c b", "c", ""])
    assert vocabulary.id_to_token == ["<pad>", "<unk>", "<empty>", "c", "b", "a"]
    assert vocabulary.token_to_id["c"] == 3
    assert (PAD, UNK, EMPTY) == (0, 1, 2)
    assert len(vocabulary) == 6
    assert "c" in vocabulary
    assert "d" not in vocabulary


def test_max_size_counts_the_special_tokens_too():
    vocabulary = Vocabulary(max_size=5, min_freq=1).build_from_texts(["a a a b b c"])
    assert vocabulary.id_to_token[3:] == ["a", "b"]
    assert vocabulary.counts == {"<pad>": 0, "<unk>": 1, "<empty>": 0, "a": 3, "b": 2}


def test_rare_tokens_are_left_out_and_counted_as_unknown():
    vocabulary = Vocabulary(min_freq=2).build_from_texts(iter(["a a b", "c", " "]))
    assert vocabulary.id_to_token[3:] == ["a"]
    assert vocabulary.counts["<unk>"] == 2
    assert vocabulary.counts["<empty>"] == 1
    assert vocabulary.encode("b a") == [UNK, 3]
    assert vocabulary.encode("") == [EMPTY]


def test_building_again_forgets_what_was_before():
    vocabulary = Vocabulary(min_freq=1).build_from_texts(["old"])
    vocabulary.encode("old")
    vocabulary.build_from_texts(["new"])
    assert vocabulary.encode("old new") == [UNK, 3]


def test_a_word_drawn_out_and_not_known_counts_as_the_most_frequent_word_drawn_out():
    vocabulary = Vocabulary(min_freq=1).build_from_texts(["good good god so soo bad! :)"])
    number = vocabulary.token_to_id
    assert vocabulary.encode("gooood") == [number["good"]]
    assert vocabulary.encode("Goooodddd, baaaad!!!! :))))") == [
        *[number["good"], UNK, number["bad"], number["!"], number[":)"]]
    ]
    assert vocabulary.encode("zzzzz") == [UNK]


def test_a_frequent_drawn_out_word_is_a_token_of_its_own():
    vocabulary = Vocabulary(min_freq=2).build_from_texts(["so sooooo", "so soooooooo", "so"])
    assert vocabulary.encode("sooooo") == [vocabulary.token_to_id["sooo"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((3, 2), "vocab_max_size: 3 leaves no room"), ((100, 0), "vocab_min_freq: 0 is below 1")],
)
def test_settings_that_leave_no_token_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        Vocabulary(*arguments)


def test_one_text_in_place_of_many_is_refused():
    for method in (Vocabulary().build_from_texts, Vocabulary().encode_batch):
        with pytest.raises(DataError, match="put it in a list"):
            method("one text")


@settings(max_examples=200, deadline=None)
@given(batches)
def test_counts_are_those_of_the_tokeniser(texts):
    vocabulary = Vocabulary(min_freq=1).build_from_texts(texts)
    expected = Counter(token for text in texts for token in CommentTokenizer().tokenize(text))
    expected.setdefault("<empty>", 0)
    assert vocabulary.counts == {"<pad>": 0, "<unk>": 0, **expected}


@settings(max_examples=200, deadline=None)
@given(batches, batches)
def test_a_batch_gives_what_each_text_gives_alone_and_with_offsets(learnt, texts):
    vocabulary = Vocabulary(min_freq=2).build_from_texts(learnt)
    encoded = vocabulary.encode_batch(texts)
    assert encoded.ids.dtype == np.int32
    assert encoded.offsets.dtype == np.int64
    assert len(encoded) == len(texts)
    assert encoded.offsets[0] == 0
    assert encoded.offsets[-1] == len(encoded.ids)
    for index, text in enumerate(texts):
        alone = vocabulary.encode(text)
        assert alone
        assert encoded[index].tolist() == alone
        assert [number for number, _ in vocabulary.encode_with_offsets(text)] == alone
        tokens = CommentTokenizer().tokenize(text)
        assert len(tokens) == len(alone)
        for token, number in zip(tokens, alone, strict=True):
            assert vocabulary.token_to_id.get(token, number) == number


@settings(max_examples=100, deadline=None)
@given(batches)
def test_the_order_of_texts_does_not_matter_to_the_vocabulary(texts):
    forwards = Vocabulary(min_freq=1).build_from_texts(texts)
    backwards = Vocabulary(min_freq=1).build_from_texts(texts[::-1])
    assert forwards.id_to_token == backwards.id_to_token
    assert forwards.counts == backwards.counts


def test_more_texts_than_are_encoded_at_once_keep_their_order(monkeypatch):
    monkeypatch.setattr("roomtone.text.vocabulary._CHUNK", 3)
    texts = [f"w{index % 4} x" for index in range(11)]
    vocabulary = Vocabulary(min_freq=1).build_from_texts(texts)
    encoded = vocabulary.encode_batch(texts)
    assert [row.tolist() for row in encoded] == [vocabulary.encode(text) for text in texts]


def test_an_encoder_may_be_copied_to_another_process():
    vocabulary = Vocabulary(min_freq=1).build_from_texts(["so good"])
    ids = vocabulary.encode("so good")
    assert pickle.loads(pickle.dumps(vocabulary)).encode("so good") == ids
    assert copy.deepcopy(vocabulary).encode("so good") == ids


def test_one_text_out_of_a_batch_is_found_from_either_end():
    encoded = Vocabulary(min_freq=1).build_from_texts(["a b", "a"]).encode_batch(["a b", "a"])
    assert encoded[-1].tolist() == encoded[1].tolist() == [3]
    with pytest.raises(IndexError):
        encoded[2]


def test_extra_words_follow_the_learned_ones_and_change_none_of_them(tmp_path):
    vocabulary = Vocabulary(min_freq=1).build_from_texts(["good film", "bad film"])
    before = list(vocabulary.id_to_token)
    vocabulary.extend(["film", "great", "Great", "two words", "don't", "", "great", "😡"])
    assert vocabulary.id_to_token == [*before, "great", "😡"]
    assert (vocabulary.learned, vocabulary.extra) == (len(before), 2)
    assert vocabulary.encode("great film") == [len(before), before.index("film")]
    vocabulary.save(tmp_path / "vocab.pkl")
    for name in ("vocab.json", "vocab.pkl"):
        loaded = Vocabulary.load(tmp_path / name)
        assert (loaded.id_to_token, loaded.extra) == (vocabulary.id_to_token, 2)


def test_building_anew_forgets_extra_words():
    vocabulary = Vocabulary(min_freq=1).build_from_texts(["good"]).extend(["great"])
    assert vocabulary.build_from_texts(["bad"]).extra == 0


def test_extra_words_that_occurred_or_eat_the_special_tokens_are_refused(tmp_path):
    vocabulary = Vocabulary(min_freq=1).build_from_texts(["good"]).extend(["great"])
    vocabulary.save(tmp_path / "vocab.json")
    text = (tmp_path / "vocab.json").read_text()
    for extra, message in (("2", "has a count"), ("99", "has a count|first tokens")):
        (tmp_path / "vocab.json").write_text(text.replace('"extra": 1', f'"extra": {extra}'))
        with pytest.raises(CheckpointError, match=message):
            Vocabulary.load(tmp_path / "vocab.json")
