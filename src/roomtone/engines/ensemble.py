"""The weighted soft vote: the mean of what several engines say, each with its weight."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from roomtone.engines.base import RawScores, SentimentEngine
from roomtone.engines.folder import SavedFolder
from roomtone.engines.members import (
    common_classes,
    gather,
    load_members,
    member_probs,
    subfolders,
)
from roomtone.engines.places import find_saved, not_found
from roomtone.errors import RoomtoneError, nearest

_LARGEST = 1e9
_COMMAND = "roomtone ensemble --models models/logreg models/svm --val_csv val.csv"


class EnsembleEngine(SentimentEngine):
    """Gives each class the weighted mean of the probabilities that other engines give it.

    Parameters
    ----------
    models : mapping of str to SentimentEngine
        The engines, by name.
    weights : mapping of str to float, optional
        The weight of each, 0 or more; scaled to sum to 1. Equal ones where not given.
    name : str
        What results call it.
    **common
        As for every `SentimentEngine`. The prior is the weighted mean of the engines' priors where
        not given.

    Raises
    ------
    RoomtoneError
        If the weights do not name exactly these engines or cannot be used, or the engines differ
        in their classes.
    """

    kind = "ensemble"

    def __init__(
        self,
        models: Mapping[str, SentimentEngine],
        weights: Mapping[str, float] | None = None,
        *,
        name: str = "ensemble",
        **common: Any,
    ) -> None:
        classes = common_classes(name, models)
        self.models = dict(models)
        self.weights = checked_weights(weights, models)
        shares = np.array(list(self.weights.values()))
        prior = shares @ np.stack([engine.prior for engine in models.values()])
        super().__init__(name, **{"class_names": classes, "prior": prior, **common})

    def raw(self, texts: Sequence[str]) -> RawScores:
        """Score each text by the logarithm of the weighted mean."""
        probs, known = member_probs(self.models, list(texts))
        # Not a product of matrices, whose last bits depend on how many texts there are.
        mean = np.sum([w * p for w, p in zip(self.weights.values(), probs, strict=True)], axis=0)
        with np.errstate(divide="ignore"):  # a class that no engine gives any probability
            return RawScores(np.log(mean), known)

    def describe(self) -> str:
        """Say of which engines it is the mean, and with which weights."""
        shown = ", ".join(f"{name} {weight:.3f}" for name, weight in self.weights.items())
        return f"The weighted mean of what {len(self.models)} engines say, with weights: {shown}."

    def settings(self) -> dict[str, Any]:
        """Return the engines' names, in their order, and their weights."""
        return {"models": list(self.models), "weights": self.weights}

    def files(self) -> dict[str, bytes]:
        """Return nothing: it consists of its engines alone."""
        return {}

    def parts(self) -> dict[str, SentimentEngine]:
        """Return the engines by the names of their sub-folders."""
        return {folder: self.models[name] for name, folder in subfolders(self.models).items()}

    @classmethod
    def from_folder(cls, folder: SavedFolder) -> Self:
        """Rebuild it with its engines."""
        weights = folder.manifest.settings.get("weights")
        if not isinstance(weights, dict):
            raise folder.error("its settings must hold the weights of its models")
        models = load_members(folder)
        try:
            return cls(models, weights, **folder.common())
        except RoomtoneError as error:
            raise folder.error(str(error)) from None


def build_ensemble(
    base_models: Sequence[str | SentimentEngine] | None = None,
    weights: Mapping[str, float] | None = None,
    *,
    model_path: str | Path | None = None,
    name: str = "ensemble",
) -> SentimentEngine:
    """Make a weighted soft vote, or load a saved one.

    Parameters
    ----------
    base_models : sequence of str or SentimentEngine, optional
        Engines, or the names by which `get_sentiment_engine` finds them. Without it a saved
        ensemble is loaded.
    weights : mapping of str to float, optional
        The weight of each engine; equal ones where not given.
    model_path : str or Path, optional
        Folder of a saved ensemble.
    name : str
        What results call it.

    Raises
    ------
    RoomtoneError
        As `EnsembleEngine`; also if nothing is saved, it is no ensemble, or an engine cannot be
        found.
    """
    if base_models is not None and model_path is None:
        return EnsembleEngine(gather(base_models), weights, name=name)
    if base_models is not None or weights is not None:
        raise RoomtoneError(
            "ensemble: give base_models, with weights or without, or the model_path of a saved one"
        )
    path = find_saved("ensemble") if model_path is None else Path(model_path)
    if path is None:
        raise not_found("ensemble", _COMMAND)
    folder = SavedFolder(path)
    folder.check_kind("ensemble", EnsembleEngine.kind)
    return EnsembleEngine.from_folder(folder)


def checked_weights(
    weights: Mapping[str, float] | None, models: Mapping[str, object]
) -> dict[str, float]:
    """Scale weights to sum to 1, in the order of the models.

    Raises
    ------
    RoomtoneError
        If they do not name exactly the models, one is negative or no finite number, or all are 0.
    """
    if weights is None:
        return dict.fromkeys(models, 1 / len(models))
    problems = [
        f"{name!r} is none of the models ({', '.join(models)}){nearest(str(name), models)}"
        for name in weights
        if name not in models
    ]
    problems += [f"no weight for {name!r}" for name in models if name not in weights]
    problems += [
        f"the weight of {name!r} is {value!r}, expected a number from 0 to {_LARGEST:g}"
        for name, value in weights.items()
        if isinstance(value, bool)
        or not isinstance(value, int | float | np.number)
        or not 0 <= value <= _LARGEST
    ]
    total = 0.0 if problems else math.fsum(weights.values())
    if not problems and total < 1 / _LARGEST:
        problems = [f"the weights sum to {total:g}, expected more than 0"]
    if problems:
        raise RoomtoneError(f"weights: {'; '.join(problems)}")
    return {name: float(weights[name]) / total for name in models}
