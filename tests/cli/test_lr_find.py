from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from torch_kept import torch_kept

from roomtone.cli.main import main

SIZES = (
    *("--set", "model.cnn.num_filters=4", "--set", "model.bilstm.hidden_size=4"),
    *("--set", "model.bilstm.num_layers=1", "--set", "model.attention.num_heads=2"),
    *("--set", "model.classifier.hidden_sizes=8", "--set", "model.classifier.dropout=0.1"),
    *("--embedding_dim", "8", "--batch_size", "8", "--threads", "1", "--device", "cpu"),
)
WORDS = {"negative": "bad awful poor", "neutral": "plain usual fair", "positive": "good great fine"}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A working folder with data."""
    rows = [
        f"{a} {b},{label}"
        for label, words in WORDS.items()
        for a in words.split()
        for b in words.split()
    ]
    (tmp_path / "data").mkdir()
    for split in ("train", "val"):
        text = "\n".join(["text,label", *rows * 4])
        (tmp_path / "data" / f"{split}.csv").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _torch_as_before():
    with torch_kept():
        yield


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_it_suggests_a_rate_and_writes_the_curve_and_nothing_else(folder, capsys):
    before = files(folder)
    assert main(["lr-find", *SIZES, "--output_dir", "found", "--lr_steps", "200"]) == 0
    output = capsys.readouterr().out
    (suggested,) = re.findall(r"^Suggested: --learning_rate (\S+)$", output, re.MULTILINE)
    assert 1e-4 < float(suggested) < 0.1
    assert files(folder) - before == {"found/lr_find.png", "found/lr_find.json"}
    curve = json.loads((folder / "found/lr_find.json").read_text(encoding="utf-8"))
    assert curve["suggested"] == float(suggested)
    assert len(curve["rates"]) == len(curve["losses"]) == len(curve["smoothed"])
    assert curve["rates"] == sorted(curve["rates"])
    assert "Step 10/200 - Learning rate: 1.87e-06 - Loss: " in output


def test_the_figure_is_drawn(folder):
    from matplotlib.image import imread

    assert main(["lr-find", *SIZES, "--quiet", "--output_dir", "."]) == 0
    picture = imread(folder / "lr_find.png")
    assert picture.shape[1] > 1500, "wide enough for print at 300 dpi"
    colours = np.unique(picture[..., :3].reshape(-1, 3).round(1), axis=0)
    assert len(colours) > 10


def test_the_same_command_gives_the_same_files(folder):
    arguments = [*SIZES, "--quiet", "--lr_steps", "120"]
    for name in ("first", "second"):
        assert main(["lr-find", *arguments, "--output_dir", name]) == 0
    for name in ("lr_find.json", "lr_find.png"):
        assert (folder / "first" / name).read_bytes() == (folder / "second" / name).read_bytes()


def test_a_quiet_one_says_the_result_alone(folder, capsys):
    assert main(["lr-find", *SIZES, "--quiet"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert lines[0].startswith("Suggested: --learning_rate ")
    assert len(lines) == 2


def test_settings_come_from_a_file_and_the_command_line_as_in_training(folder, capsys):
    (folder / "settings.yaml").write_text("training: {class_weights: balanced, seeds: 1}\n")
    assert main(["lr-find", *SIZES, "--config", "settings.yaml", "--batch_size", "0"]) == 2
    message = capsys.readouterr().err
    assert "training.seeds" in message
    assert "training.batch_size (from --batch_size): found 0" in message


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lr_start", "0.1", "--lr_end", "0.01"], "expected two rates above 0, the first one"),
        (["--lr_start", "0"], "expected two rates above 0"),
        (["--lr_end", "nan"], "expected two rates above 0"),
        (["--lr_steps", "5"], "--lr_steps 5: expected at least 20"),
        (["--resume", "output/run"], "unknown flag '--resume'"),
        (["--lr_end", "1e-5", "--lr_steps", "30"], "The loss falls at no rate from 1e-06 to 1e-05"),
    ],
)
def test_a_mistake_is_a_clear_error(arguments, message, capsys):
    assert main(["lr-find", *SIZES, "--quiet", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
