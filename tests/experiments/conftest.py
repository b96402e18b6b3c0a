"""Small invented corpora and the smallest configuration, for experiments of many short runs."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from torch_kept import torch_kept

from roomtone.config import Config, load_config, to_tree
from roomtone.config.tree import put
from roomtone.config.yamlfile import dump_yaml, read_yaml
from roomtone.experiments.design import Design
from roomtone.experiments.recipes import BaselineRecipe, HybridRecipe, Recipe
from roomtone.experiments.source import Source, read_source

ROOT = Path(__file__).parents[2]
TELLING = {
    "negative": ["dreadful", "boring", "awful"],
    "neutral": ["okay", "average", "plain"],
    "positive": ["lovely", "superb", "great"],
}
FILLING = ["the", "a", "this", "video", "song", "really", "quite", "today"]


@pytest.fixture(autouse=True)
def _torch_as_before() -> Iterator[None]:
    with torch_kept():
        yield


@pytest.fixture(scope="session")
def study_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of ``train.csv``, ``val.csv`` and ``test.csv``."""
    folder = tmp_path_factory.mktemp("study")
    for place, (split, rows) in enumerate({"train": 90, "val": 45, "test": 60}.items()):
        source = random.Random(place)
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["text", "label"])
            for row in range(rows):
                label = list(TELLING)[row % 3]
                seen = label if source.random() > 0.2 else source.choice(list(TELLING))
                words = [source.choice(FILLING) for _ in range(source.randint(2, 9))]
                words.insert(source.randint(0, len(words)), source.choice(TELLING[seen]))
                table.writerow([f"{' '.join(words)} {row}", label])
    return folder


@pytest.fixture
def study_tree(study_corpus: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """A function that gives the settings of a study; keywords hold dots as ``__``."""

    def make(**changes: Any) -> dict[str, Any]:
        tree = read_yaml(ROOT / "configs" / "tiny.yaml")
        settings = {
            **{f"{split}_csv": str(study_corpus / f"{split}.csv") for split in ("train", "val")},
            "test_csv": str(study_corpus / "test.csv"),
            "output_dir": str(tmp_path / "output"),
            "training__max_epochs": 2,
            "training__learning_rate": 0.02,
            "device": "cpu",
            **changes,
        }
        for key, value in settings.items():
            put(tree, key.replace("__", "."), value)
        return tree

    return make


@pytest.fixture
def study_config(study_tree: Callable[..., dict[str, Any]]) -> Callable[..., Config]:
    """A function that makes the configuration of a study."""
    return lambda **changes: load_config(tree=study_tree(**changes))


@pytest.fixture
def study_yaml(study_tree: Callable[..., dict[str, Any]], tmp_path: Path) -> Callable[..., Path]:
    """A function that writes the configuration of a study as a file."""

    def write(**changes: Any) -> Path:
        path = tmp_path / "study.yaml"
        path.write_text(dump_yaml(study_tree(**changes)), encoding="utf-8")
        return path

    return write


class Lives:
    """Runs a command as a process of its own, which is at work until the test ends it."""

    def __init__(self) -> None:
        self.begun: list[subprocess.Popen[str]] = []

    def start(
        self, *arguments: object, held_once: Path, until: Path | None = None
    ) -> subprocess.Popen[str]:
        """Begin ``roomtone``; it trains no further once a file is there, until another one is."""
        held = {"once": str(held_once), "count": 1, "until": str(until or "")}
        places = os.pathsep.join([str(ROOT / "tests" / "held"), str(ROOT / "src")])
        process = subprocess.Popen(
            [sys.executable, "-m", "roomtone", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={
                **os.environ,
                "PYTHONPATH": places,
                "PYTHONIOENCODING": "utf-8",
                "ROOMTONE_HELD": json.dumps(held),
            },
        )
        self.begun.append(process)
        until_failure = time.monotonic() + 300
        while not held_once.is_file() and process.poll() is None:
            assert time.monotonic() < until_failure, f"{held_once} never came"
            time.sleep(0.01)
        assert process.poll() is None, process.stdout.read()
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill the process, which must be at work."""
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


@pytest.fixture
def lives() -> Iterator[Lives]:
    """A function that starts processes, none of which outlives the test."""
    made = Lives()
    yield made
    for process in made.begun:
        process.kill()
        process.wait()
        process.stdout.close()


WORDS = {
    "positive": ("wonderful", "brilliant", "lovely", "superb"),
    "neutral": ("average", "ordinary", "middling", "usual"),
    "negative": ("dreadful", "boring", "awful", "hopeless"),
}


def comments(rows: int) -> list[dict[str, str]]:
    """Invent comments with a word of their own each, labels partly wrong, videos and days."""
    source = random.Random(11)
    invented = []
    for row in range(rows):
        label = tuple(WORDS)[row % 3]
        first, second = (
            source.choice(WORDS[label if source.random() < share else source.choice(tuple(WORDS))])
            for share in (0.7, 0.3)
        )
        invented.append(
            {
                "text": f"The {first} song own{row} is {second} from start to end",
                "label": label,
                "video": f"v{source.randrange(20)}",
                "day": f"2026-01-{1 + row * 28 // rows:02}",
            }
        )
    source.shuffle(invented)
    return invented


@pytest.fixture
def data(tmp_path_factory) -> Path:
    """A file of 90 labelled comments, with the columns video and day."""
    path = tmp_path_factory.mktemp("data") / "all.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, ["text", "label", "video", "day"])
        table.writeheader()
        table.writerows(comments(90))
    return path


@pytest.fixture
def config() -> Config:
    return load_config(ROOT / "configs" / "tiny.yaml", check_files=False)


@pytest.fixture
def source(data, config) -> Source:
    return read_source([data], config)


@pytest.fixture
def design(config) -> Callable[..., Design]:
    """A function that designs a cross-validation of some models over so many folds."""

    def make(*names: str, folds: int | dict[str, int] = 3, **rest) -> Design:
        recipes: dict[str, Recipe] = {
            name: HybridRecipe(to_tree(config)) if name == "hybrid_dl" else BaselineRecipe(name)
            for name in names
            if name not in ("ensemble", "stacking")
        }
        counts = folds if isinstance(folds, dict) else dict.fromkeys(names, folds)
        return Design(recipes, counts, **rest)

    return make
