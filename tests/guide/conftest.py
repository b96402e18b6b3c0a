from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from torch_kept import torch_kept

REPOSITORY = Path(__file__).parents[2]
RESEARCH = Path("backend") / "research"

# Sizes that make each command of the guide a matter of seconds; they change nothing else.
TINY = (
    *("--set", "model.cnn.num_filters=8", "--set", "model.cnn.filter_sizes=2,3"),
    *("--set", "model.bilstm.hidden_size=8", "--set", "model.bilstm.num_layers=1"),
    *("--set", "model.attention.num_heads=2"),
    *("--set", "model.classifier.hidden_sizes=16", "--set", "model.classifier.dropout=0.1"),
    *("--embedding_dim", "16", "--threads", "1"),
)

WORDS = {
    "positive": ("wonderful", "brilliant", "lovely", "superb", "delightful", "charming"),
    "neutral": ("average", "ordinary", "so-so", "middling", "passable", "usual"),
    "negative": ("dreadful", "boring", "awful", "clumsy", "hopeless", "tiresome"),
}
TEMPLATES = (
    "The {} was {} from start to end",
    "I found this {} rather {}",
    "What a {1} {0}, honestly",
    "My brother says the {} is {} 🙂",
    "{1}, simply {1}: the whole {0}",
    "Watched it twice; {} stays {}",
)
THINGS = ("song", "trailer", "lecture", "recipe", "match", "speech", "episode", "interview")

Launch = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _one_thread():
    with torch_kept(threads=1):
        yield


def invent(rows: int, seed: int) -> list[dict[str, str]]:
    """Invent comments whose words tell their class; the same for the same seed."""
    source = random.Random(seed)
    labels = [tuple(WORDS)[row % 3] for row in range(rows)]
    return [
        {
            "text": source.choice(TEMPLATES).format(
                source.choice(THINGS), source.choice(WORDS[label])
            ),
            "label": label,
        }
        for label in labels
    ]


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, ["text", "label"])
        table.writeheader()
        table.writerows(rows)


def lay_out(folder: Path) -> Path:
    """Copy `backend/research` and put the files there that the guide takes as given."""
    research = folder / RESEARCH
    shutil.copytree(
        REPOSITORY / RESEARCH,
        research,
        ignore=shutil.ignore_patterns("__pycache__", "*.csv", "output", "runs", "embeddings"),
    )
    for seed, (split, rows) in enumerate((("train", 120), ("val", 30), ("test", 30))):
        write_csv(research / "data" / f"{split}.csv", invent(rows, seed))
    write_csv(research / "data" / "all_data.csv", invent(120, 7))
    return research


def launch(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, as someone who has installed roomtone would."""
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOMTONE")}
    return {
        **kept,
        "PYTHONPATH": str(REPOSITORY / "src"),
        "PYTHONIOENCODING": "utf-8",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "Agg",
    }


@pytest.fixture
def python() -> Launch:
    """A function that runs Python in a folder with some arguments."""
    return launch


@pytest.fixture
def terminal_environment() -> dict[str, str]:
    """The environment of a program on a terminal of 120 columns."""
    return {**environment(), "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}


@pytest.fixture
def tiny() -> tuple[str, ...]:
    """Arguments that make a training command a matter of seconds."""
    return TINY


@pytest.fixture
def research(tmp_path: Path) -> Path:
    """A fresh `backend/research`, with data."""
    return lay_out(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> tuple[Path, str]:
    """A `backend/research` after the guide's minimal command, and what that printed."""
    research = lay_out(tmp_path_factory.mktemp("finished"))
    vectors = research / "embeddings" / "glove.6B.300d.txt"
    vectors.parent.mkdir()
    words = [*(word for words in WORDS.values() for word in words), *THINGS, "the", "is"]
    vectors.write_text(
        "".join(
            f"{word} {' '.join(f'{(at * 7 + i) % 11 / 10 - 0.5:.1f}' for i in range(16))}\n"
            for at, word in enumerate(words)
        ),
        encoding="utf-8",
    )
    result = launch(
        research,
        "train_hybrid_dl.py",
        *("--train_csv", "data/train.csv"),
        *("--val_csv", "data/val.csv"),
        *("--test_csv", "data/test.csv"),
        *("--max_epochs", "50"),
        *("--batch_size", "32"),
        # From here on, what the guide's reader has on disk, and what makes the test short.
        *("--glove_path", "embeddings/glove.6B.300d.txt", "--embedding_dim", "16"),
        *("--max_epochs", "2", "--batch_size", "8", "--learning_rate", "0.01", *TINY),
    )
    assert result.returncode == 0, result.stderr
    return research, result.stdout


@pytest.fixture
def run_folder(finished: tuple[Path, str]) -> Path:
    """The folder that the guide's minimal command left."""
    (folder,) = (finished[0] / "output").iterdir()
    return folder
