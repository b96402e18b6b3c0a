"""Hybrids trained as `roomtone train` does, in folders that a second call uses again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from candidates import HYBRID, Candidate, Predictions

from roomtone.config import Config, load_config, to_tree
from roomtone.config.tree import LEAVES, get
from roomtone.data.dataset import SentimentDataset
from roomtone.data.fetch import file_sha256
from roomtone.errors import RoomtoneError
from roomtone.training.building import build_network
from roomtone.training.console import Console
from roomtone.training.device import choose_device
from roomtone.training.evaluation import evaluate
from roomtone.training.optimisation import WeightedLoss
from roomtone.training.preparation import batch_loader, split_files
from roomtone.training.run import Run
from roomtone.training.run_folder import RunFolder
from roomtone.training.transfer import load_model_file

# What a run settles by itself, and files, whose content counts rather than their place.
SETTLED = {"device", "threads", "output_dir", "tensorboard_dir", "num_workers"}
FILES = {"train_csv", "val_csv", "test_csv"}


def run_config(
    path: Path,
    files: Mapping[str, Path],
    work: Path,
    vectors: tuple[Path, int] | None,
    *,
    seed: int,
    sets: Sequence[str] = (),
) -> Config:
    """Load a configuration as the command line would, with vectors as `roomtone demo` has them.

    Parameters
    ----------
    path : Path
        YAML file; its name becomes that of the run.
    files : mapping of str to Path
        The file of each split.
    work : Path
        Folder that all runs go to.
    vectors : tuple of Path and int, optional
        A file of word vectors, and how wide they are.
    seed : int
        The run's.
    sets : sequence of str
        ``"training.batch_size=64"`` and the like.
    """
    flags = {f"{split}_csv": str(file) for split, file in files.items()}
    flags |= {"output_dir": str(work / "runs"), "tensorboard_dir": str(work / "tensorboard")}
    flags |= {"experiment_name": path.stem, "seed": str(seed)}
    if vectors is None:
        flags |= {"freeze_epochs": "0"}
    else:
        flags |= {"glove_path": str(vectors[0]), "embedding_dim": str(vectors[1])}
    return load_config(path, flags=flags, sets=sets)


def hybrid(config: Config, *, fresh: bool, quiet: bool) -> Candidate:
    """Train a configuration, or take the finished run of it that is there already."""
    folder = _folder(config)
    if fresh and folder.root.is_dir():
        shutil.rmtree(folder.root)
    if not is_there(config) and Run(config, Console(quiet=quiet)).execute().test is None:
        raise KeyboardInterrupt
    return read_hybrid(folder)


def is_there(config: Config) -> bool:
    """Tell whether a finished run of these settings and files is there.

    Raises
    ------
    RoomtoneError
        If its folder holds a run of other settings or data, or one that has not ended.
    """
    folder = _folder(config)
    if not folder.root.is_dir() or folder.abandoned:
        return False
    check_same(folder, config)
    return True


def _folder(config: Config) -> RunFolder:
    return RunFolder(config.output_dir / str(config.experiment_name))


def check_same(folder: RunFolder, config: Config) -> None:
    """Make sure that a run has ended, and is of these settings and files."""
    if not folder.manifest.is_file():
        raise RoomtoneError(
            f"{folder} holds a run that has not ended; go on with it by "
            f"`roomtone train --resume {folder}`, or train anew with --fresh"
        )
    saved = to_tree(load_config(folder.config, check_files=False))
    wanted = to_tree(config)
    other = [
        key for key in LEAVES if key not in SETTLED | FILES and get(saved, key) != get(wanted, key)
    ]
    data = json.loads(folder.manifest.read_text("utf-8"))["data"]
    for split, path in split_files(config).items():
        if data.get(split, {}).get("sha256") != file_sha256(path):
            other.append(f"{split}_csv")
    if other:
        raise RoomtoneError(
            f"{folder} holds a run that differs in {', '.join(other)}; train anew with --fresh, "
            "or give another --work"
        )


def read_hybrid(folder: RunFolder) -> Candidate:
    """Read a finished run."""
    manifest = json.loads(folder.manifest.read_text("utf-8"))
    history = json.loads(folder.history.read_text("utf-8"))
    config = load_config(folder.config, check_files=False)
    spent = sum(manifest["wall_seconds"][step] for step in ("data", "model", "training"))
    facts = history["metadata"]
    return Candidate(
        f"Hybrid, {folder.root.name}",
        HYBRID,
        _predictor(folder, config),
        spent,
        folder.final_model.stat().st_size + folder.vocabulary_json.stat().st_size,
        f"{facts['total_epochs']} epochs, the best {facts['best_epoch']}; "
        f"{manifest['threads']} threads, {config.training.precision}",
        {name: history["history"][name] for name in ("train_f1_macro", "val_f1_macro")},
    )


def _predictor(folder: RunFolder, config: Config) -> Callable[[Sequence[str]], Predictions]:
    """Load the network; it predicts on the processor, as the baselines do."""
    content, vocabulary = load_model_file(folder.root)
    network, _ = build_network(config, vocabulary, Console(quiet=True), fresh=False)
    network.load_state_dict(content["model_state_dict"])
    loss, device = WeightedLoss(None), choose_device("cpu")

    def predict(texts: Sequence[str]) -> Predictions:
        # Labels are not looked at: the loss that they give is thrown away.
        data = SentimentDataset(texts, [0] * len(texts), vocabulary, config.data.max_len)
        found: Any = evaluate(
            network,
            batch_loader(data, config, shuffle=False),
            loss,
            device=device,
            precision=config.training.precision,
        )
        return Predictions(found.predicted, found.probs)

    return predict
