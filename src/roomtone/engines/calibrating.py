"""Making an engine's probabilities honest, on rows that it was not fitted on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from roomtone.engines.base import SentimentEngine
from roomtone.engines.validation import ValidationScores
from roomtone.errors import DataError
from roomtone.stats.calibrating import CalibrationReport, calibrate
from roomtone.stats.confusion import class_codes
from roomtone.texts import checked_texts


def calibrate_engine(
    engine: SentimentEngine,
    texts: Sequence[str],
    labels: ArrayLike,
    *,
    method: str = "auto",
    test: tuple[Sequence[str], ArrayLike] | None = None,
    seed: int = 42,
) -> CalibrationReport:
    """Fit the calibration of an engine, and give it what abstention and label sets need.

    Texts without anything known take no part in the fit: they get the prior in any case.

    Parameters
    ----------
    engine : SentimentEngine
        Its calibration and validation scores are replaced.
    texts : sequence of str
        Validation rows.
    labels : array_like of int, shape [n]
        Their true class codes.
    method : str
        As of `roomtone.stats.calibrating.calibrate`.
    test : tuple, optional
        Texts and labels of test rows, for the report alone.
    seed : int
        Decides the folds of the choice.

    Returns
    -------
    CalibrationReport
        What it changes.

    Raises
    ------
    DataError
        If nothing in any validation text is known to the engine, or a label is no class code.
    """
    scores, codes, known = _rows(engine, texts, labels)
    held_out = None
    if test is not None:
        test_scores, test_codes, test_known = _rows(engine, *test)
        held_out = (test_scores[test_known], test_codes[test_known]) if test_known.any() else None
    report, crossfitted = calibrate(
        scores[known], codes[known], method=method, test=held_out, seed=seed
    )
    probs = np.tile(engine.prior, (len(codes), 1))
    probs[known] = crossfitted
    engine.calibration = report.calibration
    engine.validation = ValidationScores.of(probs, codes)
    return report


def _rows(
    engine: SentimentEngine, texts: Sequence[str], labels: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    listed = checked_texts(texts)
    codes = class_codes(labels, len(engine.class_names), "labels")
    if len(codes) != len(listed):
        raise DataError(f"{len(listed)} texts but {len(codes)} labels; one for each is needed")
    raw = engine.raw(listed)
    if not raw.known.any():
        raise DataError(
            f"engine {engine.name!r} knows nothing in any of the {len(listed)} texts; "
            "are they in the language that it was trained on?"
        )
    return raw.log_probs, codes, raw.known
