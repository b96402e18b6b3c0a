"""Training a hybrid on texts in memory, with the loop of a run and without its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.config import Config
from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import SentimentDataset
from roomtone.data.tables import LabelledTexts
from roomtone.engines.hybrid_files import HybridModel
from roomtone.labels import LabelScheme
from roomtone.nets import set_generator
from roomtone.stats.folds import deal_folds
from roomtone.text import Vocabulary
from roomtone.training.building import build_network
from roomtone.training.console import Console
from roomtone.training.device import choose_device
from roomtone.training.loop import Trainer
from roomtone.training.preparation import batch_loader, obtain_vocabulary


def fit_hybrid(
    config: Config,
    texts: Sequence[str],
    codes: NDArray[np.int64],
    *,
    class_names: Sequence[str],
    held_out: NDArray[np.bool_],
    console: Console | None = None,
) -> tuple[HybridModel, dict[str, list[float]]]:
    """Train a hybrid; the best epoch's weights stay.

    Parameters
    ----------
    config : Config
        As of a run, whose files do not count.
    texts : sequence of str
        The texts.
    codes : ndarray of int64, shape [n]
        Class codes; each of them occurs.
    class_names : sequence of str
        Names of the classes.
    held_out : ndarray of bool, shape [n]
        The rows that choose the best epoch; `validation_rows` draws some.
    console : Console, optional
        Where warnings go.

    Returns
    -------
    tuple
        The model, and each metric after each epoch.

    Raises
    ------
    KeyboardInterrupt
        If someone interrupts.
    """
    parts = [np.flatnonzero(~held_out), np.flatnonzero(held_out)]
    silent = console or Console(quiet=True)
    vocabulary = _vocabulary([texts[row] for row in parts[0].tolist()], config, silent)
    train, val = (
        _loader(
            [texts[row] for row in rows.tolist()], codes[rows], vocabulary, config, shuffle=first
        )
        for rows, first in zip(parts, (True, False), strict=True)
    )
    network, _ = build_network(config, vocabulary, silent, fresh=True)
    trainer = Trainer(
        network.to(choose_device(config.device)), train, val, config, class_names=class_names
    )
    if trainer.train() == "interrupted":
        raise KeyboardInterrupt
    trainer.use_best()
    set_generator(network, None)
    counts = np.bincount(codes[parts[0]], minlength=len(class_names))
    common = {
        "name": "hybrid_dl",
        "class_names": tuple(class_names),
        "prior": counts / counts.sum(),
    }
    sizes = config.model.model_copy(update={"vocab_size": vocabulary.learned})
    network = network.cpu().eval().requires_grad_(False)
    return HybridModel(network, sizes, vocabulary, common), trainer.progress.history


def validation_rows(codes: NDArray[np.int64], fraction: float, *, seed: int) -> NDArray[np.bool_]:
    """Draw the rows that choose the best epoch, of each class its share.

    A class keeps at least one row to train on.

    Raises
    ------
    ValueError
        If the fraction is not above 0 and at most a half, or no class has a row to spare.
    """
    if not 0 < fraction <= 0.5:
        raise ValueError(f"validation_fraction: found {fraction!r}, expected above 0, at most 0.5")
    held_out: NDArray[np.bool_] = deal_folds(codes, min(round(1 / fraction), len(codes)), seed) == 0
    lost = np.setdiff1d(codes, codes[~held_out])
    held_out &= ~np.isin(codes, lost)
    if not held_out.any():
        raise ValueError(
            f"{len(codes)} rows are too few to hold any out for validation; give more rows of each "
            "class"
        )
    return held_out


def _vocabulary(texts: list[str], config: Config, console: Console) -> Vocabulary:
    table = LabelledTexts(
        path=Path(),
        texts=texts,
        labels=np.zeros(len(texts), dtype=np.int64),
        lines=np.arange(len(texts)),
        rejected=(),
        encoding="utf-8",
        delimiter=",",
        sha256="",
    )
    return obtain_vocabulary(config.vocab_path, table, config, console)


def _loader(
    texts: list[str],
    codes: NDArray[np.int64],
    vocabulary: Vocabulary,
    config: Config,
    *,
    shuffle: bool,
) -> BatchLoader:
    # The labels are codes already, whatever the user's own classes are called.
    scheme = LabelScheme.numbered(config.model.num_classes)
    dataset = SentimentDataset(
        texts, codes.tolist(), vocabulary, config.data.max_len, scheme=scheme
    )
    return batch_loader(dataset, config, shuffle=shuffle)
