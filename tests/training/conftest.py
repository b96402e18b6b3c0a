"""A small invented corpus, configurations on it, and ways to train: in-process and as a program."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from roomtone.config import Config, load_config
from roomtone.config.tree import put
from roomtone.data.dataset import CSVSentimentDataset
from roomtone.data.tables import read_table
from roomtone.labels import LabelScheme
from roomtone.training.building import build_network
from roomtone.training.checkpoint import CheckpointFolder
from roomtone.training.console import Console
from roomtone.training.device import be_deterministic, choose_device
from roomtone.training.loop import Trainer
from roomtone.training.observers import Observer
from roomtone.training.preparation import batch_loader, obtain_vocabulary
from roomtone.training.resume import Resume
from roomtone.training.run import Outcome, Run

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs" / "tiny.yaml"
TELLING = {
    "negative": ["dreadful", "boring", "awful", "hated", "worst", "ugly"],
    "neutral": ["okay", "average", "plain", "usual", "middling", "so-so"],
    "positive": ["lovely", "superb", "great", "adored", "best", "charming"],
}
FILLING = ["the", "a", "this", "video", "song", "really", "quite", "today", "channel", "people"]
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def torch_settings_stay_as_they_were() -> Iterator[None]:
    """Let no test leave its threads or its determinism to the next one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    deterministic = torch.get_deterministic_debug_mode()
    benchmark = torch.backends.cudnn.benchmark
    yield
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode(deterministic)
    torch.backends.cudnn.benchmark = benchmark


def comments(rows: int, seed: int) -> list[tuple[str, str]]:
    """Invent comments; one in five tells the wrong class, so that nothing is learned perfectly."""
    source, made = random.Random(seed), []
    for row in range(rows):
        label = list(TELLING)[row % 3]
        telling = TELLING[label if source.random() > 0.2 else source.choice(list(TELLING))]
        words = [source.choice(FILLING) for _ in range(source.randint(1, 14))]
        words.insert(source.randint(0, len(words)), source.choice(telling))
        made.append((f"{' '.join(words)} {row}", label))
    return made


@pytest.fixture(scope="session")
def write_csv() -> Write:
    """A function that writes rows of a text and a label."""

    def write(path: Path, rows: list[tuple[str, str]], header: tuple[str, str]) -> Path:
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        return path

    return write


@pytest.fixture(scope="session")
def make_corpus(write_csv: Write) -> Callable[..., Path]:
    """A function that writes ``train.csv``, ``val.csv`` and ``test.csv`` into a folder."""

    def make(folder: Path, *, train: int = 120, val: int = 45, seed: int = 1) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for place, (split, rows) in enumerate({"train": train, "val": val, "test": val}.items()):
            rows_ = comments(rows, seed=100 * seed + place)
            write_csv(folder / f"{split}.csv", rows_, ("text", "label"))
        return folder

    return make


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory, make_corpus: Callable[..., Path]) -> Path:
    """The folder of the three files that most tests share."""
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, make_corpus: Callable[..., Path]) -> Path:
    """A corpus for tests that train many times."""
    return make_corpus(tmp_path_factory.mktemp("small"), train=40, val=21)


@pytest.fixture(scope="session")
def lopsided(tmp_path_factory: pytest.TempPathFactory, write_csv: Write) -> Path:
    """A corpus in which nearly every text is neutral, and nothing tells the others."""
    folder = tmp_path_factory.mktemp("lopsided")
    rows = [(f"just a video {row}", "neutral") for row in range(60)]
    rows += [("just a video x", "negative"), ("just a video y", "positive")]
    for split in ("train", "val", "test"):
        write_csv(folder / f"{split}.csv", rows, ("text", "label"))
    return folder


