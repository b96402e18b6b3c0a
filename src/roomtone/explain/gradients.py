"""Integrated gradients at the layer of word vectors, and the check that they are complete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.errors import RoomtoneError, require
from roomtone.explain.hybrid import TOKENS, batches, centred, hybrid_needed, network_of
from roomtone.explain.method import MOST_STEPS, Method, Weights
from roomtone.explain.words import FloatArray, IntArray, ReadText

if TYPE_CHECKING:
    from torch import Tensor

    from roomtone.engines import SentimentEngine
    from roomtone.engines.hybrid_files import HybridModel

LEAST_DIFFERENCE = 0.25  # logits; of a smaller one no share can be missed to speak of


class IntegratedGradients(Method):
    """The centred logit of a class, shared among the words along a path from nothing.

    After Sundararajan, Taly & Yan (2017), "Axiomatic Attribution for Deep Networks", equation 1,
    at the output of the embedding layer (as Captum's ``LayerIntegratedGradients``): vectors of
    subwords and of extra words count as the word's. The path's integral is a Gauss-Legendre sum.
    """

    name = "integrated_gradients"
    title = "Integrated gradients"
    unit = "logit"

    @classmethod
    def refusal(cls, engine: SentimentEngine) -> str | None:
        """Say that it needs the network."""
        return hybrid_needed(engine, "the gradient")

    def weigh(
        self, engine: SentimentEngine, texts: Sequence[ReadText], classes: IntArray
    ) -> list[Weights]:
        """Integrate; texts whose attributions are not complete are done again with more steps.

        Raises
        ------
        RoomtoneError
            If the attributions of a text do not sum to the difference that they explain.
        """
        import torch

        model = network_of(engine)
        found: list[list[tuple[FloatArray, dict[str, Any]]]] = [[] for _ in texts]
        # The gradient through cuDNN's LSTM exists in training mode alone.
        with torch.backends.cudnn.flags(enabled=False):
            for column in range(classes.shape[1]):
                for rows, ids, lengths in batches(model, texts):
                    wanted = torch.from_numpy(classes[rows, column]).to(ids.device)
                    done = self._complete(model, ids, lengths, wanted)
                    for row, tokens, check in zip(rows, *done, strict=True):
                        found[row].append((texts[row].by_word(tokens), check))
        return [
            Weights(np.stack([scores for scores, _ in parts]), tuple(check for _, check in parts))
            for parts in found
        ]

    def _complete(
        self, model: HybridModel, ids: Tensor, lengths: Tensor, classes: Tensor
    ) -> tuple[list[FloatArray], list[dict[str, Any]]]:
        """Attribute the logits of a batch to its tokens; double the steps where that is needed."""
        import torch

        attributed: list[FloatArray] = [np.zeros(0)] * len(ids)
        checks: list[dict[str, Any]] = [{}] * len(ids)
        left = torch.arange(len(ids), device=ids.device)
        steps = self.options.steps
        while len(left):
            part = (ids[left], lengths[left], classes[left])
            sums, ends = self._integrate(model, *part, steps)
            missed = (sums.sum(dim=1) - (ends[0] - ends[1])).abs()
            allowed = self.options.tolerance * (ends[0] - ends[1]).abs().clamp(min=LEAST_DIFFERENCE)
            good = missed <= allowed
            for place, row in enumerate(left.tolist()):
                attributed[row] = sums[place, : int(lengths[row])].double().cpu().numpy()
                checks[row] = self._check(steps, attributed[row], ends[:, place])
            left = left[~good]
            if len(left) and steps * 2 > MOST_STEPS:
                raise RoomtoneError(_incomplete(checks[int(left[0])], self.options.tolerance))
            steps *= 2
        return attributed, checks

    def _integrate(
        self, model: HybridModel, ids: Tensor, lengths: Tensor, classes: Tensor, steps: int
    ) -> tuple[Tensor, Tensor]:
        """Return attributions, ``[batch, width]``, and the logits at both ends, ``[2, batch]``."""
        import torch

        from roomtone.nets.words import each_position

        def logit(vectors: Tensor, lengths: Tensor, classes: Tensor) -> Tensor:
            places = each_position(vectors[..., 0])
            output = model.network.classify(vectors.flatten(0, 1), places, lengths)
            return centred(output.logits).gather(1, classes[:, None]).squeeze(1)

        captum = require("captum.attr", extra="explain", purpose="Integrated gradients")
        with torch.no_grad():
            vectors = model.network.vectors(ids.flatten()).view(*ids.shape, -1)
            origin = torch.zeros_like(vectors)
            if self.options.baseline == "unknown":
                from roomtone.text import PAD, UNK

                unknown = torch.full_like(ids, UNK).masked_fill(ids == PAD, PAD)
                origin = model.network.vectors(unknown.flatten()).view_as(vectors)
            ends = torch.stack([logit(at, lengths, classes) for at in (vectors, origin)])
        sums = captum.IntegratedGradients(logit).attribute(
            vectors,
            origin,
            additional_forward_args=(lengths, classes),
            n_steps=steps,
            method="gausslegendre",
            internal_batch_size=max(1, TOKENS // ids.shape[1]),
        )
        return sums.sum(dim=2).detach(), ends

    def _check(self, steps: int, scores: FloatArray, ends: Tensor) -> dict[str, Any]:
        text, baseline = ends.tolist()
        return {
            "baseline": self.options.baseline,
            "steps": steps,
            "logit": text,
            "baseline_logit": baseline,
            "difference": text - baseline,
            "sum": float(scores.sum()),
            "error": float(scores.sum()) - (text - baseline),
        }


def _incomplete(check: dict[str, Any], tolerance: float) -> str:
    return (
        f"integrated gradients: after {check['steps']:,} steps the attributions of a text sum to "
        f"{check['sum']:.4f}, and the difference that they explain is {check['difference']:.4f}: "
        f"more than the tolerance of {tolerance:g} apart. Raise the tolerance, or use "
        "leave_one_out"
    )
