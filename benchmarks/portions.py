"""Where the time of an engine goes that scores in batches, and what its products reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import matmul_rate, seconds
from work import per_unit

from roomtone.engines.hybrid import HybridDLSentimentEngine
from roomtone.engines.hybrid_scoring import AT_ONCE
from roomtone.nets.products import fast_products
from roomtone.text import EncodedTexts

ROUNDS = 3


@dataclass(frozen=True)
class Portions:
    """Shares of the time of `predict_proba` on one thread, and the rate of the network.

    Attributes
    ----------
    tokenising, network, rest : float
        Shares: texts to codes; codes to logits; softmax and what lies between.
    gflops : float
        Rate of the network's products in its own time, useful ones only.
    peak_gflops : float
        Rate of a large square product in this precision, on one thread.
    products : float
        The share of the network's time that its products would take at that rate; what remains
        goes to exponentials, gathered rows, normalising, and products too small for it.
    distinct : float
        Distinct words of a call, as a share of its tokens.
    """

    tokenising: float
    network: float
    rest: float
    gflops: float
    peak_gflops: float
    products: float
    distinct: float

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as values that JSON can hold."""
        return asdict(self)


def portions(run: Path, precision: str, texts: Sequence[str]) -> Portions | None:
    """Time the parts of one engine; None where the compiled network cannot be used."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        engine = HybridDLSentimentEngine(run, device="cpu", precision=precision, threads=1)
        scorer = engine.scorer
        if scorer.packed is None:
            return None
        parts = [texts[first : first + AT_ONCE] for first in range(0, len(texts), AT_ONCE)]
        encoded = [scorer.vocabulary.encode_batch(part).cut(scorer.max_len) for part in parts]
        packed = scorer.packed

        def tokenise() -> None:
            for part in parts:
                scorer.vocabulary.encode_batch(part).cut(scorer.max_len)

        def compute() -> None:
            for part in encoded:
                packed.logits(part.ids, part.offsets)

        total = _best(lambda: engine.predict_proba(texts))
        tokenising, network = _best(tokenise), _best(compute)
        work, distinct = _work(engine, encoded)
        dtype = torch.bfloat16 if packed.bf16 else torch.float32
        with fast_products():
            peak = matmul_rate(dtype)
    finally:
        torch.set_num_threads(before)
    rate = work / network / 1e9
    return Portions(
        tokenising / total,
        network / total,
        max(0.0, 1 - (tokenising + network) / total),
        rate,
        peak,
        rate / peak,
        distinct,
    )


def _best(work: Callable[[], object]) -> float:
    return min(seconds(work) for _ in range(ROUNDS))


def _work(engine: HybridDLSentimentEngine, encoded: Sequence[EncodedTexts]) -> tuple[float, float]:
    """Count the operations of the products, and the distinct words of a call per token."""
    words, states, pairs, heads = per_unit(engine.model.config)
    lengths = np.concatenate([np.diff(part.offsets) for part in encoded])
    distinct = sum(len(np.unique(part.ids)) for part in encoded)
    tokens = int(lengths.sum())
    multiplications = (
        distinct * words + tokens * states + int((lengths**2).sum()) * pairs + len(lengths) * heads
    )
    return 2.0 * multiplications, distinct / tokens
