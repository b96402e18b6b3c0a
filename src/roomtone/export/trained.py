"""A trained network taken apart into plain arrays, and what it says by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from roomtone.config.model import ModelConfig
from roomtone.export.network import Weights
from roomtone.nets import HybridNetwork
from roomtone.text import Vocabulary

_WORDS_AT_ONCE = 16384
_TEXTS_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Trained:
    """A network that has been trained.

    Attributes
    ----------
    network : HybridNetwork
        On the processor, in evaluation mode.
    config : ModelConfig
        Its sizes.
    vocabulary : Vocabulary
        Its words.
    """

    network: HybridNetwork
    config: ModelConfig
    vocabulary: Vocabulary

    @torch.inference_mode()
    def weights(self) -> Weights:
        """Collect the weights; each word's vector becomes one row, whatever it is made of."""
        words = torch.split(torch.arange(len(self.vocabulary)), _WORDS_AT_ONCE)
        vectors = torch.cat([self.network.vectors(some) for some in words])
        state = {
            name: tensor.numpy()
            for name, tensor in self.network.state_dict().items()
            if tensor.dtype == torch.float32
        }
        return Weights(self.config, vectors.numpy(), state)

    @torch.inference_mode()
    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Score texts with torch, ``[n, classes]``: what an exported model must give."""
        encoded = self.vocabulary.encode_batch(texts).cut(self.config.max_len)
        order = np.argsort(np.diff(encoded.offsets), kind="stable")
        scores = np.empty((len(texts), self.config.num_classes), dtype=np.float32)
        for start in range(0, len(order), _TEXTS_AT_ONCE):
            rows = order[start : start + _TEXTS_AT_ONCE]
            ids, lengths = map(torch.from_numpy, encoded.padded(rows))
            scores[rows] = self.network(ids, lengths).logits.numpy()
        return scores
