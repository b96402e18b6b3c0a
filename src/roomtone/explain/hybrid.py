"""What the explanations that look into the hybrid network share: batches, and centred logits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from roomtone.explain.words import IntArray, ReadText

if TYPE_CHECKING:
    from torch import Tensor

    from roomtone.engines import SentimentEngine
    from roomtone.engines.hybrid_files import HybridModel

TOKENS = 4096  # of a batch, padding included


def hybrid_needed(engine: SentimentEngine, what: str) -> str | None:
    """Say that a method needs the network itself, unless the engine is one."""
    if engine.kind == "hybrid":
        return None
    return f"{what} looks into the hybrid network, and engine {engine.name!r} is {engine.kind!r}"


def network_of(engine: SentimentEngine) -> HybridModel:
    """Give the network of a hybrid engine with its words and sizes."""
    model: HybridModel = engine.model  # type: ignore[attr-defined]
    return model


def batches(
    model: HybridModel, texts: Sequence[ReadText]
) -> Iterator[tuple[IntArray, Tensor, Tensor]]:
    """Lay texts of like length side by side.

    Yields
    ------
    rows : ndarray of int64, shape [batch]
        Which texts.
    ids : Tensor
        Their token codes on the network's device, int64, ``[batch, width]``.
    lengths : Tensor
        Tokens of each, ``[batch]``.
    """
    import torch

    encoded = model.vocabulary.encode_batch([text.text for text in texts])
    encoded = encoded.cut(model.config.max_len)
    lengths = np.diff(encoded.offsets)
    order = np.argsort(-lengths, kind="stable")
    device = next(model.network.parameters()).device
    first = 0
    while first < len(order):
        size = max(1, TOKENS // int(lengths[order[first]]))
        rows = order[first : first + size]
        ids, of = encoded.padded(rows)
        yield rows, torch.from_numpy(ids).to(device), torch.from_numpy(of).to(device)
        first += size


def centred(logits: Tensor) -> Tensor:
    """Take from each logit the mean of its text's logits, which no probability depends on."""
    return logits - logits.mean(dim=1, keepdim=True)
