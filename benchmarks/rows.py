"""The labelled rows that a benchmark uses: which files, how many of them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from roomtone.config import Config
from roomtone.data.dataset import SentimentDataset
from roomtone.data.tables import LabelledTexts, read_labelled
from roomtone.labels import LabelScheme
from roomtone.text import Vocabulary
from roomtone.training.console import Console
from roomtone.training.preparation import obtain_vocabulary

FOLDERS = (Path("data"), Path("../shared/data"))
NAMES = ("semeval_{split}.csv.gz", "semeval_{split}.csv", "{split}.csv.gz", "{split}.csv")
SEED = 42


@dataclass(frozen=True)
class Rows:
    """Texts and class codes."""

    texts: list[str]
    labels: list[int]

    def __len__(self) -> int:
        return len(self.texts)

    def first(self, count: int) -> Rows:
        """Return the first rows alone."""
        return Rows(self.texts[:count], self.labels[:count])


def add_data_arguments(parser: argparse.ArgumentParser, *splits: str) -> None:
    """Declare where the files are."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder with semeval_SPLIT or SPLIT, as .csv or .csv.gz "
        f"(default: {' or '.join(map(str, FOLDERS))}, where it is)",
    )
    for split in splits:
        parser.add_argument(
            f"--{split}_csv", type=Path, metavar="PATH", help=f"this file instead, for {split}"
        )


def find_file(parser: argparse.ArgumentParser, args: argparse.Namespace, split: str) -> Path:
    """Find the file of a split, or leave with a message that says how to name it."""
    given: Path | None = getattr(args, f"{split}_csv")
    if given is not None:
        if not given.is_file():
            parser.error(f"--{split}_csv {given}: there is no such file")
        return given
    folders = (args.data,) if args.data else FOLDERS
    for folder in folders:
        for name in NAMES:
            path: Path = folder / name.format(split=split)
            if path.is_file():
                return path
    return parser.error(
        f"no {split} rows in {' or '.join(map(str, folders))} (looked for "
        f"{', '.join(name.format(split=split) for name in NAMES)}); name a CSV file with the "
        f"columns text and label by --{split}_csv, or its folder by --data"
    )


def read_rows(path: Path, count: int | None = None) -> Rows:
    """Read a file; with `count`, draw so many of its rows at random, always the same ones."""
    table: LabelledTexts = read_labelled(path, labels=LabelScheme())
    order = np.arange(len(table.texts))
    if count is not None:
        order = np.random.default_rng(SEED).permutation(order)[:count]
    return Rows([table.texts[row] for row in order], table.labels[order].tolist())


def vocabulary_of(rows: Rows, config: Config) -> Vocabulary:
    """Make the vocabulary that a run of a configuration would make of these rows."""
    table = LabelledTexts(
        path=Path(),
        texts=rows.texts,
        labels=np.array(rows.labels),
        lines=np.arange(len(rows)),
        rejected=(),
        encoding="utf-8",
        delimiter=",",
        sha256="",
    )
    return obtain_vocabulary(None, table, config, Console(quiet=True))


def encode(rows: Rows, vocabulary: Vocabulary, config: Config) -> SentimentDataset:
    """Encode rows as a configuration asks for."""
    return SentimentDataset(rows.texts, rows.labels, vocabulary, config.data.max_len)
