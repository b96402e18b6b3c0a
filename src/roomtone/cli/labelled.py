"""Labelled rows for a verb that judges engines or fits something on top of them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.errors import DataError

if TYPE_CHECKING:
    from roomtone.data.tables import LabelledTexts
    from roomtone.engines import SentimentEngine

SPLITS = {"train": "train", "val": "validation", "test": "test"}
"""What a flag such as ``--val_csv`` calls a split, and what an engine's folder calls it."""


def add_columns(parser: argparse.ArgumentParser) -> None:
    """Add the flags that name the columns."""
    for name in ("text", "label"):
        parser.add_argument(
            f"--{name}_column",
            metavar="NAME",
            default=name,
            help=f"column of the {name}s (default: {name})",
        )


def is_run(path: Path) -> bool:
    """Tell whether a folder is that of a training run, and not of a saved engine."""
    from roomtone.engines.manifest import MANIFEST

    return (path / "final_model.pt").is_file() and not (path / MANIFEST).is_file()


def read_rows(path: Path, args: argparse.Namespace, class_names: Sequence[str]) -> LabelledTexts:
    """Read a file of labelled comments by the names of an engine's classes.

    Raises
    ------
    DataError
        If it cannot be read, or a label is not one of the classes.
    """
    from roomtone.data.tables import read_labelled
    from roomtone.labels import SENTIMENT, LabelScheme

    names = tuple(class_names)
    scheme = LabelScheme() if names == SENTIMENT else LabelScheme(names, {})
    return read_labelled(
        path, text_column=args.text_column, label_column=args.label_column, labels=scheme
    )


def refuse_seen_rows(rows: LabelledTexts, flag: str, engines: Sequence[SentimentEngine]) -> None:
    """Make sure that no engine was fitted on a file that is to judge it.

    Raises
    ------
    DataError
        If the file is one that an engine, or a part of it, records as its training data.
    """
    for engine in engines:
        refuse_seen_rows(rows, flag, list(engine.parts().values()))
        if hash_of(engine, "train") == rows.sha256:
            raise DataError(
                f"{flag} {rows.path}: engine {engine.name!r} was fitted on this file, so that it "
                "cannot tell how good the engine is; name rows that it has not seen"
            )


def refuse_rows_given_twice(rows: Mapping[str, LabelledTexts]) -> None:
    """Make sure that the test rows are not the ones that something is fitted on.

    Parameters
    ----------
    rows : mapping of str to LabelledTexts
        The files by the names of their flags: ``"train"``, ``"val"``, ``"test"``.

    Raises
    ------
    DataError
        If the test file has the bytes of another one.
    """
    test = rows.get("test")
    for flag, others in rows.items():
        if test is not None and others is not test and others.sha256 == test.sha256:
            raise DataError(
                f"--test_csv {test.path}: the same rows as --{flag}_csv {others.path}, so that "
                "they cannot tell how good the result is; name rows that nothing is fitted on"
            )


def hash_of(engine: SentimentEngine, split: str) -> str | None:
    """Return the hash of the file that an engine records for a split, if it does."""
    data = engine.record.get("data")
    entry = data.get(split) if isinstance(data, dict) else None
    return entry.get("sha256") if isinstance(entry, dict) else None
