"""The area under the ROC curve, for any number of classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from roomtone.stats.calibration import class_probabilities
from roomtone.stats.confusion import Array, class_codes


def roc_auc(probs: ArrayLike, labels: ArrayLike) -> float | None:
    """Mean area under the ROC curve, each class against the rest (Provost & Domingos 2000).

    The area is the chance that a row of the class has a higher probability for it than a row of
    another class has, ties counted half (Hanley & McNeil 1982). With two classes it is the
    ordinary AUC.

    Parameters
    ----------
    probs : array_like of float, shape [n, classes]
        Predicted probabilities.
    labels : array_like of int, shape [n]
        True class codes.

    Returns
    -------
    float or None
        The mean over the classes that some rows have and some have not; None with no such class.

    Raises
    ------
    DataError
        If the values are no probabilities or labels of the same rows.

    Examples
    --------
    >>> roc_auc([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.7, 0.3]], [0, 0, 1, 1])
    0.75
    """
    table = np.asarray(probs, dtype=np.float64)
    count = table.shape[1] if table.ndim == 2 else 1
    codes = class_codes(labels, count, "labels")
    table = class_probabilities(table, codes, count)
    areas = [
        _area(table[:, code], codes == code)
        for code in range(count)
        if 0 < np.sum(codes == code) < codes.size
    ]
    return float(np.mean(areas)) if areas else None


def _area(scores: Array, positive: Array) -> float:
    """Mann and Whitney's U as a share of all pairs."""
    from scipy.stats import rankdata

    inside, outside = int(positive.sum()), int((~positive).sum())
    rank_sum = float(rankdata(scores)[positive].sum())
    return (rank_sum - inside * (inside + 1) / 2) / (inside * outside)
