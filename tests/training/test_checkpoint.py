"""Whatever happens to a checkpoint folder, a usable state is found in it or the error says why."""

import json
import os
import subprocess
import sys

import pytest
import torch

from roomtone.errors import CheckpointError
from roomtone.training import checkpoint
from roomtone.training.checkpoint import CheckpointFolder, best_name, find_state, load_state
from roomtone.training.progress import EpochSums, Progress

STATES = ("last.pt", "previous.pt")

KILLED_BETWEEN_FILE_OPERATIONS = """
import json, os, shutil, signal, sys
from pathlib import Path
import torch
from roomtone.training.checkpoint import CheckpointFolder, find_state, load_state

OPERATIONS = {"open", "os.rename", "os.link", "os.remove", "shutil.copyfile"}
root, links = Path(sys.argv[1]), sys.argv[2] == "links"

def no_links(*paths, **options):
    raise OSError("this file system has no links")

if not links:
    os.link = no_links

def save(folder, step):
    folder.save_state({"progress": {"step": step}, "weight": torch.full((500,), float(step))})

def work_and_die(number, path):
    folder = CheckpointFolder(path)
    for step in range(number % 3):  # with no state before, with one, and with two
        save(folder, step)
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        if event in OPERATIONS and any(str(path) in str(a) for a in arguments):
            seen += 1
            if seen > number // 3:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    save(folder, number % 3)
    os._exit(0)

found = []
for number in range(60):
    path = root / str(number)
    child = os.fork()
    if child == 0:
        work_and_die(number, path)
    killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    before = number % 3 - 1
    try:
        state = load_state(find_state(path))
        step = state["progress"]["step"]
        whole = bool((state["weight"] == step).all())
    except Exception as error:
        step, whole = -1, str(error)
    found.append({"killed": killed, "before": before, "step": step, "whole": whole})
print(json.dumps(found))
"""


def state_of(step):
    return {"progress": {"step": step}, "weight": torch.full((50,), float(step))}


@pytest.fixture
def folder(tmp_path):
    return CheckpointFolder(tmp_path / "run" / "checkpoints")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, to die many times quickly")
@pytest.mark.parametrize("links", ["links", "copies"])
def test_a_kill_between_any_two_file_operations_leaves_a_usable_state(tmp_path, links):
    script = [sys.executable, "-c", KILLED_BETWEEN_FILE_OPERATIONS, str(tmp_path), links]
    found = json.loads(subprocess.run(script, capture_output=True, check=True, text=True).stdout)
    assert sum(case["killed"] for case in found) >= 12
    assert not all(case["killed"] for case in found[-3:])  # every operation was reached
    for case in found:
        if case["before"] >= 0 or not case["killed"]:
            assert case["whole"] is True, case
        assert case["step"] in (case["before"], case["before"] + 1), case


def test_the_last_state_and_the_one_before_it_are_kept(folder):
    for step in range(4):
        folder.save_state(state_of(step))
    assert load_state(folder.folder / "last.pt")["progress"]["step"] == 3
    assert load_state(folder.folder / "previous.pt")["progress"]["step"] == 2
    assert sorted(path.name for path in folder.folder.iterdir()) == ["last.pt", "previous.pt"]


def test_it_works_on_a_file_system_without_links(folder, monkeypatch):
    def no_link(*paths):
        raise OSError("not supported")

    monkeypatch.setattr(checkpoint.os, "link", no_link)
    for step in range(3):
        folder.save_state(state_of(step))
    assert load_state(folder.folder / "previous.pt")["progress"]["step"] == 1


def test_a_resume_finds_the_last_state_by_the_run_its_folder_or_the_file(folder):
    last = folder.save_state(state_of(0))
    for path in (folder.folder.parent, folder.folder, last):
        assert find_state(path) == last


def test_a_lost_last_state_gives_the_one_before_it(folder):
    folder.save_state(state_of(0))
    folder.save_state(state_of(1)).unlink()
    assert find_state(folder.folder.parent).name == "previous.pt"


@pytest.mark.parametrize("damage", [0, 100, 1000, -1])
def test_a_damaged_last_state_is_named_together_with_the_one_before_it(folder, damage):
    folder.save_state(state_of(0))
    last = folder.save_state(state_of(1))
    last.write_bytes(last.read_bytes()[:damage])
    with pytest.raises(CheckpointError) as caught:
        load_state(find_state(folder.folder.parent))
    assert str(last) in str(caught.value)
    assert f"--resume {last.with_name('previous.pt')}" in str(caught.value)


