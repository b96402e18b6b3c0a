"""TF-IDF baselines: logistic regression, a linear support vector machine, naive Bayes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.baselines.options import TfidfOptions
from roomtone.errors import DataError, RoomtoneError, nearest, require
from roomtone.stats import ClassificationMetrics, classification_metrics

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

# Words with their apostrophes, one-letter ones too, and each mark or emoji by itself: in comments
# `!`, `?` and emoji say much, and scikit-learn's own pattern drops them.
TOKEN_PATTERN = r"\w+(?:['’]\w+)*|[^\w\s]"
CHARACTERS = (3, 5)  # the runs of characters that are features


@dataclass(frozen=True)
class Baseline:
    """A classical model.

    Attributes
    ----------
    title : str
        What it is, for a table or a figure.
    build : callable
        Makes the pipeline, unfitted, from a seed and options.
    """

    title: str
    build: Callable[[int, TfidfOptions], Pipeline]


def build_baseline(name: str, *, seed: int = 42, options: TfidfOptions | None = None) -> Pipeline:
    """Build a scikit-learn pipeline from raw texts to class codes.

    - ``logreg``: TF-IDF of words and pairs of words, then `LogisticRegression`.
    - ``svm``: TF-IDF of words, pairs of words and runs of 3 to 5 characters, then `LinearSVC`
      (no probabilities).
    - ``tfidf``: TF-IDF of words and pairs of words, then `MultinomialNB`.

    Term frequencies are sublinear, ``1 + ln(tf)``. All three weigh the classes equally, unless
    the options say otherwise: by balanced class weights, and in naive Bayes by a uniform prior.

    Parameters
    ----------
    name : str
        A key of `BASELINES`.
    seed : int
        Seed of the solvers that draw random numbers.
    options : TfidfOptions, optional
        Choices other than the defaults.

    Raises
    ------
    RoomtoneError
        If there is no baseline of this name.
    MissingExtraError
        If scikit-learn is not installed.

    Examples
    --------
    >>> model = build_baseline("tfidf").fit(["so good", "so bad"], [1, 0])
    >>> model.predict(["good"]).tolist()
    [1]
    """
    if name not in BASELINES:
        raise RoomtoneError(
            f"unknown baseline {name!r} (known: {', '.join(BASELINES)}){nearest(name, BASELINES)}"
        )
    return BASELINES[name].build(seed, options or TfidfOptions())


def evaluate_baseline(  # noqa: PLR0917 - two pairs of texts and labels read best in their order
    name: str,
    train_texts: Sequence[str],
    train_labels: ArrayLike,
    test_texts: Sequence[str],
    test_labels: ArrayLike,
    num_classes: int,
    *,
    seed: int = 42,
) -> ClassificationMetrics:
    """Fit a baseline on the training rows alone and score it on the test rows.

    Parameters
    ----------
    name : str
        A key of `BASELINES`.
    train_texts, test_texts : sequence of str
        Raw texts.
    train_labels, test_labels : array_like of int
        Their class codes, from 0 to ``num_classes - 1``.
    num_classes : int
        How many classes the task has, present in the training rows or not.
    seed : int
        Seed of the solvers.

    Returns
    -------
    ClassificationMetrics
        With log loss, Brier score and calibration error where the model gives probabilities.

    Raises
    ------
    DataError
        If the training rows hold fewer than two classes or no word at all, or a label is not
        the code of a class.
    RoomtoneError
        If there is no baseline of this name.
    """
    model = build_baseline(name, seed=seed)
    codes = np.asarray(train_labels, dtype=np.int64)
    if len(np.unique(codes)) < 2:
        raise DataError(
            f"baseline {name!r}: the training rows need at least two classes, found "
            f"{np.unique(codes).tolist()}"
        )
    try:
        model.fit(train_texts, codes)
    except ValueError as error:
        raise DataError(f"baseline {name!r}: cannot be fitted: {error}") from error
    predicted = model.predict(test_texts)
    probs = _probabilities(model, test_texts, num_classes)
    return classification_metrics(test_labels, predicted, num_classes, probs)


def _probabilities(model: Pipeline, texts: Sequence[str], num_classes: int) -> Any:
    """Give each class its column, also one that no training row had; None without any."""
    if not hasattr(model, "predict_proba"):
        return None
    probs = np.zeros((len(texts), num_classes))
    probs[:, model.classes_] = model.predict_proba(texts)
    return probs


def _sklearn(module: str) -> ModuleType:
    return require(f"sklearn.{module}", extra="baselines", purpose="A TF-IDF baseline")


def _features(options: TfidfOptions, *, characters: bool) -> Any:
    shared = {
        "sublinear_tf": True,
        "max_features": options.max_features,
        "dtype": np.float32,
    }
    vectorizer = _sklearn("feature_extraction.text").TfidfVectorizer
    words = vectorizer(
        token_pattern=TOKEN_PATTERN,
        ngram_range=(1, options.max_ngram),
        min_df=options.min_df,
        **shared,
    )
    if not (characters if options.characters is None else options.characters):
        return words
    # A run of characters that occurs in one text only cannot help, and there are millions of them.
    least = max(2, options.min_df)
    runs = vectorizer(analyzer="char_wb", ngram_range=CHARACTERS, min_df=least, **shared)
    return _sklearn("pipeline").FeatureUnion([("words", words), ("characters", runs)])


def _pipeline(features: Any, classifier: Any) -> Any:
    return _sklearn("pipeline").Pipeline([("features", features), ("classifier", classifier)])


def _logistic_regression(seed: int, options: TfidfOptions) -> Any:
    classifier = _sklearn("linear_model").LogisticRegression(
        C=options.C or 1.0, class_weight=_weights(options), max_iter=1000, random_state=seed
    )
    return _pipeline(_features(options, characters=False), classifier)


def _linear_svm(seed: int, options: TfidfOptions) -> Any:
    classifier = _sklearn("svm").LinearSVC(
        C=options.C or 0.2, class_weight=_weights(options), random_state=seed
    )
    return _pipeline(_features(options, characters=True), classifier)


def _naive_bayes(_: int, options: TfidfOptions) -> Any:
    classifier = _sklearn("naive_bayes").MultinomialNB(
        alpha=options.alpha, fit_prior=not options.balanced
    )
    return _pipeline(_features(options, characters=False), classifier)


def _weights(options: TfidfOptions) -> str | None:
    return "balanced" if options.balanced else None


BASELINES = {
    "logreg": Baseline("Logistic regression, TF-IDF of words", _logistic_regression),
    "svm": Baseline("Linear SVM, TF-IDF of words and characters", _linear_svm),
    "tfidf": Baseline("Multinomial naive Bayes, TF-IDF of words", _naive_bayes),
}
