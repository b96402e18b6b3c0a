"""Files of word vectors: every usual layout, every usual damage."""

import gzip
import hashlib
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.text.spellings import variants
from roomtone.text.vectors import frequent_words, read_vectors
from roomtone.text.vocabulary import Vocabulary


def vocabulary_of(*texts):
    return Vocabulary(min_freq=1).build_from_texts(texts)


def written(folder, content, name="vectors.txt"):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(vectors, vocabulary):
    return {
        token: vectors.matrix[number].tolist()
        for token, number in vocabulary.token_to_id.items()
        if vectors.found[number]
    }


VOCABULARY = vocabulary_of("good good bad film")
CONTENT = "the 9 9\ngood 1 2\nbad 3 -4e-1\n"
WANTED = {"good": [1.0, 2.0], "bad": [3.0, np.float32(-0.4)]}


def test_rows_are_found_and_the_rest_is_zero(tmp_path):
    path = written(tmp_path, CONTENT)
    vectors = read_vectors(path, VOCABULARY, 2)
    assert rows(vectors, VOCABULARY) == WANTED
    assert vectors.matrix.shape == (6, 2)
    assert vectors.matrix.dtype == np.float32
    assert vectors.found.dtype == np.bool_
    assert not vectors.matrix[~vectors.found].any()
    assert (vectors.dim, vectors.path) == (2, path)
    assert vectors.sha256 == hashlib.sha256(CONTENT.encode()).hexdigest()


def test_coverage_is_told_as_types_and_as_tokens_with_unknown_ones_uncovered(tmp_path):
    vocabulary = Vocabulary(min_freq=2).build_from_texts(["good good good bad bad rare", ""])
    vectors = read_vectors(written(tmp_path, "good 1 2\n"), vocabulary, 2)
    assert vectors.types_coverage == 1 / 2
    assert vectors.tokens_coverage == 3 / 6


def test_a_vocabulary_without_words_has_no_coverage(tmp_path):
    vectors = read_vectors(written(tmp_path, CONTENT), Vocabulary(), 2)
    assert (vectors.types_coverage, vectors.tokens_coverage) == (0.0, 0.0)


@pytest.mark.parametrize(
    "content",
    [
        CONTENT.rstrip("\n"),
        CONTENT.replace("\n", "\r\n"),
        CONTENT.replace("\n", " \n"),
        CONTENT.replace(" ", "\t"),
        "3 2\n" + CONTENT,
        "\ufeff" + CONTENT.removeprefix("the 9 9\n"),
        "\n\n" + CONTENT + "\n\n",
        ". . . 5 6\n" + CONTENT + "good bye 7 8\nbad . . 0 0\n",
        CONTENT + "good 8 8\nbad 8 8\n",
        CONTENT.encode() + b"\xff\xfe 1 2\n\xc2\xa0 3 4\n",
    ],
    ids=[
        "no end",
        "crlf",
        "trailing",
        "tabs",
        "header",
        "mark",
        "blank",
        "spaced",
        "twice",
        "bytes",
    ],
)
def test_every_usual_layout_gives_the_same_rows(tmp_path, content):
    assert rows(read_vectors(written(tmp_path, content), VOCABULARY, 2), VOCABULARY) == WANTED


def test_packed_files_give_the_same_rows_and_the_same_sum(tmp_path):
    plain = read_vectors(written(tmp_path, CONTENT), VOCABULARY, 2)
    packed = written(tmp_path, gzip.compress(CONTENT.encode()), "vectors.txt.gz")
    zipped = tmp_path / "vectors.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("read.me", "x" * 1000)
        archive.writestr("small.txt", "good 0 0\n")
        archive.writestr("folder/large.txt", CONTENT)
    for path in (packed, zipped):
        vectors = read_vectors(path, VOCABULARY, 2)
        assert rows(vectors, VOCABULARY) == WANTED
        assert vectors.sha256 == plain.sha256


def test_lines_may_lie_across_the_chunks_that_are_read(tmp_path, monkeypatch):
    path = written(tmp_path, CONTENT)
    for size in range(1, len(CONTENT) + 2):
        monkeypatch.setattr("roomtone.text.vector_lines._CHUNK", size)
        assert rows(read_vectors(path, VOCABULARY, 2), VOCABULARY) == WANTED


def test_a_word_that_is_absent_takes_its_most_frequent_variant(tmp_path):
    vocabulary = vocabulary_of("monday sooooo can't café us")
    content = "us 1\nSo 9\nso 2\nMonday 3\nMONDAY 4\nsoo 5\nnot 6\ncafe 7\nUS 8\n"
    vectors = read_vectors(written(tmp_path, content), vocabulary, 1)
    assert rows(vectors, vocabulary) == {
        "us": [1.0],
        "sooo": [2.0],
        "monday": [3.0],
        "n't": [6.0],
        "café": [7.0],
    }


def test_a_word_itself_comes_before_its_variants_wherever_it_stands(tmp_path):
    vocabulary = vocabulary_of("monday sooooo")
    content = "Monday 1\nso 2\nsooo 3\nmonday 4\nso 5\n"
    assert rows(read_vectors(written(tmp_path, content), vocabulary, 1), vocabulary) == {
        "monday": [4.0],
        "sooo": [3.0],
    }