def test_without_a_state_before_it_none_is_offered(folder):
    last = folder.save_state(state_of(0))
    last.write_bytes(b"")
    with pytest.raises(CheckpointError) as caught:
        load_state(last)
    assert "previous.pt" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "checkpoints", "checkpoints/last.pt", "absent"])
def test_a_place_without_checkpoints_is_an_error_that_says_what_was_expected(tmp_path, name):
    with pytest.raises(CheckpointError, match="expected a checkpoint, or the folder of a run"):
        find_state(tmp_path / name)


def test_a_missing_file_beside_a_usable_one_names_that_one(folder):
    folder.save_state(state_of(0))
    folder.save_state(state_of(1)).unlink()
    with pytest.raises(CheckpointError, match=r"previous\.pt is there"):
        find_state(folder.folder / "last.pt")


def test_best_weights_are_no_state_and_a_state_holds_no_best_weights(folder):
    best = folder.save_best("hybrid_epoch01_f10.5000.pt", {"model_state_dict": {}})
    with pytest.raises(CheckpointError, match="is not a roomtone training state"):
        load_state(best)
    folder.save_state(state_of(0))
    with pytest.raises(CheckpointError, match="is not a roomtone best weights"):
        folder.load_best("last.pt")


def test_a_best_epoch_that_is_not_there_is_a_clear_error(folder):
    with pytest.raises(CheckpointError, match="no epoch has been finished yet"):
        folder.load_best(None)
    with pytest.raises(CheckpointError, match=r"hybrid_epoch03_f10\.1\.pt: no such file"):
        folder.load_best("hybrid_epoch03_f10.1.pt")


def best_files(folder):
    return {int(path.name[12:14]) for path in folder.folder.glob("hybrid_epoch*.pt")}


@pytest.mark.parametrize(
    ("finished", "best", "left"),
    [
        (4, 2, {2}),  # both states name the second epoch
        (4, 4, {2, 4}),  # the state before the last one names the second epoch
        (3, 2, {2, 4}),  # the fourth epoch will be written again, or is taken back
        (2, 2, {1, 2, 4}),
        (0, None, {1, 2, 4}),
    ],
)
def test_tidying_leaves_the_best_epochs_that_the_two_states_name(folder, finished, best, left):
    names = {epoch: best_name(epoch, "val_f1_macro", epoch / 10) for epoch in (1, 2, 4)}
    for name in names.values():
        folder.save_best(name, {"model_state_dict": {}})
    progress = Progress(
        EpochSums.empty(1), epoch=finished, best_epoch=best, best_checkpoint=names.get(best)
    )
    folder.tidy(progress)
    assert best_files(folder) == left


def test_tidying_takes_another_value_of_an_epoch_that_was_finished_again(folder):
    for name in ("hybrid_epoch02_f10.2.pt", "hybrid_epoch02_f10.3.pt"):
        folder.save_best(name, {"model_state_dict": {}})
    folder.tidy(
        Progress(
            EpochSums.empty(1), epoch=2, best_epoch=2, best_checkpoint="hybrid_epoch02_f10.3.pt"
        )
    )
    assert [path.name for path in folder.folder.iterdir()] == ["hybrid_epoch02_f10.3.pt"]


def test_tidying_leaves_the_states_and_what_others_put_there(folder):
    folder.save_state(state_of(0))
    for name in (".last.pt.part", "notes.txt", "mine.pt", "hybrid_epoch.pt"):
        (folder.folder / name).write_text("")
    folder.tidy(Progress(EpochSums.empty(1), epoch=9))
    left = {path.name for path in folder.folder.iterdir()}
    assert left == {"last.pt", "notes.txt", "mine.pt", "hybrid_epoch.pt"}


def test_going_back_changes_nothing_until_the_next_state_is_written(folder):
    for step in range(3):
        folder.save_state(state_of(step))
    again = CheckpointFolder(folder.folder)
    again.go_back_to(folder.folder / "previous.pt")
    steps = [load_state(folder.folder / name)["progress"]["step"] for name in STATES]
    assert steps == [2, 1]
    again.save_state(state_of(7))
    steps = [load_state(folder.folder / name)["progress"]["step"] for name in STATES]
    assert steps == [7, 1]
    again.save_state(state_of(8))
    steps = [load_state(folder.folder / name)["progress"]["step"] for name in STATES]
    assert steps == [8, 7]


def test_the_best_epoch_is_named_as_in_the_guide():
    assert best_name(1, "val_f1_macro", 0.64231) == "hybrid_epoch01_f10.6423.pt"
    assert best_name(12, "val_loss", 1.5) == "hybrid_epoch12_loss1.5000.pt"
    assert best_name(3, "val_cohen_kappa", -0.1) == "hybrid_epoch03_cohen_kappa-0.1000.pt"
