"""The vocabulary on disk: round trip, damage, hostile pickles."""

import json
import os
import pickle
import resource

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.errors import CheckpointError
from roomtone.text.tokenizer import TOKENIZER_VERSION
from roomtone.text.vocabulary import Vocabulary


@pytest.fixture
def saved(tmp_path):
    vocabulary = Vocabulary(max_size=50, min_freq=1).build_from_texts(["so good 😂", "so tokens"])
    vocabulary.save(tmp_path / "vocab.pkl")
    return tmp_path / "vocab.pkl"


def test_both_files_and_nothing_else_are_written(saved):
    assert sorted(path.name for path in saved.parent.iterdir()) == ["vocab.json", "vocab.pkl"]
    content = pickle.loads(saved.read_bytes())
    assert content == json.loads(saved.with_suffix(".json").read_text(encoding="utf-8"))
    assert content["tokenizer"] == TOKENIZER_VERSION
    assert content["tokens"][:4] == ["<pad>", "<unk>", "<empty>", "so"]
    assert (content["max_size"], content["min_freq"], content["counts"][3]) == (50, 1, 2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=30), max_size=5))
def test_what_is_saved_is_what_is_loaded(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.pkl"
    vocabulary = Vocabulary(max_size=99, min_freq=1).build_from_texts(texts)
    vocabulary.save(path)
    first = path.read_bytes()
    for source in (path, path.with_suffix(".json")):
        loaded = Vocabulary.load(source)
        assert vars(loaded)["counts"] == vocabulary.counts
        assert loaded.id_to_token == vocabulary.id_to_token
        assert loaded.token_to_id == vocabulary.token_to_id
        assert (loaded.max_size, loaded.min_freq) == (99, 1)
        assert (
            loaded.encode_batch(texts).ids.tolist() == vocabulary.encode_batch(texts).ids.tolist()
        )
    path.with_suffix(".json").unlink()
    assert Vocabulary.load(path).counts == vocabulary.counts
    loaded.save(path)
    assert path.read_bytes() == first


def test_beside_a_pickle_the_json_is_read(saved):
    saved.write_bytes(b"no pickle at all")
    assert "good" in Vocabulary.load(saved)


class _Attack:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.system, (f"touch {self.target}",)


def test_code_in_a_pickle_does_not_run(tmp_path):
    target = tmp_path / "ran"
    path = tmp_path / "vocab.pkl"
    path.write_bytes(pickle.dumps({"tokens": _Attack(target)}))
    with pytest.raises(CheckpointError, match=r"vocab\.pkl: refused to load \w+\.system"):
        Vocabulary.load(path)
    assert not target.exists()
    pickle.loads(path.read_bytes())
    assert target.exists(), "the attack would have worked, so the refusal is what stopped it"


@pytest.mark.parametrize(
    "claim",
    [
        b"\x96" + (2**40).to_bytes(8, "little"),  # an array of bytes
        b"B" + (2**32 - 1).to_bytes(4, "little"),  # bytes
        b"\x8d" + (2**40).to_bytes(8, "little"),  # text
        b"}r" + (2**31).to_bytes(4, "little"),  # a place in the memo
        b"}p1000000000\n",
    ],
)
def test_a_pickle_that_claims_more_than_it_holds_is_refused_without_the_memory(tmp_path, claim):
    path = tmp_path / "vocab.pkl"
    path.write_bytes(b"\x80\x04" + claim + b".")
    limits = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CheckpointError, match="not a readable pickle"):
        Vocabulary.load(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - limits
    assert grown < 100_000  # kilobytes


@pytest.mark.parametrize("suffix", [".pkl", ".json"])
def test_a_file_cut_off_anywhere_is_refused(saved, suffix):
    path = saved.with_suffix(suffix)
    whole = path.read_bytes()
    saved.with_suffix(".json").unlink()
    for length in range(0, len(whole) - 1, 5):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match="vocab"):
            Vocabulary.load(path)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([".pkl", ".json"]))
def test_foreign_bytes_are_refused(tmp_path_factory, data, suffix):
    path = tmp_path_factory.mktemp("foreign") / f"vocab{suffix}"
    path.write_bytes(data)
    with pytest.raises(CheckpointError):
        Vocabulary.load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokenizer": "0"}, "built by tokeniser version '0', but this is version"),
        ({"format": 2}, "format: Input should be 1"),
        ({"tokens": ["<pad>", "<unk>", "<empty>", "so", "so", "a", "b"]}, "occurs twice"),
        ({"counts": [1]}, "7 tokens but 1 counts"),
        ({"counts": [0, 0, 0, 1, 1, 1, -1]}, "greater than or equal to 0"),
        ({"tokens": ["a", "<unk>", "<empty>", "b", "c", "d", "e"]}, "the first tokens are"),
        ({"max_size": "50"}, "max_size: Input should be a valid integer"),
        ({"max_size": 1}, "leaves no room"),
        ({"surplus": 1}, "surplus: Extra inputs are not permitted"),
    ],
)
def test_a_vocabulary_that_does_not_fit_is_refused_with_the_reason(saved, change, message):
    path = saved.with_suffix(".json")
    content = json.loads(path.read_text(encoding="utf-8")) | change
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CheckpointError, match=message):
        Vocabulary.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"none\.pkl: cannot read the vocabulary: No such"):
        Vocabulary.load(tmp_path / "none.pkl")


def test_bytes_are_read_as_the_file_is_and_errors_name_it(saved):
    words = saved.with_suffix(".json")
    vocabulary = Vocabulary.from_json(words.read_bytes(), words)
    assert vocabulary.id_to_token == Vocabulary.load(words).id_to_token
    assert vocabulary.to_json() == words.read_bytes()
    with pytest.raises(CheckpointError, match=r"vocab\.json: not a vocabulary of roomtone"):
        Vocabulary.from_json(b"{}", words)
