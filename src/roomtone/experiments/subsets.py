"""Files of a study's own: folds of its rows, and nested parts of its training rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.config import Config, label_scheme
from roomtone.data.tables import LabelledTexts, read_table
from roomtone.errors import DataError
from roomtone.experiments.study import Study
from roomtone.files import write_bytes
from roomtone.stats.folds import deal_folds

INNER_FOLDS = 10
# How the files of a study are written, whatever its own files are like.
FORMAT = {"data.encoding": "utf-8", "data.delimiter": ","}


def read_split(config: Config, path: Path) -> LabelledTexts:
    """Read a file as the configuration says."""
    return read_table(path, config, label_scheme(config))


class Writer:
    """Writes rows of a study as files that its runs read with `FORMAT`.

    Parameters
    ----------
    study : Study
        Whose folder they lie in, and whose columns they have.
    """

    def __init__(self, study: Study) -> None:
        self.config, self.folder = study.base, study.root / "data"
        self.names = label_scheme(study.base).names

    def write(self, name: str, texts: list[str], labels: NDArray[np.int64]) -> Path:
        """Write texts and labels; the same rows give the same bytes."""
        stream = io.StringIO(newline="")
        table = csv.writer(stream, lineterminator="\n")
        table.writerow([self.config.data.text_column, self.config.data.label_column])
        table.writerows(zip(texts, (self.names[code] for code in labels.tolist()), strict=True))
        path = self.folder / f"{name}.csv"
        content = stream.getvalue().encode("utf-8", errors="replace")
        if not path.is_file() or path.read_bytes() != content:
            write_bytes(path, content)
        return path

    def rows(self, name: str, source: LabelledTexts, rows: NDArray[np.int64]) -> Path:
        """Write some rows of a file."""
        return self.write(name, [source.texts[row] for row in rows], source.labels[rows])


def write_folds(
    study: Study, count: int, seed: int
) -> tuple[list[dict[str, Path]], list[NDArray[np.int64]]]:
    """Deal the training and validation rows out to folds; the test file stays closed.

    A fold's test rows are those of the fold; of the others a tenth, with its share of every class,
    is held out to choose the best epoch, and the rest is trained on.

    Returns
    -------
    files : list of dict
        For each fold its files by split.
    rows : list of ndarray of int64
        For each fold the numbers of its test rows, counted through both files.

    Raises
    ------
    DataError
        If there cannot be as many folds.
    """
    writer, config = Writer(study), study.base
    tables = [read_split(config, path) for path in (config.train_csv, config.val_csv)]
    texts = [text for table in tables for text in table.texts]
    labels = np.concatenate([table.labels for table in tables])
    rarest = int(np.bincount(labels)[np.unique(labels)].min())
    if not 2 <= count <= rarest:
        raise DataError(
            f"--folds {count}: expected 2 to {rarest}, the rows of the rarest class in "
            f"{config.train_csv} and {config.val_csv} together"
        )
    fold = deal_folds(labels, count, seed)
    files, tested = [], []
    for number in range(count):
        rest, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        inner = deal_folds(labels[rest], min(INNER_FOLDS, len(rest)), seed)
        parts = {"train": rest[inner != 0], "val": rest[inner == 0], "test": test}
        files.append(
            {
                split: writer.write(
                    f"fold-{number}-{split}", [texts[row] for row in rows], labels[rows]
                )
                for split, rows in parts.items()
            }
        )
        tested.append(test.astype(np.int64))
    return files, tested


def nested_order(labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Order rows so that each beginning of the order has its share of every class.

    The k-th of a class's m rows, in random order, stands at (k - 1/2) / m of the way: the first n
    rows hold n times the class's share, to less than one row more or less in each class, and the
    rows of a smaller part are all in a larger one.

    Parameters
    ----------
    labels : ndarray of int64, shape [n]
        Class codes.
    seed : int
        Decides which rows come first.

    Returns
    -------
    ndarray of int64, shape [n]
        Numbers of the rows.
    """
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(labels.size)
    place = np.empty(labels.size)
    for code in np.unique(labels):
        rows = shuffled[labels[shuffled] == code]
        place[rows] = (np.arange(rows.size) + 0.5) / rows.size
    return shuffled[np.argsort(place[shuffled], kind="stable")]
