"""Attention as weights of words: head by head, and what is left of it after pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.errors import RoomtoneError
from roomtone.explain.hybrid import batches, hybrid_needed, network_of
from roomtone.explain.method import Method, Weights
from roomtone.explain.words import FloatArray, IntArray, ReadText

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine


class Attention(Method):
    """How much of the pooled text comes from each word; the weights of a text sum to 1.

    The pooling weighs the outputs of self-attention (Yang et al. 2016), each of which is half the
    word itself, by the residual connection, and half the mean of the heads: the rollout of Abnar
    & Zuidema (2020), "Quantifying Attention Flow in Transformers", section 3, for one layer. It
    says how much a word counts, and not for which class.
    """

    name = "attention"
    title = "Attention"
    unit = "share of attention"
    signed = False

    @classmethod
    def refusal(cls, engine: SentimentEngine) -> str | None:
        """Say that it needs a network with self-attention."""
        missing = hybrid_needed(engine, "attention")
        if missing is None and not network_of(engine).config.attention.enabled:
            return f"the network of {engine.name!r} was built with model.attention.enabled: false"
        return missing

    def weigh(
        self, engine: SentimentEngine, texts: Sequence[ReadText], classes: IntArray
    ) -> list[Weights]:
        """Run the network, and read its weights."""
        import torch

        model = network_of(engine)
        network, attention, pooling = model.network, model.network.attention, model.network.pooling
        if attention is None or pooling is None:
            raise RoomtoneError(f"attention: {self.refusal(engine)}")
        found: list[Weights] = [Weights(np.zeros((0, 0)))] * len(texts)
        for rows, ids, lengths in batches(model, texts):
            with torch.inference_mode():
                output = network(ids, lengths)
                heads = output.attention_weights  # [batch, heads, width, width]
                mixed = attention(output.states, output.mask)
                pooled = pooling.weights(mixed, output.mask)  # [batch, width]
                through = (pooled[:, None, :] @ heads.mean(dim=1)).squeeze(1)  # [batch, width]
                flow = ((pooled + through) / 2).double().cpu().numpy()
            for place, row in enumerate(rows):
                text, count = texts[row], int(lengths[place])
                scores = text.by_word(flow[place, :count])
                details: dict[str, Any] = {}
                if self.detailed:
                    own = heads[place, :, :count, :count].double().cpu().numpy()
                    pool = text.by_word(pooled[place, :count].double().cpu().numpy())
                    details = {"heads": _by_words(text, own), "pooled": pool}
                asked = classes.shape[1]
                found[row] = Weights(np.tile(scores, (asked, 1)), (details,) * asked)
        return found


def _by_words(text: ReadText, heads: FloatArray) -> FloatArray:
    """Sum a map's keys and average its queries word by word, ``[heads, words, words]``."""
    places = text.of_token[: heads.shape[1]]
    member = (places == np.arange(len(text.words))[:, None]).astype(np.float64)  # [words, tokens]
    summed: FloatArray = member @ heads @ member.T
    summed /= np.maximum(member.sum(axis=1), 1)[:, None]
    return summed
