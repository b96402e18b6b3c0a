"""A run has a folder of its own, is not in the way of the next one, and shares it with no other."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from roomtone.errors import CheckpointError, ConfigError, TrainingError
from roomtone.training import run_folder
from roomtone.training.checkpoint import find_state
from roomtone.training.run import Run
from roomtone.training.run_folder import RunFolder, new_run_folder

fcntl = pytest.importorskip("fcntl", reason="needs locks on folders")


def hold(root, held, done):
    with RunFolder(root).claimed():
        held.set()
        done.wait(600)


@pytest.fixture
def another_process_at_work(tmp_path):
    """The folder of a run at which another process is at work."""
    folder = RunFolder(tmp_path / "output" / "trial")
    folder.root.mkdir(parents=True)
    folder.config.write_text("")
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    process = context.Process(target=hold, args=(folder.root, held, done))
    process.start()
    assert held.wait(300)
    yield folder
    done.set()
    process.join()


def test_unnamed_runs_started_in_the_same_second_get_a_folder_each(configure, monkeypatch):
    class Stopped(datetime):
        @classmethod
        def now(cls):
            return datetime(2026, 3, 1, 12)

    monkeypatch.setattr(run_folder, "datetime", Stopped)
    config = configure(experiment_name=None)
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: new_run_folder(config), range(24)))
    names = {folder.root.name.removeprefix("hybrid_dl_20260301_120000") for folder in folders}
    assert names == {"", *(f"_{number}" for number in range(2, 25))}


def test_of_two_runs_with_one_name_started_at_the_same_time_one_goes_on(configure, silent):
    first, second = (Run(configure(), silent) for _ in range(2))
    with first.folder.claimed(), pytest.raises(TrainingError, match="another run is at work"):
        second.execute()
    assert first.execute().stopped == "max_epochs"


@pytest.mark.parametrize("left", ["nothing", "early files", "half a checkpoint"])
def test_a_run_that_was_killed_before_its_first_checkpoint_can_be_started_again(
    left, configure, train, tmp_path
):
    folder = RunFolder(tmp_path / "output" / "trial")
    folder.root.mkdir(parents=True)
    if left != "nothing":
        early = (folder.config, folder.vocabulary, folder.data_report, folder.rejected)
        for path in (*early, folder.vocabulary_json.with_name(".vocab.json.part")):
            path.write_text("stale")
    if left == "half a checkpoint":
        folder.checkpoints.mkdir()
        (folder.checkpoints / ".last.pt.part").write_text("half")
    assert train()[0].stopped == "max_epochs"
    assert "stale" not in folder.config.read_text()


def test_without_a_checkpoint_a_resume_says_how_to_start_again(configure, train, tmp_path):
    outcome, _ = train()
    for path in outcome.folder.checkpoints.iterdir():
        path.unlink()
    command = f"start it again: roomtone train --config {outcome.folder.config}"
    with pytest.raises(CheckpointError, match=command):
        find_state(outcome.folder.root)


@pytest.mark.parametrize("name", ["training_history.json", "notes.txt", "checkpoints/mine.bin"])
def test_a_folder_that_holds_more_is_not_taken(name, configure, silent, tmp_path):
    path = tmp_path / "output" / "trial" / name
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(ConfigError, match="is not empty, and holds no checkpoint"):
        Run(configure(), silent)
    assert path.read_text() == "mine"


def test_what_is_not_a_whole_run_takes_no_folder_that_holds_anything(configure, tmp_path):
    folder = new_run_folder(configure())
    folder.config.write_text("")
    with pytest.raises(ConfigError, match="is not empty"):
        new_run_folder(configure())


def test_a_folder_at_which_another_process_works_is_not_taken(
    another_process_at_work, configure, silent
):
    with pytest.raises(ConfigError, match="is not empty, and holds no checkpoint"):
        Run(configure(), silent)


def test_two_processes_cannot_go_on_with_one_run(configure, silent, another_process_at_work):
    folder = another_process_at_work
    before = {path: path.read_bytes() for path in folder.root.iterdir()}
    run = Run(configure(experiment_name="other"), silent)
    run.folder = folder
    with pytest.raises(TrainingError, match="another run is at work in this folder"):
        run.execute()
    assert {path: path.read_bytes() for path in folder.root.iterdir()} == before


def test_a_resume_that_fails_removes_nothing(train, resume_of):
    folder = train()[0].folder
    (folder.checkpoints / "previous.pt").unlink()  # as before the first step
    folder.vocabulary_json.unlink()
    before = set(folder.root.rglob("*"))
    with pytest.raises(CheckpointError, match="cannot be read"):
        resume_of(folder.root).execute()
    assert set(folder.root.rglob("*")) == before
