"""The TF-IDF baselines as one scikit-learn estimator; imported with scikit-learn alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from roomtone.baselines.options import TfidfOptions
from roomtone.baselines.tfidf import build_baseline
from roomtone.texts import checked_texts

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

# Which of scikit-learn's two ways to score each model has.
_SCORES = {
    "decision_function": ("logreg", "svm"),
    "predict_proba": ("logreg", "tfidf"),
}


def _if_scored(method: str) -> Any:
    return available_if(lambda estimator: estimator.model in _SCORES[method])


class TfidfSentiment(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A TF-IDF baseline that takes part in `cross_val_score`, `GridSearchCV`, `Pipeline`.

    Parameters
    ----------
    model : str
        ``"logreg"``, ``"svm"`` or ``"tfidf"``, as `build_baseline` describes them.
    max_ngram, characters, max_features, min_df, C, alpha, balanced
        As of `TfidfOptions`.
    random_state : int
        Seed of the solvers.

    Attributes
    ----------
    classes_ : ndarray
        The labels, sorted.
    pipeline_ : Pipeline
        What was fitted, on the codes of the labels.

    Examples
    --------
    >>> TfidfSentiment("logreg").fit(["so good", "so bad"], ["pos", "neg"]).predict(["good"])
    array(['pos'], dtype='<U3')
    """

    def __init__(
        self,
        model: str = "svm",
        *,
        max_ngram: int = 2,
        characters: bool | None = None,
        max_features: int | None = None,
        min_df: int = 1,
        C: float | None = None,  # noqa: N803 - scikit-learn's name for it
        alpha: float = 0.1,
        balanced: bool = True,
        random_state: int = 42,
    ) -> None:
        self.model = model
        self.max_ngram = max_ngram
        self.characters = characters
        self.max_features = max_features
        self.min_df = min_df
        self.C = C
        self.alpha = alpha
        self.balanced = balanced
        self.random_state = random_state

    @property
    def options(self) -> TfidfOptions:
        """The parameters that are choices for the baseline."""
        chosen = self.get_params(deep=False)
        return TfidfOptions(**{n: chosen[n] for n in TfidfOptions.__dataclass_fields__})

    def fit(self, X: Sequence[str], y: ArrayLike) -> Self:  # noqa: N803
        """Fit on texts and their labels, of any kind that scikit-learn takes.

        Raises
        ------
        DataError
            If `X` is one string, or holds something else than strings.
        ValueError
            If `y` are no class labels, of one class alone, or not as many as texts.
        """
        texts = checked_texts(X)
        labels = column_or_1d(y, warn=True)
        check_consistent_length(texts, labels)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"expected labels of two classes or more, found {len(self.classes_)} class"
            )
        model = build_baseline(self.model, seed=self.random_state, options=self.options)
        self.pipeline_: Pipeline = model.fit(texts, codes)
        return self

    def predict(self, X: Sequence[str]) -> NDArray[Any]:  # noqa: N803
        """Give each text its most probable label."""
        check_is_fitted(self)
        labels: NDArray[Any] = self.classes_[self.pipeline_.predict(checked_texts(X))]
        return labels

    @_if_scored("decision_function")  # type: ignore[untyped-decorator]
    def decision_function(self, X: Sequence[str]) -> NDArray[Any]:  # noqa: N803
        """Score the classes, ``[n, classes]``; of two the second alone, ``[n]``."""
        check_is_fitted(self)
        scores: NDArray[Any] = self.pipeline_.decision_function(checked_texts(X))
        return scores

    @_if_scored("predict_proba")  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Sequence[str]) -> NDArray[Any]:  # noqa: N803
        """Give the probability of each class, ``[n, classes]``."""
        check_is_fitted(self)
        probs: NDArray[Any] = self.pipeline_.predict_proba(checked_texts(X))
        return probs

    def __sklearn_tags__(self) -> Any:
        """Say that the input is texts."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.one_d_array = True, True
        tags.input_tags.two_d_array = False
        return tags
