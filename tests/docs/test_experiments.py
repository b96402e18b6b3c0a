"""The commands of docs/experiments.md work as they stand, on small data."""

import pytest
from doc_pages import ROOT, blocks, commands, page
from torch_kept import torch_kept

from roomtone.cli.main import main

TEXT = page("experiments.md")
COMMANDS = [words for _, block in blocks(TEXT, "bash") for words in commands(block)]
SMALL = (
    *("--max_epochs", "1", "--batch_size", "16", "--device", "cpu", "--threads", "1"),
    *("--embedding_dim", "8", "--set", "model.subwords.buckets=50"),
    *("--set", "model.cnn.num_filters=4", "--set", "model.bilstm.hidden_size=4"),
    *("--set", "model.classifier.hidden_sizes=8", "--freeze_epochs", "0"),
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    words = {"negative": "bad awful", "neutral": "plain fair", "positive": "good great"}
    (tmp_path / "data").mkdir()
    for place, split in enumerate(("train", "val", "test")):
        lines = [
            f"{word} video {place}{row},{label}"
            for row in range(10)
            for label, both in words.items()
            for word in both.split()
        ]
        content = "\n".join(["text,label", *lines])
        (tmp_path / "data" / f"{split}.csv").write_text(content, encoding="utf-8")
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    monkeypatch.chdir(tmp_path)
    with torch_kept():
        yield tmp_path


def test_there_is_a_command_for_each_verb():
    assert {words[1] for words in COMMANDS} == {"ablate", "learning-curve", "tune"}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_command_works(command, monkeypatch):
    from roomtone.experiments import tuning_space

    arguments = command[1:]
    if "--list" not in arguments:
        arguments += [*SMALL, "--test_csv", "data/test.csv"]
        arguments = ["2" if word in ("5", "30") else word for word in arguments]
    if arguments[0] == "tune":  # the guide's forty settings would take minutes
        groups = tuning_space.guide_groups([], None, one_by_one=True)[:2]
        monkeypatch.setattr(tuning_space, "guide_groups", lambda *given, **named: groups)
    assert main(arguments) == 0


def test_the_page_names_what_there_is():
    for name in ("cnn.enabled", "bilstm.enabled", "attention.enabled", "attention.pooling"):
        assert f"`model.{name}`" in TEXT
