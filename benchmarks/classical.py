"""The library's own TF-IDF baselines, fitted; the SVM with probabilities scaled on validation."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from candidates import BASELINE, Candidate, Predictions, Splits
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from roomtone.baselines import build_baseline

NAMES = {
    "tfidf": "Naive Bayes, words",
    "logreg": "Logistic regression, words",
    "svm": "Linear SVM, words and characters",
}
TEMPERATURES = (-5.0, 5.0)  # natural logarithms of the ends of the search


def classical(name: str, rows: Splits, *, seed: int) -> Candidate:
    """Fit one of the library's baselines on the training rows.

    The SVM gives no probabilities of its own: they are the softmax of its decision function
    divided by a temperature, the one number that is fitted on the validation rows
    (Guo et al. 2017, section 4.2).
    """
    began = time.perf_counter()
    model = build_baseline(name, seed=seed).fit(rows.train.texts, rows.train.labels)
    spent = time.perf_counter() - began
    note = ""
    if hasattr(model, "predict_proba"):
        predict = _from_probabilities(model)
    else:
        temperature = fit_temperature(decisions(model, rows.val.texts), rows.val.labels)
        note = f"softmax of the decision function, temperature {temperature:.2f}"
        predict = _from_decisions(model, temperature)
    return Candidate(NAMES[name], BASELINE, predict, spent, len(pickle.dumps(model)), note)


def decisions(model: Any, texts: Sequence[str]) -> NDArray[np.float64]:
    """Give a score for each class, ``[n, classes]``."""
    scores: NDArray[np.float64] = np.asarray(model.decision_function(texts), dtype=float)
    # Of two classes scikit-learn gives the score of the second alone.
    return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


def fit_temperature(scores: NDArray[np.float64], labels: Sequence[int]) -> float:
    """Find the temperature whose softmax gives the labels the highest likelihood."""
    rows, codes = np.arange(len(labels)), np.asarray(labels)

    def loss(logarithm: float) -> float:
        return float(-log_softmax(scores / np.exp(logarithm), axis=1)[rows, codes].mean())

    return float(np.exp(minimize_scalar(loss, bounds=TEMPERATURES, method="bounded").x))


def _from_probabilities(model: Any) -> Callable[[Sequence[str]], Predictions]:
    return lambda texts: Predictions.of(model.predict_proba(texts))


def _from_decisions(model: Any, temperature: float) -> Callable[[Sequence[str]], Predictions]:
    return lambda texts: Predictions.of(softmax(decisions(model, texts) / temperature, axis=1))
