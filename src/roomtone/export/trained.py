"""A finished run, read back: the network with its weights, and what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from roomtone.config.model import ModelConfig
from roomtone.errors import CheckpointError
from roomtone.export.network import Weights
from roomtone.nets import HybridNetwork
from roomtone.text import Vocabulary
from roomtone.training.transfer import load_model_file

_WORDS_AT_ONCE = 16384
_TEXTS_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """What a run has trained.

    Attributes
    ----------
    network : HybridNetwork
        With its weights, for scoring.
    config : ModelConfig
        Its sizes.
    vocabulary : Vocabulary
        Its words.
    class_names : tuple of str
        Its classes, in the order of their codes.
    data : dict of str to str
        The sha256 of each file of texts that the run read.
    """

    network: HybridNetwork
    config: ModelConfig
    vocabulary: Vocabulary
    class_names: tuple[str, ...]
    data: dict[str, str]

    @classmethod
    def load(cls, path: Path) -> TrainedRun:
        """Read a run's folder, or its `final_model.pt`.

        Raises
        ------
        CheckpointError
            If the model or its vocabulary is missing, damaged or foreign.
        """
        content, vocabulary = load_model_file(path)
        try:
            config = ModelConfig.model_validate(content["model"])
            network = HybridNetwork(config, vocabulary.learned, vocabulary.extra)
            network.load_state_dict(content["model_state_dict"])
        # Of the sizes, or of the tensors that do not fit them; torch lists which.
        except (ValidationError, RuntimeError) as error:
            raise CheckpointError(f"{path} is damaged: {error}") from None
        names = tuple(content["class_names"])
        if len(names) != config.num_classes:
            raise CheckpointError(
                f"{path} is damaged: it names {len(names)} classes, and its network has "
                f"{config.num_classes}"
            )
        return cls(network.eval(), config, vocabulary, names, dict(content.get("data", {})))

    @torch.inference_mode()
    def weights(self) -> Weights:
        """Collect the weights; each word's vector becomes one row, whatever it is made of."""
        words = torch.split(torch.arange(len(self.vocabulary)), _WORDS_AT_ONCE)
        vectors = torch.cat([self.network.vectors(some) for some in words])
        if not torch.isfinite(vectors).all():
            raise CheckpointError("the run's word vectors are not all finite numbers")
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
