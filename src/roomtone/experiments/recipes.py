"""How each kind of model is fitted on the training part of a fold."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from roomtone.baselines import TfidfOptions
from roomtone.engines.base import SentimentEngine

if TYPE_CHECKING:
    import torch

Codes = NDArray[np.int64]
Fitted = tuple[SentimentEngine, dict[str, Any]]
"""An engine, and what its cell is to say of it."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows.

    Attributes
    ----------
    texts : list of str
        The texts.
    labels : ndarray of int64, shape [n]
        Their class codes.
    """

    texts: list[str]
    labels: Codes


@dataclass(frozen=True)
class Terms:
    """What else a fit depends on.

    Attributes
    ----------
    class_names : tuple of str
        The classes.
    seed : int
        Decides all that is drawn.
    threads : int
        Of the arithmetic.
    """

    class_names: tuple[str, ...]
    seed: int
    threads: int


class Recipe(ABC):
    """Fits one kind of model."""

    threaded: ClassVar[bool] = False
    """Whether one fit keeps all cores busy by itself."""

    @abstractmethod
    def fit(self, train: Rows, validation: Rows, terms: Terms) -> Fitted:
        """Fit an engine, uncalibrated.

        Parameters
        ----------
        train : Rows
            What it learns from: vocabulary, weights, all.
        validation : Rows
            Rows of the training part that may choose when to stop, and nothing else.
        terms : Terms
            Classes, seed and threads.
        """

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return what the plan says of it, as values that JSON can hold."""

    def device(self) -> torch.device | None:
        """Say where PyTorch fits it; None where it does not."""
        return None


@dataclass(frozen=True)
class BaselineRecipe(Recipe):
    """A TF-IDF baseline.

    Attributes
    ----------
    name : str
        ``"logreg"``, ``"svm"`` or ``"tfidf"``.
    options : TfidfOptions
        Choices for it.
    """

    name: str
    options: TfidfOptions = field(default_factory=TfidfOptions)

    def fit(self, train: Rows, validation: Rows, terms: Terms) -> Fitted:
        """Fit it on the training rows."""
        from roomtone.engines.fitting import fit_pipeline

        engine = fit_pipeline(
            self.name,
            train.texts,
            train.labels,
            terms.class_names,
            options=self.options,
            seed=terms.seed,
        )
        return engine, {"features": len(engine.phrases) + len(engine.runs)}

    def settings(self) -> dict[str, Any]:
        """Return its options."""
        return {"kind": "tfidf", **asdict(self.options)}


@dataclass(frozen=True)
class HybridRecipe(Recipe):
    """The hybrid network.

    Attributes
    ----------
    tree : mapping
        Its configuration, as plain values.
    """

    tree: Mapping[str, Any]
    threaded: ClassVar[bool] = True

    def fit(self, train: Rows, validation: Rows, terms: Terms) -> Fitted:
        """Train it on the training rows; the validation rows choose the best epoch."""
        from roomtone.config import load_config
        from roomtone.engines.hybrid import HybridDLSentimentEngine
        from roomtone.engines.hybrid_fitting import fit_hybrid
        from roomtone.engines.hybrid_scoring import ScoringOptions
        from roomtone.training.console import Console
        from roomtone.training.device import torch_settings

        config = load_config(tree=self.tree, check_files=False)
        config = config.model_copy(update={"seed": terms.seed, "threads": terms.threads})
        with torch_settings(terms.threads, deterministic=config.deterministic):
            model, history = fit_hybrid(
                config,
                [*train.texts, *validation.texts],
                np.concatenate([train.labels, validation.labels]),
                class_names=terms.class_names,
                held_out=np.repeat([False, True], [len(train.texts), len(validation.texts)]),
                # What it would warn of is the same in every fold, and said once.
                console=Console(quiet=True, stream=io.StringIO()),
            )
        options = ScoringOptions(device=config.device, threads=terms.threads)
        found = {
            "epochs": len(history["val_loss"]),
            "vocabulary": len(model.vocabulary),
            "history": history,
        }
        return HybridDLSentimentEngine.of(model, options), found

    def device(self) -> torch.device:
        """Settle the device as the configuration has it."""
        from roomtone.training.device import choose_device

        return choose_device(str(self.tree["device"]))

    def settings(self) -> dict[str, Any]:
        """Return the configuration, but for files of data and for what changes no result."""
        return {
            "kind": "hybrid",
            **{key: value for key, value in self.tree.items() if key not in _NO_EFFECT},
        }


@dataclass(frozen=True, eq=False)
class EngineRecipe(Recipe):
    """A saved engine, or one that another package brings, fitted anew.

    Attributes
    ----------
    engine : SentimentEngine
        Its `refit` is what is called.
    """

    engine: SentimentEngine

    def fit(self, train: Rows, validation: Rows, terms: Terms) -> Fitted:
        """Fit it by its own recipe, whose seed it keeps."""
        return self.engine.refit(list(train.texts), train.labels), {}

    def settings(self) -> dict[str, Any]:
        """Return what it says of itself."""
        return {"kind": self.engine.kind or type(self.engine).__name__, **self.engine.settings()}


_NO_EFFECT = (
    *("train_csv", "val_csv", "test_csv", "output_dir", "tensorboard_dir", "tensorboard"),
    *("experiment_name", "seed", "num_workers", "threads"),
)
