"""The hybrid as a scikit-learn estimator; imported with scikit-learn alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from roomtone.config import Config
from roomtone.engines.hybrid import HybridDLSentimentEngine
from roomtone.engines.hybrid_fitting import fit_hybrid, validation_rows
from roomtone.engines.hybrid_keywords import configuration
from roomtone.engines.hybrid_scoring import ScoringOptions
from roomtone.texts import checked_texts
from roomtone.training.device import torch_settings


class HybridClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The hybrid network for `cross_val_score`, `GridSearchCV`, `Pipeline`; it writes no files.

    It trains as `roomtone train` does. Some of the rows, drawn class by class, choose the best
    epoch; the vocabulary and the network come from the others alone.

    Parameters
    ----------
    config : Config or mapping or Path or str, optional
        The configuration or its YAML file; the guide's where not given.
    settings : mapping of str to object, optional
        Keys that differ: ``{"model.bilstm.num_layers": 1}``.
    max_epochs, learning_rate, batch_size, embedding_dim, num_filters, hidden_size, class_weights
        The same for the keys that are tried most; None leaves the configuration's.
    glove_path : Path or str, optional
        File of pretrained word vectors.
    device : str
        As of the configuration, which does not count here.
    threads : int, optional
        Processor threads; as many as PyTorch uses now where not given.
    validation_fraction : float
        Share of the rows that choose the best epoch.
    random_state : int or RandomState or None
        Decides those rows, the starting values and the order of the batches.

    Attributes
    ----------
    classes_ : ndarray
        The labels, sorted.
    engine_ : HybridDLSentimentEngine
        What was trained; `roomtone.engines.save_engine` saves it.
    history_ : dict of str to list of float
        Each metric after each epoch, as in `training_history.json`.
    n_iter_ : int
        Epochs trained.

    Examples
    --------
    >>> model = HybridClassifier("configs/tiny.yaml").fit(["so good", "so bad"] * 20, [1, 0] * 20)
    >>> model.predict(["good", "bad"])
    array([1, 0])
    """

    def __init__(
        self,
        config: Config | Mapping[str, Any] | Path | str | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        max_epochs: int | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        embedding_dim: int | None = None,
        num_filters: int | None = None,
        hidden_size: int | None = None,
        class_weights: str | Sequence[float] | None = None,
        glove_path: Path | str | None = None,
        device: str = "auto",
        threads: int | None = None,
        validation_fraction: float = 0.1,
        random_state: Any = 42,
    ) -> None:
        self.config = config
        self.settings = settings
        self.max_epochs = max_epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.embedding_dim = embedding_dim
        self.num_filters = num_filters
        self.hidden_size = hidden_size
        self.class_weights = class_weights
        self.glove_path = glove_path
        self.device = device
        self.threads = threads
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def fit(self, X: Sequence[str], y: ArrayLike) -> Self:  # noqa: N803
        """Train on texts and their labels, of any kind that scikit-learn takes.

        Raises
        ------
        DataError
            If `X` is one string, or holds something else than strings.
        ConfigError
            With every setting that is not allowed.
        ValueError
            If `y` are no class labels, of one class alone, or not as many as texts.
        """
        texts, labels = checked_texts(X), column_or_1d(y, warn=True)
        check_consistent_length(texts, labels)
        check_classification_targets(labels)
        options = ScoringOptions(device=self.device, threads=self.threads)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"expected labels of two classes or more, found {len(self.classes_)} class"
            )
        config = configuration(self, num_classes=len(self.classes_), seed=self._seed())
        codes = codes.astype(np.int64)
        held_out = validation_rows(codes, self.validation_fraction, seed=config.seed)
        with torch_settings(self.threads, deterministic=config.deterministic):
            model, self.history_ = fit_hybrid(
                config,
                texts,
                codes,
                class_names=[str(label) for label in self.classes_],
                held_out=held_out,
            )
        self.n_iter_ = len(self.history_["val_loss"])
        self.engine_ = HybridDLSentimentEngine.of(model, options)
        return self

    def predict(self, X: Sequence[str]) -> NDArray[Any]:  # noqa: N803
        """Give each text its most probable label."""
        most = self.predict_proba(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[most]
        return labels

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:  # noqa: N803
        """Give the probability of each class, ``[n, classes]``."""
        check_is_fitted(self)
        return self.engine_.predict_proba(X)

    def __sklearn_tags__(self) -> Any:
        """Say that the input is texts."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.one_d_array = True, True
        tags.input_tags.two_d_array = False
        return tags

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31))