@pytest.fixture
def configure(corpus: Path, tmp_path: Path, device: str) -> Callable[..., Config]:
    """A function that makes a tiny configuration; keywords hold dots as ``__``."""

    def make(data: Path | None = None, **changes: Any) -> Config:
        tree: dict[str, Any] = {}
        place = data or corpus
        settings = {
            "train_csv": place / "train.csv",
            "val_csv": place / "val.csv",
            "test_csv": place / "test.csv",
            "output_dir": tmp_path / "output",
            "tensorboard_dir": tmp_path / "runs",
            "experiment_name": "trial",
            "tensorboard__enabled": False,
            "device": device,
            **changes,
        }
        for name, value in settings.items():
            put(tree, name.replace("__", "."), str(value) if isinstance(value, Path) else value)
        return load_config(tree=_laid_over(tree))

    return make


def _laid_over(tree: dict[str, Any]) -> dict[str, Any]:
    from roomtone.config.tree import LEAVES, get
    from roomtone.config.yamlfile import read_yaml

    base = read_yaml(TINY)
    for key in LEAVES:
        if (value := get(tree, key)) is not None:
            put(base, key, value)
    return base


@pytest.fixture
def settings(configure: Callable[..., Config], small: Path) -> Callable[..., Config]:
    """A function that configures four batches an epoch and a checkpoint after each."""

    def make(**changes: Any) -> Config:
        frequent = {"training__batch_size": 12, "training__checkpoint_minutes": 1e-9}
        return configure(small, **{**frequent, **changes})

    return make


@pytest.fixture
def train(configure: Callable[..., Config]) -> Callable[..., tuple[Outcome, str]]:
    """A function that trains in this process; gives the outcome and what was printed."""

    def run(config: Config | None = None, *, quiet: bool = False, **changes: Any) -> Any:
        stream = io.StringIO()
        console = Console(quiet=quiet, stream=stream)
        return Run(config or configure(**changes), console).execute(), stream.getvalue()

    return run


@pytest.fixture
def silent() -> Console:
    """A console that nobody reads."""
    return Console(stream=io.StringIO())


@pytest.fixture
def resume_of(silent: Console) -> Callable[..., Run]:
    """A function that opens a run to go on with it; keywords as in `configure`."""

    def open_run(path: Path, **changes: Any) -> Run:
        resume = Resume.open(path)
        sets = [f"{name.replace('__', '.')}={value}" for name, value in changes.items()]
        return Run(resume.configure(None, {}, sets), silent, resume)

    return open_run


@pytest.fixture
def make_trainer(configure: Callable[..., Config]) -> Callable[..., Trainer]:
    """A function that builds a trainer alone, without a run around it."""

    def make(config: Config, checkpoints: Path | None, *observers: Observer) -> Trainer:
        be_deterministic(config.deterministic)
        scheme = LabelScheme()
        tables = [read_table(path, config, scheme) for path in (config.train_csv, config.val_csv)]
        silent = Console(quiet=True, stream=io.StringIO())
        vocabulary = obtain_vocabulary(config.vocab_path, tables[0], config, silent)
        loaders = [
            batch_loader(
                CSVSentimentDataset(table, vocabulary, config.data.max_len),
                config,
                shuffle=shuffle,
            )
            for table, shuffle in zip(tables, (True, False), strict=True)
        ]
        network, _ = build_network(config, vocabulary, silent, fresh=True)
        return Trainer(
            network.to(choose_device(config.device)),
            *loaders,
            config,
            class_names=scheme.names,
            checkpoints=None if checkpoints is None else CheckpointFolder(checkpoints),
            observers=observers,
        )

    return make


@pytest.fixture(scope="session")
def results_of() -> Callable[[Path], dict[str, Any]]:
    """A function that collects what two equal runs must have in common, byte for byte."""

    def collect(folder: Path) -> dict[str, Any]:
        history = json.loads((folder / "training_history.json").read_text(encoding="utf-8"))
        test = json.loads((folder / "test_metrics.json").read_text(encoding="utf-8"))
        weights = [folder / "final_model.pt", *folder.glob("checkpoints/hybrid_epoch*.pt")]
        return {
            "weights": {path.name: _digest(path) for path in weights},
            "history": history["history"],
            "best": {
                key: history["metadata"][key] for key in ("best_epoch", "best_value", "stopped")
            },
            "test": {key: test[key] for key in ("metrics", "intervals")},
            "predictions": _digest(folder / "predictions.csv"),
            "files": sorted(
                str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
            ),
        }

    return collect


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
