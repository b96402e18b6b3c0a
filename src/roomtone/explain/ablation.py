"""What attention is worth: the same network with all its attention weights made equal."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import DataError
from roomtone.explain.explaining import make_method
from roomtone.explain.explanation import rounded
from roomtone.explain.hybrid import network_of
from roomtone.explain.method import Options
from roomtone.stats.paired import Difference, f1_gain, mean_gain

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine


@dataclass(frozen=True)
class UniformAttention:
    """What changes when a trained network gives every word the same attention.

    After Wiegreffe & Pinter (2019), "Attention is not not Explanation", section 3.2, with one
    difference: they train a network anew with uniform weights, and this one is only asked anew.

    Attributes
    ----------
    texts : int
        Texts that were scored.
    changed : float
        Share of the texts whose label is another one.
    distance : float
        Mean total variation distance of the probabilities, from 0 to 1.
    accuracy, f1_macro : Difference or None
        What attention gains over uniform weights, above 0 where it helps, with paired intervals
        over texts; None without labels.
    """

    texts: int
    changed: float
    distance: float
    accuracy: Difference | None
    f1_macro: Difference | None

    @property
    def verdict(self) -> str:
        """Say it in a sentence."""
        start = (
            f"With every attention weight made equal, {self.changed:.1%} of {self.texts:,} labels "
            "change"
        )
        if self.f1_macro is None:
            return f"{start}."
        gain = self.f1_macro
        figures = (
            f"{gain.estimate:+.3f}, {gain.level:.0%} interval {gain.low:+.3f} to {gain.high:+.3f}"
        )
        if gain.low > 0:
            return f"{start}, and macro-F1 is lower: the weights are worth {figures}."
        return (
            f"{start}, and macro-F1 is no lower beyond noise: the network answers as well without "
            f"the weights that it has learnt (they are worth {figures})."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the result as values that JSON can hold, numbers to six digits."""
        content = asdict(self) | {"verdict": self.verdict}
        for name in ("accuracy", "f1_macro"):
            gain = getattr(self, name)
            content[name] = None if gain is None else gain.to_dict()
        result: dict[str, Any] = rounded(content)
        return result


def with_uniform_attention(engine: SentimentEngine) -> SentimentEngine:
    """Copy a hybrid engine, and make all weights of self-attention and of pooling equal.

    Raises
    ------
    RoomtoneError
        If the engine is no hybrid network.
    """
    import torch

    from roomtone.engines.hybrid import HybridDLSentimentEngine
    from roomtone.nets.attention import AttentionPooling

    make_method(engine, "attention", Options())
    model = network_of(engine)
    network = deepcopy(model.network)
    with torch.no_grad():
        # Queries of zero give each key the score zero, and a softmax of zeros is uniform.
        if network.attention is not None:
            queries = slice(network.attention.output.in_features)
            network.attention.inputs.weight[queries] = 0
            network.attention.inputs.bias[queries] = 0
        if isinstance(network.pooling, AttentionPooling):
            network.pooling.score.weight.zero_()
    copied = HybridDLSentimentEngine.of(replace(model, network=network), engine.scorer.options)  # type: ignore[attr-defined]
    copied.calibration = engine.calibration
    return copied


def uniform_attention(
    engine: SentimentEngine,
    texts: Sequence[str],
    labels: ArrayLike | None = None,
    *,
    seed: int = 42,
) -> UniformAttention:
    """Compare a hybrid engine with itself under uniform attention.

    Parameters
    ----------
    engine : SentimentEngine
        A hybrid network.
    texts : sequence of str
        At least one.
    labels : array_like of int, optional
        Their true class codes.
    seed : int
        Of the intervals.

    Raises
    ------
    RoomtoneError
        If the engine is no hybrid network.
    DataError
        If there is no text.
    """
    if not texts:
        raise DataError("uniform attention: expected at least one text, found none")
    probs, flat = (each.predict_proba(texts) for each in (engine, with_uniform_attention(engine)))
    own, other = probs.argmax(axis=1), flat.argmax(axis=1)
    accuracy = f1_macro = None
    if labels is not None:
        truth = np.asarray(labels)
        accuracy = mean_gain(own != truth, other != truth, seed=seed)
        f1_macro = f1_gain(truth, own, other, len(engine.class_names), seed=seed)
    return UniformAttention(
        texts=len(texts),
        changed=float((own != other).mean()),
        distance=float(np.abs(probs - flat).sum(axis=1).mean() / 2),
        accuracy=accuracy,
        f1_macro=f1_macro,
    )
