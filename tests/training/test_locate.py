"""A run is found however its folder, or a state in it, is typed."""

from pathlib import Path

import pytest

from roomtone.training.files import load_tensors
from roomtone.training.resume import Resume


@pytest.fixture
def run(train, configure):
    """A function that trains; returns the run's folder."""

    def make(**changes):
        return train(configure(**changes))[0].folder

    return make


@pytest.fixture
def typed_in(monkeypatch):
    """A function that types `--resume PATH` in a folder and ends with the run's own name."""

    def resume(place, path):
        monkeypatch.chdir(place)
        opened = Resume.open(Path(path))
        return opened.folder.root.name, opened.configure(None, {}, []).experiment_name

    return resume


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (".", "."),
        (".", "checkpoints"),
        (".", "../trial"),
        ("checkpoints", "last.pt"),
        ("checkpoints", "previous.pt"),
        ("checkpoints", "."),
        ("checkpoints", ".."),
        ("checkpoints", "../checkpoints/last.pt"),
        ("..", "trial"),
    ],
)
def test_a_run_is_found_from_within_its_folders(place, path, run, typed_in):
    folder = run(training__max_epochs=1)
    assert typed_in(folder.root / place, path) == ("trial", "trial")


@pytest.mark.parametrize("target", [".", "checkpoints", "checkpoints/last.pt"])
def test_a_run_is_found_by_a_link(target, run, typed_in, tmp_path):
    folder = run(training__max_epochs=1)
    (tmp_path / "link").symlink_to(folder.root / target)
    assert typed_in(tmp_path, "link") == ("trial", "trial")


def test_checkpoints_may_lie_on_another_disk(run, resume_of, tmp_path, results_of):
    folder = run(training__max_epochs=1)
    folder.checkpoints.rename(tmp_path / "large")
    folder.checkpoints.symlink_to(tmp_path / "large")
    resume_of(folder.root, training__max_epochs=2).execute()
    whole = run(experiment_name="whole", training__max_epochs=2)
    assert results_of(folder.root)["weights"] == results_of(whole.root)["weights"]
    assert {path.name for path in (tmp_path / "large").iterdir()} == {
        path.name for path in whole.checkpoints.iterdir()
    }


def test_going_on_by_a_link_to_the_state_before_the_last_one_loses_neither(run, resume_of):
    folder = run()
    link = folder.checkpoints / "latest.pt"
    link.symlink_to("previous.pt")
    resume_of(link, training__max_epochs=4).execute()
    for name in ("last.pt", "previous.pt"):
        load_tensors(folder.checkpoints / name, kind="training state")


def test_a_run_goes_on_in_its_own_folder_and_stays_resumable(run, resume_of, monkeypatch, tmp_path):
    folder = run(training__max_epochs=1, tensorboard__enabled=True)
    monkeypatch.chdir(folder.root)
    for epochs in (2, 3):
        resume_of(Path(), training__max_epochs=epochs).execute()
        assert Resume.open(folder.root).state["progress"]["epoch"] == epochs
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["trial"]


def test_a_relative_path_stays_as_it_was_typed(run, monkeypatch, tmp_path):
    run(training__max_epochs=1)
    monkeypatch.chdir(tmp_path)
    resume = Resume.open(Path("output/trial"))
    assert str(resume.folder) == "output/trial"
    assert str(resume.path) == "output/trial/checkpoints/last.pt"
