"""The corpora behind VADER: 23,700 sentences with human ratings, as three CSV files."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from roomtone.data.corpora.hutto import FILES, Snippet, read_snippets
from roomtone.data.corpora.split import SPLITS, assign_splits
from roomtone.data.corpora.summary import CorpusSummary, source_note
from roomtone.data.duplicates import fold
from roomtone.data.fetch import Package, fetch
from roomtone.data.publish import publish, published
from roomtone.errors import DataError
from roomtone.labels import SENTIMENT

VADER = Package(
    manager="pip",
    name="vaderSentiment",
    version="0.5",
    archive="vaderSentiment-0.5.zip",
    sha256="5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a",
    without="Training on CSV files of your own needs no download.",
)
COLUMNS = ("text", "label", "source", "mean_rating")
_STAMP = ".roomtone-vader.json"
# Raised whenever the same settings come to give other bytes.
_FORMAT = 2


def build_vader_corpus(
    output_dir: str | os.PathLike[str],
    *,
    threshold: float = 0.5,
    seed: int = 42,
    cache_dir: str | os.PathLike[str] | None = None,
    package: Package = VADER,
) -> CorpusSummary:
    """Write the corpus as ``train.csv``, ``val.csv`` and ``test.csv``, 70/15/15.

    The split is stratified by source and label, with duplicates, as the data report finds them,
    on one side. Equal settings give
    equal bytes. If the files are already there, unchanged, nothing is downloaded or written.

    Parameters
    ----------
    output_dir : path
        Where the files go; made if need be.
    threshold : float, default 0.5
        A text is negative below ``-threshold``, positive above ``threshold``, else neutral.
    seed : int, default 42
        Seed of the split.
    cache_dir : path, optional
        Where the download is kept; see `roomtone.data.fetch.cache_folder`.
    package : Package
        The archive to read; any other must be laid out alike.

    Returns
    -------
    CorpusSummary
        Where the files are and what they hold.

    Raises
    ------
    DataError
        If a setting is out of range, the archive cannot be had, or the files cannot be written.
    """
    _check_settings(threshold, seed)
    folder = Path(output_dir)
    made = partial(CorpusSummary, output_dir=folder, threshold=float(threshold), seed=seed)
    settings = {
        "format": _FORMAT,
        "threshold": float(threshold),
        "seed": seed,
        "sha256": package.sha256,
    }
    details = published(folder, _STAMP, settings)
    if details is not None:
        return made(counts=details, already_there=True)

    snippets = read_snippets(fetch(package, cache_dir=cache_dir))
    labels = [label_of(snippet.mean_rating, threshold) for snippet in snippets]
    _check_labels(labels, threshold)
    counts, files = {}, {}
    for split, rows in _split(snippets, labels, seed).items():
        chosen, their_labels = [snippets[row] for row in rows], [labels[row] for row in rows]
        counts[split] = _count(chosen, their_labels)
        files[f"{split}.csv"] = _csv(chosen, their_labels)
    summary = made(counts=counts)
    files["SOURCE.md"] = source_note(summary, package).encode()
    writers = {name: partial(_write, content) for name, content in files.items()}
    publish(folder, _STAMP, settings, writers, lambda: counts)
    return summary


def label_of(mean_rating: float, threshold: float) -> str:
    """Name the class of a mean rating; ratings of exactly ``±threshold`` are neutral."""
    if mean_rating < -threshold:
        return SENTIMENT[0]
    return SENTIMENT[2] if mean_rating > threshold else SENTIMENT[1]


def _check_settings(threshold: float, seed: int) -> None:
    if not 0 <= threshold < 4:
        raise DataError(
            f"threshold: {threshold} is out of range. Ratings go from -4 to 4, and those up to "
            f"the threshold are neutral: give a number from 0 to below 4, such as 0.5."
        )
    if seed < 0:
        raise DataError(f"seed: {seed} is negative; give a whole number from 0 up, such as 42.")


def _check_labels(labels: Sequence[str], threshold: float) -> None:
    absent = [label for label in SENTIMENT if label not in labels]
    if absent:
        raise DataError(
            f"threshold: with {threshold} no text is {' or '.join(absent)}, and a model cannot "
            f"learn a class without examples. Give another threshold; 0.5 is usual."
        )


def _split(
    snippets: Sequence[Snippet], labels: Sequence[str], seed: int
) -> dict[str, NDArray[np.int64]]:
    """Choose the rows of each split, in random order: any first rows are then a fair sample."""
    strata = [(item.source, label) for item, label in zip(snippets, labels, strict=True)]
    keys = list(fold([snippet.text for snippet in snippets]))
    splits = assign_splits(strata, keys, seed=seed)
    order = np.random.default_rng(seed).permutation(len(snippets))
    return {name: order[splits[order] == code] for code, name in enumerate(SPLITS)}


def _count(snippets: Sequence[Snippet], labels: Sequence[str]) -> dict[str, dict[str, int]]:
    counts = {source: dict.fromkeys(SENTIMENT, 0) for source in FILES}
    for snippet, label in zip(snippets, labels, strict=True):
        counts[snippet.source][label] += 1
    return counts


def _csv(snippets: Sequence[Snippet], labels: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for snippet, label in zip(snippets, labels, strict=True):
        writer.writerow((snippet.text, label, snippet.source, snippet.mean_rating))
    return buffer.getvalue().encode()


def _write(content: bytes, file: BinaryIO) -> None:
    file.write(content)
