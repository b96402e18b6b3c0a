"""Choosing and fitting a calibration, and an honest account of what it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError, nearest
from roomtone.stats.calibration import expected_calibration_error
from roomtone.stats.confusion import Array, confusion_matrix, f1_macro
from roomtone.stats.metrics import brier_score, log_losses
from roomtone.stats.scaling import Calibration
from roomtone.stats.scaling_fit import checked_rows, fit_temperature, fit_vector

_FOLDS = 5
_FITS: Mapping[str, Callable[[Array, Array], Calibration]] = MappingProxyType(
    {
        "identity": lambda table, _: Calibration.identity(table.shape[1]),
        "temperature": fit_temperature,
        "vector": fit_vector,
    }
)
METHODS = ("auto", *_FITS)


@dataclass(frozen=True)
class CalibrationScores:
    """How good one set of probabilities is.

    Attributes
    ----------
    n : int
        Rows scored.
    nll : float
        Mean negative log-likelihood in nats.
    brier : float
        Mean squared distance to the one-hot label, from 0 to 2.
    ece, ece_equal_mass : float
        Expected calibration error in 15 bins of equal width, and of equal mass.
    f1_macro : float
        Macro-F1 of the most probable classes, which vector scaling can change.
    """

    n: int
    nll: float
    brier: float
    ece: float
    ece_equal_mass: float
    f1_macro: float


@dataclass(frozen=True)
class CalibrationReport:
    """What a calibration changes.

    Attributes
    ----------
    method : str
        What was asked for: ``"auto"``, or a kind of calibration.
    calibration : Calibration
        What came of it, fitted on all validation rows.
    candidates : dict of str to float
        Mean negative log-likelihood of each kind in question, cross-validated; empty with fewer
        than two rows.
    validation_before, validation_after : CalibrationScores
        On the validation rows; "after" is cross-fitted: each row is judged by a calibration,
        chosen and fitted, that has not seen it.
    test_before, test_after : CalibrationScores or None
        On the test rows, if there are any.
    """

    method: str
    calibration: Calibration
    candidates: dict[str, float]
    validation_before: CalibrationScores
    validation_after: CalibrationScores
    test_before: CalibrationScores | None = None
    test_after: CalibrationScores | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the report as values that JSON can hold."""
        return asdict(self) | {"calibration": self.calibration.to_dict()}


def calibrate(
    log_probs: ArrayLike,
    labels: ArrayLike,
    *,
    method: str = "auto",
    test: tuple[ArrayLike, ArrayLike] | None = None,
    seed: int = 42,
) -> tuple[CalibrationReport, Array]:
    """Fit a calibration on validation rows, and measure it on rows that it has not seen.

    With ``"auto"`` one temperature is fitted, unless it gains less than one standard error of the
    gain in cross-validated likelihood (the rule of Breiman et al. 1984, section 3.4.3). Neither
    changes a label. Vector scaling, a scale and a bias for each class, does, and is fitted only
    where it is asked for: its biases learn how frequent the classes are among the validation rows,
    which an engine that was trained to treat rare classes like frequent ones loses by, and
    everyone where the rows to come are mixed otherwise.

    Parameters
    ----------
    log_probs : array_like of float, shape [n, classes]
        An engine's log-probabilities of validation rows.
    labels : array_like of int, shape [n]
        Their true class codes.
    method : str
        ``"auto"``, ``"identity"``, ``"temperature"`` or ``"vector"``.
    test : tuple of array_like, optional
        Log-probabilities and labels of test rows, which decide nothing.
    seed : int
        Decides the folds.

    Returns
    -------
    report : CalibrationReport
        With the calibration.
    probs : ndarray of float64, shape [n, classes]
        The cross-fitted probabilities of the validation rows, on which thresholds can be set.

    Raises
    ------
    DataError
        If the method is unknown, or values are no log-probabilities or labels.
    """
    if method not in METHODS:
        raise DataError(
            f"unknown calibration method {method!r} (known: {', '.join(METHODS)})"
            f"{nearest(method, METHODS)}"
        )
    table, codes = checked_rows(log_probs, labels)
    calibration, candidates = _fit(table, codes, method, seed)
    crossfitted = _crossfitted(
        table, codes, seed, lambda rows, truth: _fit(rows, truth, method, seed)[0]
    )
    if crossfitted is None:  # one row teaches nothing that could be tried on another
        crossfitted = np.exp(table)
    report = CalibrationReport(
        method,
        calibration,
        candidates,
        calibration_scores(np.exp(table), codes),
        calibration_scores(crossfitted, codes),
    )
    if test is None:
        return report, crossfitted
    unseen, truth = checked_rows(*test)
    before = calibration_scores(np.exp(unseen), truth)
    after = calibration_scores(calibration.apply(unseen), truth)
    return replace(report, test_before=before, test_after=after), crossfitted


def calibration_scores(probs: ArrayLike, labels: ArrayLike) -> CalibrationScores:
    """Score probabilities, shape [n, classes], against the true class codes, shape [n]."""
    table, codes = np.asarray(probs, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    return CalibrationScores(
        n=codes.size,
        nll=float(log_losses(table, codes).mean()),
        brier=brier_score(table, codes),
        ece=expected_calibration_error(table, codes),
        ece_equal_mass=expected_calibration_error(table, codes, equal_mass=True),
        f1_macro=_f1(table, codes),
    )


def _fit(
    table: Array, codes: Array, method: str, seed: int
) -> tuple[Calibration, dict[str, float]]:
    """Choose a kind where that is wanted, and fit it; return the candidates' losses, too."""
    kinds = [method] if method != "auto" else ["identity", "temperature"]
    losses: dict[str, Array] = {}
    for kind in kinds:
        probs = _crossfitted(table, codes, seed, _FITS[kind])
        if probs is not None:
            losses[kind] = log_losses(probs, codes)
    chosen = kinds[0]
    for kind in kinds[1:]:
        if kind in losses:
            gain = losses[chosen] - losses[kind]
            chosen = kind if gain.mean() > gain.std(ddof=1) / np.sqrt(gain.size) else chosen
    return _FITS[chosen](table, codes), {kind: float(loss.mean()) for kind, loss in losses.items()}


def _f1(probs: Array, codes: Array) -> float:
    matrix = confusion_matrix(codes, probs.argmax(axis=1), probs.shape[1])
    return float(f1_macro(matrix))


def _crossfitted(
    table: Array, codes: Array, seed: int, fit: Callable[[Array, Array], Calibration]
) -> Array | None:
    """Calibrate each row by what was fitted on the folds without it; None with a single row."""
    if codes.size < 2:
        return None
    folds = min(_FOLDS, codes.size)
    # Not stratified: equal shares of the classes in every fold would tell a calibration with biases
    # more about the rows held out than it can know about new ones.
    fold = np.random.default_rng(seed).permutation(codes.size) % folds
    probs = np.empty_like(table)
    for number in range(folds):
        held_out = fold == number
        probs[held_out] = fit(table[~held_out], codes[~held_out]).apply(table[held_out])
    return probs
