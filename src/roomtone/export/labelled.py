"""Labelled rows on which an exported model is judged and calibrated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.config import Config, label_scheme, load_config
from roomtone.data.tables import LabelledTexts, read_table
from roomtone.errors import DataError
from roomtone.labels import LabelScheme
from roomtone.stats import SCORES, confusion_matrix
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
        The run's folder, or a model file in it; also any other folder, which has no rows.
    class_names : sequence of str
        The classes that its model has.
    text_column, label_column : str, optional
        Names of columns, where they are others than the run's.
    """

    def __init__(
        self,
        run: Path,
        class_names: tuple[str, ...],
        *,
        text_column: str | None = None,
        label_column: str | None = None,
    ) -> None:
        file = RunFolder(run if run.is_dir() else run.parent).config
        self._known = file.is_file()
        config = load_config(file, check_files=False) if self._known else Config()
        typed = {"text_column": text_column, "label_column": label_column}
        columns = {key: name for key, name in typed.items() if name is not None}
        data = config.data.model_copy(update=columns)
        self._config = config.model_copy(update={"data": data})
        self._scheme = label_scheme(config)
        if self._scheme.names != class_names:
            self._scheme = LabelScheme(class_names, {})

    def read(self, split: str, typed: Path | None) -> LabelledTexts | None:
        """Read a file that was typed, else the one that the run used; None where that is gone.

        Parameters
        ----------
        split : str
            ``"val"`` or ``"test"``.
        typed : Path or None
            Which file to read in any case.

        Raises
        ------
        DataError
            If the file that was typed is not there, or either cannot be used.
        """
        path = typed
        if path is None and self._known:
            path = getattr(self._config, f"{split}_csv")
        if path is None or (typed is None and not path.is_file()):
            return None
        return read_table(path, self._config, self._scheme)


def quality(
    labels: NDArray[np.int64], before: NDArray[np.floating], after: NDArray[np.floating]
) -> Quality:
    """Compare the macro-F1 of two sets of logits, ``[n, classes]``, on labelled rows."""
    scores = [_f1(labels, logits.argmax(axis=1), logits.shape[1]) for logits in (before, after)]
    return Quality(len(labels), *scores)


def _f1(labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> float:
    return float(SCORES["f1_macro"](confusion_matrix(labels, predicted, classes)))