@given(st.text(max_size=12))
def test_variants_are_distinct_and_other_than_the_token(token):
    forms = variants(token)
    assert len(set(forms)) == len(forms)
    assert token not in forms
    assert "" not in forms


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "the 1 2 3\ngood 1 2 3\n",
            "line 1: found a vector of 3 numbers, expected 2; set `emb",
        ),
        ("the 1\ngood 1\n", r"line 1: found a vector of 1 numbers, expected 2; .*--embedding_dim"),
        ("2 300\ngood 1 2\n", "line 1: found a vector of 300 numbers, expected 2"),
        ("the 1 2\ngood 1\nbad 1 2\n", "line 2: found a vector of 1 numbers, expected 2"),
        ("the 1 2\ngood 1 2 3\nbad 1 2\n", "line 2: found a vector of 3 numbers, expected 2"),
        ("the 1 2\ngood 1 2\nfil", r"line 3: found a vector of 0 numbers.*fetch the file again"),
        ("the 1 2\ngood 1 x2\nbad 1 2\n", "line 2: found 'x2' where a number was expected"),
        ("the 1 2\ngood 1 nan\nbad 1 2\n", "line 2: found a number that is not finite"),
        ("the 1 2\ngood 1 1e99\nbad 1 2\n", "line 2: found a number that is not finite"),
        ("text,label\nso good,1\n", "line 1: found a vector of 0 numbers"),
        ("<html> <body> nothing here\n", "line 1: found 'nothing' where a number was expected"),
        ("", "no vectors in the file"),
        ("\n \n", "no vectors in the file"),
        ("3 2\n", "no vectors in the file"),
        ("\n\n3 2\n\n", "no vectors in the file"),
        (b"3 2\n\0\1\2\n\5\6\0", "line 3: binary data, expected text"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path, content, message):
    path = written(tmp_path, content)
    with pytest.raises(DataError, match=message) as caught:
        read_vectors(path, VOCABULARY, 2)
    assert str(path) in str(caught.value)


def test_files_that_cannot_be_unpacked_are_named(tmp_path):
    zipped = tmp_path / "other.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("read.me", "nothing")
    cases = {
        tmp_path / "none.txt": "no such file of word vectors.*--glove_path",
        tmp_path: "cannot read the word vectors",
        zipped: "no .txt file in it",
        written(tmp_path, b"no zip", "bad.zip"): "damaged or cut off",
        written(tmp_path, b"no gzip", "bad.gz"): "damaged or cut off",
        written(tmp_path, gzip.compress(CONTENT.encode())[:-9], "cut.gz"): "damaged or cut off",
    }
    for path, message in cases.items():
        with pytest.raises(DataError, match=message):
            read_vectors(path, VOCABULARY, 2)


def test_a_file_that_is_not_made_of_lines_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("roomtone.text.vector_lines._CHUNK", 1 << 10)
    monkeypatch.setattr("roomtone.text.vector_lines._LONGEST_LINE", 1 << 12)
    with pytest.raises(DataError, match="a line is longer than"):
        read_vectors(written(tmp_path, b"x" * (1 << 14)), VOCABULARY, 2)


def read_or_refuse(path):
    try:
        return read_vectors(path, VOCABULARY, 2)
    except DataError as error:
        return error


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_give_vectors_or_a_clear_error(tmp_path_factory, data):
    path = written(tmp_path_factory.mktemp("any"), data)
    outcome = read_or_refuse(path)
    if isinstance(outcome, DataError):
        assert str(path) in str(outcome)
    else:
        assert np.isfinite(outcome.matrix).all()


words = st.text("abcxyz", min_size=1, max_size=3)
numbers = st.floats(-9, 9, width=16)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(words, st.lists(numbers, min_size=3, max_size=3)), min_size=1), words)
def test_the_first_line_of_a_word_is_what_a_plain_reading_finds(tmp_path_factory, lines, word):
    vocabulary = vocabulary_of(word)
    content = "".join(f"{name} {' '.join(map(str, values))}\n" for name, values in lines)
    vectors = read_vectors(written(tmp_path_factory.mktemp("plain"), content), vocabulary, 3)
    expected = next((values for name, values in lines if name == word), None)
    if expected is not None:
        assert vectors.matrix[3].tolist() == expected
    elif not variants(word) or not any(name in variants(word) for name, _ in lines):
        assert not vectors.found.any()


def test_the_most_frequent_words_are_the_first_lines_without_the_header(tmp_path):
    path = written(tmp_path, "3 2\nthe 1 2\nof\t3 4\nand 5 6\n")
    assert frequent_words(path, 3) == ["the", "of"]
    assert frequent_words(path, 100) == ["the", "of", "and"]
    with pytest.raises(DataError, match="no such file"):
        frequent_words(tmp_path / "absent.txt", 3)


def test_extra_words_have_rows_but_no_part_in_the_coverage(tmp_path):
    vocabulary = vocabulary_of("good film").extend(["great", "rare"])
    vectors = read_vectors(written(tmp_path, "good 1 2\ngreat 3 4\n"), vocabulary, 2)
    assert vectors.types_coverage == 0.5
    assert vectors.matrix[vocabulary.token_to_id["great"]].tolist() == [3, 4]
