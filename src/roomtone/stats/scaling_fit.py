"""Fitting a calibration by maximum likelihood, on rows that the engine was not fitted on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array, class_codes
from roomtone.stats.scaling import LARGEST, LOWEST, Calibration, log_probabilities, log_softmax

_SMALLEST_SCALE = 0.01
# A hundredth of a row's worth of belief that the engine is right as it is. It changes nothing that
# can be seen where there is evidence, and it keeps the optimum finite where there is none: where
# every row is right with room to spare, or where no row has a class.
_PRIOR = 0.01


def fit_temperature(log_probs: ArrayLike, labels: ArrayLike) -> Calibration:
    """Fit one temperature for all classes by maximum likelihood (Guo et al. 2017, section 4.2).

    It never changes which class is most probable.

    Parameters
    ----------
    log_probs : array_like of float, shape [n, classes]
        An engine's log-probabilities of validation rows, which it was not fitted on.
    labels : array_like of int, shape [n]
        True class codes.

    Raises
    ------
    DataError
        As :meth:`Calibration.apply`; also if there are no rows, or a label is not a class code.
    """
    table, codes = checked_rows(log_probs, labels)
    table = np.maximum(table, LOWEST)
    classes = table.shape[1]

    def objective(beta: Array) -> tuple[float, Array]:
        loss, by_scale, _ = _loss(table, codes, np.repeat(beta, classes), np.zeros(classes))
        return loss, np.array([by_scale.sum()])

    (beta,) = _minimise(objective, np.ones(1), [(_SMALLEST_SCALE, LARGEST)], codes.size)
    return Calibration("temperature", (float(beta),) * classes, (0.0,) * classes)


def fit_vector(log_probs: ArrayLike, labels: ArrayLike) -> Calibration:
    """Fit a scale and a bias for each class by maximum likelihood (Guo et al. 2017, section 4.2).

    It can move the border between classes, and so repair an engine that favours one of them.

    Parameters
    ----------
    log_probs : array_like of float, shape [n, classes]
        An engine's log-probabilities of validation rows, which it was not fitted on.
    labels : array_like of int, shape [n]
        True class codes.

    Raises
    ------
    DataError
        As :func:`fit_temperature`.
    """
    table, codes = checked_rows(log_probs, labels)
    table = np.maximum(table, LOWEST)
    classes = table.shape[1]

    def objective(values: Array) -> tuple[float, Array]:
        loss, by_scale, by_bias = _loss(table, codes, values[:classes], values[classes:])
        return loss, np.concatenate([by_scale, by_bias])

    start = np.concatenate([np.ones(classes), np.zeros(classes)])
    bounds = [(_SMALLEST_SCALE, LARGEST)] * classes + [(-LARGEST, LARGEST)] * classes
    fitted = _minimise(objective, start, bounds, codes.size)
    scale, bias = fitted[:classes].tolist(), fitted[classes:].tolist()
    return Calibration("vector", tuple(scale), tuple(bias))


def _loss(table: Array, codes: Array, scale: Array, bias: Array) -> tuple[float, Array, Array]:
    """Return the mean negative log-likelihood and its gradients by scale and by bias."""
    log_probs = log_softmax(table * scale + bias)  # [n, classes]
    residual = np.exp(log_probs)
    residual[np.arange(codes.size), codes] -= 1
    loss = -log_probs[np.arange(codes.size), codes].mean()
    return float(loss), (residual * table).mean(axis=0), residual.mean(axis=0)


def _minimise(
    objective: Callable[[Array], tuple[float, Array]],
    start: Array,
    bounds: list[tuple[float, float]],
    rows: int,
) -> Array:
    """Minimise a convex mean loss, with the prior that `start` is right."""

    def penalised(values: Array) -> tuple[float, Array]:
        loss, gradient = objective(values)
        step = values - start
        return loss + _PRIOR / (2 * rows) * float(step @ step), gradient + _PRIOR / rows * step

    # Loaded here, since an engine that only applies a calibration has to start fast.
    from scipy.optimize import minimize

    options = {"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-9}
    found = minimize(penalised, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x)


def checked_rows(log_probs: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """Check log-probabilities, shift each row to sum to 1, and check the labels that go with them.

    Returns
    -------
    tuple of ndarray
        Of float64, shape [n, classes], and of int64, shape [n].

    Raises
    ------
    DataError
        If they do not describe the same rows, or values are no log-probabilities or class codes.
    """
    table = log_probabilities(log_probs, None)
    codes = class_codes(labels, table.shape[1], "labels")
    if codes.size != len(table):
        raise DataError(
            f"{len(table)} rows of log-probabilities and {codes.size} labels; "
            "they must describe the same rows"
        )
    return table, codes
