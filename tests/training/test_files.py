"""Files are whole or not there, and what comes from elsewhere is refused clearly."""

import pickle
import random
from contextlib import contextmanager

import pytest
import torch

from roomtone.errors import CheckpointError, RoomtoneError
from roomtone.training.files import load_tensors, save_tensors

CONTENT = {
    "kind": "model",
    "model_state_dict": {"weight": torch.arange(600, dtype=torch.float32).view(20, 30)},
    "names": ["negative", "neutral"],
    "value": 0.1 + 0.2,
    "nothing": None,
}


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "final_model.pt"
    save_tensors(path, CONTENT)
    return path


def same(content):
    return (
        content.keys() == CONTENT.keys()
        and torch.equal(
            content["model_state_dict"]["weight"], CONTENT["model_state_dict"]["weight"]
        )
        and all(content[key] == CONTENT[key] for key in ("kind", "names", "value", "nothing"))
    )


class _RunsCode:
    def __init__(self, witness):
        self.witness = witness

    def __reduce__(self):
        import os

        return os.system, (f"touch '{self.witness}'",)


def test_tensors_and_plain_values_come_back(saved):
    assert same(load_tensors(saved, kind="model"))


def test_the_same_content_gives_the_same_bytes_under_any_name(saved, tmp_path):
    save_tensors(tmp_path / "other.pt", CONTENT)
    assert (tmp_path / "other.pt").read_bytes() == saved.read_bytes()


@contextmanager
def files_of_at_most(size):
    """The system itself refuses to let files grow, as it does on a full disk."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_an_error_that_names_the_file_and_leaves_the_old_one(saved, tmp_path):
    with (
        files_of_at_most(20_000),
        pytest.raises(RoomtoneError, match=r"final_model\.pt: cannot be written: File too large"),
    ):
        save_tensors(saved, {"kind": "model", "weight": torch.zeros(100_000)})
    assert same(load_tensors(saved, kind="model"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["final_model.pt"]


def test_a_content_that_cannot_be_saved_leaves_the_old_file_and_no_litter(saved, tmp_path):
    with pytest.raises((TypeError, AttributeError), match="generator"):
        save_tensors(saved, {"kind": "model", "value": (number for number in [])})
    assert same(load_tensors(saved, kind="model"))
    assert [entry.name for entry in tmp_path.iterdir()] == ["final_model.pt"]


def test_the_bytes_do_not_depend_on_which_of_the_equal_strings_are_one_object(tmp_path):
    name = "".join(["ne", "gative"])
    shared = {"kind": "model", "names": [name, name], "place": "cpu", "weight": torch.ones(2)}
    apart = {
        "".join(["ki", "nd"]): "".join(["mo", "del"]),
        "names": ["".join(["neg", "ative"]), "".join(["nega", "tive"])],
        "place": "".join(["cp", "u"]),
        "weight": torch.ones(2),
    }
    save_tensors(tmp_path / "shared.pt", shared)
    save_tensors(tmp_path / "apart.pt", apart)
    assert (tmp_path / "shared.pt").read_bytes() == (tmp_path / "apart.pt").read_bytes()


def test_a_truncated_file_is_refused_whatever_its_length(saved, tmp_path):
    data = saved.read_bytes()
    cut = tmp_path / "cut.pt"
    for length in sorted({0, 1, 3, 4, 30, *range(64, len(data), 97), len(data) - 1}):
        cut.write_bytes(data[:length])
        with pytest.raises(CheckpointError, match=r"cut\.pt"):
            load_tensors(cut, kind="model")


def test_a_flipped_bit_is_noticed_or_changes_nothing(saved, tmp_path):
    data = saved.read_bytes()
    flipped, noticed, harmless = tmp_path / "flipped.pt", 0, 0
    places = random.Random(3).sample(range(8 * len(data)), 500)
    for place in places:
        wrong = bytearray(data)
        wrong[place // 8] ^= 1 << place % 8
        flipped.write_bytes(wrong)
        try:
            content = load_tensors(flipped, kind="model")
        except CheckpointError as error:
            noticed += "flipped.pt" in str(error)
        else:
            harmless += same(content)
    assert noticed + harmless == len(places)
    assert noticed > len(places) / 3


def test_nothing_in_a_hostile_file_is_executed(tmp_path):
    hostile, plain, witness = (tmp_path / name for name in ("hostile.pt", "plain.pt", "ran"))
    torch.save({"kind": "model", "weights": _RunsCode(witness)}, hostile)
    plain.write_bytes(pickle.dumps(_RunsCode(witness)))
    for path in (hostile, plain):
        with pytest.raises(CheckpointError, match=path.name):
            load_tensors(path, kind="model")
    assert not witness.exists()


@pytest.mark.parametrize(
    "content", [{"weight": torch.zeros(2)}, {"kind": "training state"}, [1, 2], torch.zeros(3)]
)
def test_a_foreign_file_is_refused_by_its_kind(tmp_path, content):
    path = tmp_path / "foreign.pt"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match=r"foreign\.pt is not a roomtone model"):
        load_tensors(path, kind="model")


@pytest.mark.parametrize("data", [b"", b"text,label\nfine,positive\n", b"PK\x03\x04", b"\x80\x02."])
def test_a_file_of_another_sort_is_refused(tmp_path, data):
    path = tmp_path / "notes.pt"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"notes\.pt"):
        load_tensors(path, kind="model")


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "absent.pt", tmp_path):
        with pytest.raises(CheckpointError, match="no such file"):
            load_tensors(path, kind="model")
