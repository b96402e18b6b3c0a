"""Stacking: a logistic model over what several engines say (Wolpert 1992; Ting & Witten 1999)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from roomtone.engines.base import FloatArray, RawScores, SentimentEngine
from roomtone.engines.folder import SavedFolder, TensorSpec
from roomtone.engines.members import common_classes, load_members, member_probs, subfolders
from roomtone.engines.places import find_saved, not_found
from roomtone.errors import RoomtoneError
from roomtone.stats.logistic import LogisticModel

_COMMAND = "roomtone ensemble --models models/logreg models/svm --val_csv val.csv --stacking"
_TENSORS = "meta.safetensors"
_SMALLEST = 1e-6


class StackingEngine(SentimentEngine):
    """Weighs, class by class, the logarithms of the probabilities that other engines give.

    Parameters
    ----------
    models : mapping of str to SentimentEngine
        The engines, by name.
    meta : LogisticModel
        From the logarithms of their probabilities, engine by engine, to the classes.
    name : str
        What results call it.
    **common
        As for every `SentimentEngine`. The prior is the mean of the engines' priors where not
        given.

    Raises
    ------
    RoomtoneError
        If the engines differ in their classes, or `meta` is one for other engines.
    """

    kind = "stacking"

    def __init__(
        self,
        models: Mapping[str, SentimentEngine],
        meta: LogisticModel,
        *,
        name: str = "stacking",
        **common: Any,
    ) -> None:
        classes = common_classes(name, models)
        shape = (len(classes), len(classes) * len(models))
        if meta.coefficients.shape != shape or meta.intercepts.shape != shape[:1]:
            raise RoomtoneError(
                f"{name}: {len(models)} engines with {len(classes)} classes need coefficients of "
                f"shape {list(shape)}, found {list(meta.coefficients.shape)}"
            )
        prior = np.mean([engine.prior for engine in models.values()], axis=0)
        super().__init__(name, **{"class_names": classes, "prior": prior, **common})
        self.models = dict(models)
        self.meta = meta

    def raw(self, texts: Sequence[str]) -> RawScores:
        """Score each text by the logistic model."""
        probs, known = member_probs(self.models, list(texts))
        return RawScores(self.meta.log_probs(features(probs)), known)

    def describe(self) -> str:
        """Say over which engines it is a logistic model."""
        return (
            f"A logistic model over the probabilities that {len(self.models)} engines give: "
            f"{', '.join(self.models)}."
        )

    def settings(self) -> dict[str, Any]:
        """Return the engines' names, in their order."""
        return {"models": list(self.models)}

    def files(self) -> dict[str, bytes]:
        """Return the logistic model."""
        from safetensors.numpy import save

        tensors = {"coefficients": self.meta.coefficients, "intercepts": self.meta.intercepts}
        return {_TENSORS: save({k: np.ascontiguousarray(v) for k, v in tensors.items()})}

    def parts(self) -> dict[str, SentimentEngine]:
        """Return the engines by the names of their sub-folders."""
        return {folder: self.models[name] for name, folder in subfolders(self.models).items()}

    @classmethod
    def from_folder(cls, folder: SavedFolder) -> Self:
        """Rebuild it with its engines."""
        models, classes = load_members(folder), len(folder.manifest.class_names)
        shape = {"coefficients": (classes, classes * len(models)), "intercepts": (classes,)}
        expected = {name: TensorSpec("float64", size) for name, size in shape.items()}
        meta = LogisticModel(**folder.tensors(_TENSORS, expected))
        try:
            return cls(models, meta, **folder.common())
        except RoomtoneError as error:
            raise folder.error(str(error)) from None


def build_stacking(*, model_path: str | Path | None = None) -> SentimentEngine:
    """Load a saved stacking engine; `fit_stacking` makes one.

    Raises
    ------
    RoomtoneError
        If nothing is saved where it is looked for, or an engine of another kind.
    """
    path = find_saved("stacking") if model_path is None else Path(model_path)
    if path is None:
        raise not_found("stacking", _COMMAND)
    folder = SavedFolder(path)
    folder.check_kind("stacking", StackingEngine.kind)
    return StackingEngine.from_folder(folder)


def features(probs: FloatArray) -> FloatArray:
    """Turn probabilities, ``[engines, n, classes]``, into features, ``[n, engines * classes]``.

    They are logarithms, so that the logistic model can also express a plain vote on log-odds.
    """
    logs = np.log(np.maximum(probs, _SMALLEST))
    return np.concatenate(list(logs), axis=1)
