"""Labelled rows on which an exported model is judged and calibrated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.config import Config, label_scheme, load_config
from roomtone.data.tables import LabelledTexts
from roomtone.errors import DataError
from roomtone.labels import LabelScheme
from roomtone.stats import SCORES, confusion_matrix
from roomtone.training.preparation import read_table
from roomtone.training.run_folder import RunFolder

MOST_LOST = 0.005
ENOUGH_ROWS = 1000  # with fewer, a loss of half a point is a matter of a few rows


@dataclass(frozen=True)
class Quality:
    """Macro-F1 of the network and of the exported model on the same rows.

    Attributes
    ----------
    rows : int
        How many.
    before, after : float
        From 0 to 1.
    """

    rows: int
    before: float
    after: float

    @property
    def lost(self) -> float:
        """How much lower macro-F1 has become; below 0 where it has risen."""
        return self.before - self.after

    def check(self) -> None:
        """Refuse a model that has lost too much.

        Raises
        ------
        DataError
            If it lost more than half a point, on enough rows to tell.
        """
        if self.rows >= ENOUGH_ROWS and self.lost > MOST_LOST:
            raise DataError(
                f"int8 costs {100 * self.lost:.2f} points of macro-F1 on {self.rows:,} rows, more "
                f"than the {100 * MOST_LOST:g} that are allowed. Nothing was saved; export without "
                "--int8"
            )


class LabelledFiles:
    """The validation and test rows of a run, as far as they can be found.

    Parameters
    ----------
    run : Path
        The run's folder, or a model file in it.
    class_names : sequence of str
        The classes that its model has.
    """

    def __init__(self, run: Path, class_names: tuple[str, ...]) -> None:
        file = RunFolder(run if run.is_dir() else run.parent).config
        self.config = load_config(file, check_files=False) if file.is_file() else Config()
        self._scheme = label_scheme(self.config)
        if self._scheme.names != class_names:
            self._scheme = LabelScheme(class_names, {})

    def read(self, typed: Path | None, recorded: Path | None) -> LabelledTexts | None:
        """Read a file that was typed, else the one that the run used; None where that is gone.

        Raises
        ------
        DataError
            If the file that was typed is not there, or either cannot be used.
        """
        if typed is None and (recorded is None or not recorded.is_file()):
            return None
        return read_table(typed or Path(str(recorded)), self.config, self._scheme)


def quality(
    labels: NDArray[np.int64], before: NDArray[np.floating], after: NDArray[np.floating]
) -> Quality:
    """Compare the macro-F1 of two sets of logits, ``[n, classes]``, on labelled rows."""
    scores = [_f1(labels, logits.argmax(axis=1), logits.shape[1]) for logits in (before, after)]
    return Quality(len(labels), *scores)


def _f1(labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> float:
    return float(SCORES["f1_macro"](confusion_matrix(labels, predicted, classes)))
