"""Multinomial logistic regression with an L2 penalty, small enough to need no other package."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.stats.confusion import Array, class_codes
from roomtone.stats.scaling import log_softmax


@dataclass(frozen=True, eq=False)
class LogisticModel:
    """A linear model of log-probabilities.

    Attributes
    ----------
    coefficients : ndarray of float64, shape [classes, features]
    intercepts : ndarray of float64, shape [classes]
    """

    coefficients: Array
    intercepts: Array

    def log_probs(self, features: ArrayLike) -> Array:
        """Return log-probabilities, shape [n, classes], of features, shape [n, features]."""
        table = np.asarray(features, dtype=np.float64)
        # Not a product of matrices, whose last bits depend on how many rows there are.
        scores = np.einsum("nf,cf->nc", table, self.coefficients) + self.intercepts
        return np.asarray(log_softmax(scores))


def fit_logistic(
    features: ArrayLike, labels: ArrayLike, num_classes: int, *, l2: float = 1.0
) -> LogisticModel:
    """Fit by penalised maximum likelihood.

    Minimises the summed negative log-likelihood plus ``l2 / 2`` times the squared coefficients;
    intercepts bear no penalty (scikit-learn's `LogisticRegression` with ``C = 1 / l2``).

    Parameters
    ----------
    features : array_like of float, shape [n, features]
    labels : array_like of int, shape [n]
        Class codes.
    num_classes : int
        How many classes there are; one without rows becomes improbable.
    l2 : float
        Above 0.

    Raises
    ------
    DataError
        If the shapes disagree, a feature is not finite, a label is no class code, or `l2` is not
        above 0.
    """
    from scipy.optimize import minimize

    table = np.asarray(features, dtype=np.float64)
    codes = class_codes(labels, num_classes, "labels")
    if table.ndim != 2 or len(table) != codes.size or not np.isfinite(table).all():
        raise DataError(
            f"features must be finite numbers in {codes.size} rows, one for each label, "
            f"found shape {list(table.shape)}"
        )
    if not 0 < l2 < np.inf:
        raise DataError(f"l2 must be above 0, found {l2}; 1 is usual")
    rows, width = table.shape
    # Centred features leave the optimum where it is, and the search has an easier way to it.
    middle = table.mean(axis=0)
    centred = table - middle

    def objective(values: Array) -> tuple[float, Array]:
        weights = values.reshape(num_classes, width + 1)
        log_probs = log_softmax(centred @ weights[:, :-1].T + weights[:, -1])
        residual = np.exp(log_probs)
        residual[np.arange(rows), codes] -= 1
        gradient = np.empty_like(weights)
        gradient[:, :-1] = (residual.T @ centred + l2 * weights[:, :-1]) / rows
        gradient[:, -1] = residual.sum(axis=0) / rows
        penalty = l2 / 2 * float((weights[:, :-1] ** 2).sum())
        loss = -float(log_probs[np.arange(rows), codes].sum())
        return (loss + penalty) / rows, gradient.ravel()

    start = np.zeros(num_classes * (width + 1))
    options = {"maxiter": 2000, "ftol": 1e-13, "gtol": 1e-7}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options=options).x
    weights = found.reshape(num_classes, width + 1)
    return LogisticModel(weights[:, :-1], weights[:, -1] - weights[:, :-1] @ middle)
