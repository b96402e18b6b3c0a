"""A run goes on only with the files that it was started with, wherever they lie by now."""

import shutil

import pytest

from roomtone.errors import CheckpointError


@pytest.fixture
def data(corpus, tmp_path):
    """A copy of the corpus that a test may change."""
    return shutil.copytree(corpus, tmp_path / "data")


@pytest.fixture
def run(train, configure, data):
    """A function that trains on the copy; returns the run's folder."""

    def make(**changes):
        return train(configure(data, **changes))[0].folder

    return make


def content(folder):
    return {path: path.read_bytes() for path in folder.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_changed_data_is_refused_and_the_folder_stays_as_it_is(split, run, data, resume_of):
    folder = run()
    before = content(folder)
    with (data / f"{split}.csv").open("a") as stream:
        stream.write("one more lovely video,positive\n")
    with pytest.raises(CheckpointError, match=f"the {split} file has changed since the run"):
        resume_of(folder.root).execute()
    assert content(folder) == before


def test_a_changed_vocabulary_is_refused(run, resume_of):
    folder = run()
    text = folder.vocabulary_json.read_text(encoding="utf-8")
    folder.vocabulary_json.write_text(text.replace("lovely", "hateful"), encoding="utf-8")
    before = content(folder)
    with pytest.raises(CheckpointError, match=r"vocab\.json is not the vocabulary that the run"):
        resume_of(folder.root).execute()
    assert content(folder) == before


def test_files_that_are_gone_are_all_named_with_the_flags_that_give_their_new_places(
    run, data, resume_of
):
    folder = run()
    for split in ("train", "val"):
        (data / f"{split}.csv").rename(data / f"moved_{split}.csv")
    with pytest.raises(CheckpointError) as caught:
        resume_of(folder.root).execute()
    for split in ("train", "val"):
        assert f"{split}.csv: cannot be read: No such file" in str(caught.value)
        assert f"name its new place with --{split}_csv" in str(caught.value)
    assert "--test_csv" not in str(caught.value)
    moved = {f"{split}_csv": data / f"moved_{split}.csv" for split in ("train", "val")}
    assert resume_of(folder.root, **moved).execute().stopped == "max_epochs"


def test_a_vocabulary_that_is_gone_is_named_as_part_of_the_run(run, resume_of):
    folder = run(training__max_epochs=1)
    folder.vocabulary_json.unlink()
    with pytest.raises(CheckpointError, match=r"vocab\.json: cannot be read: .* part of the run"):
        resume_of(folder.root).execute()
