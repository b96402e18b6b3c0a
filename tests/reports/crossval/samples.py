"""Small cross-validations, with names that are hard to set."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from roomtone.experiments.framework import EvaluationResult, ThesisEvaluationFramework

NASTY = "50% of $x_1 & #2 ~ {a} ^ \\b"
LONG = "A naïve Bayes model, whose name goes on and on, with an emoji 😡 at its end"
NAMES = {
    "logreg": LogisticRegression(),
    "svm": LinearSVC(),
    NASTY: DummyClassifier(),
    LONG: GaussianNB(),
    "shallow_tree": DecisionTreeClassifier(max_depth=2, random_state=0),
    "deep_tree": DecisionTreeClassifier(random_state=0),
    "strong_penalty": LogisticRegression(C=0.001),
    "prior": DummyClassifier(strategy="prior"),
}


def evaluate(models: Any = NAMES, *, rows: int = 240, seed: int = 0) -> EvaluationResult:
    source = np.random.default_rng(seed)
    labels = source.integers(0, 3, rows)
    values = source.normal(size=(rows, 6))
    values[np.arange(rows), labels] += 1.6
    classes = np.array(["negative", "so_so & 50%", "positive"])[labels]
    return ThesisEvaluationFramework(n_folds=5, random_state=seed).evaluate(models, values, classes)
