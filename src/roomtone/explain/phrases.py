"""The convolution's strongest n-grams: which filters fire most, where, and what they change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.explain.hybrid import batches, centred, hybrid_needed, network_of
from roomtone.explain.method import Method, Weights
from roomtone.explain.words import FloatArray, IntArray, ReadText

if TYPE_CHECKING:
    from torch import Tensor

    from roomtone.engines import SentimentEngine
    from roomtone.nets import HybridNetwork
    from roomtone.nets.conv import MaskedCNN
    from roomtone.nets.hybrid import HybridOutput


class FiredPhrases(Method):
    """What each filter's strongest window changes in the centred logit of a class.

    A filter's effect is the logit, less what it is when this filter alone is silent; it is exact
    for one filter, and does not add up over filters where the classifier bends. The effect of an
    n-gram is the sum of those of the filters that fire most there. A word's share of it is its
    share of what excites the filters (Jacovi, Shalom & Goldberg 2018, "Understanding
    Convolutional Neural Networks for Text Classification", section 4).
    """

    name = "ngrams"
    title = "The convolution's n-grams"
    unit = "logit"

    @classmethod
    def refusal(cls, engine: SentimentEngine) -> str | None:
        """Say that it needs a network with convolutions."""
        missing = hybrid_needed(engine, "the search for n-grams")
        if missing is None and not network_of(engine).config.cnn.enabled:
            return f"the network of {engine.name!r} was built with model.cnn.enabled: false"
        return missing

    def weigh(
        self, engine: SentimentEngine, texts: Sequence[ReadText], classes: IntArray
    ) -> list[Weights]:
        """Run the convolutions, silence one filter after the other, and collect by windows."""
        import torch

        model = network_of(engine)
        network = model.network
        found: list[Weights] = [Weights(np.zeros((0, 0)))] * len(texts)
        for rows, ids, lengths in batches(model, texts):
            with torch.inference_mode():
                vectors = network.vectors(ids.flatten()).view(*ids.shape, -1)
                context = _context(network, network(ids, lengths))  # [batch, 2 * hidden]
                fired = _fired(network.cnn, vectors, lengths)
                features = torch.cat([torch.relu(strongest) for strongest, _, _ in fired], dim=1)
                for place, row in enumerate(rows):
                    effects = _effects(network, features[place], context[place])
                    own = [(starts[place], shares[place]) for _, starts, shares in fired]
                    read = texts[row].of_token[: int(lengths[place])]
                    found[row] = _collect(texts[row], read, effects[:, classes[row]], own)
        return found


def _context(network: HybridNetwork, output: HybridOutput) -> Tensor:
    """Compute what stands beside the filters before the classifier; nothing where it is absent."""
    if network.pooling is None:
        return output.states.new_zeros(len(output.states), 0)
    mixed, mask = output.states, output.mask
    if network.attention is not None:
        mixed = network.attention(mixed, mask)
    return network.pooling(mixed, mask)  # type: ignore[no-any-return]


def _fired(
    cnn: MaskedCNN, vectors: Tensor, lengths: Tensor
) -> list[tuple[Tensor, FloatArray, FloatArray]]:
    """Find each filter's strongest window.

    Returns
    -------
    list of tuple
        For each size of filters the strongest responses, ``[batch, filters]``; where the windows
        begin, which may be before the text, ``[batch, filters]``; and for each place of a window
        what it adds to the response, ``[batch, size, filters]``.
    """
    import torch

    from roomtone.nets.masking import padding_mask

    batch, width, _ = vectors.shape
    hidden = ~padding_mask(lengths, width)[:, None, :]  # [batch, 1, width]
    found = []
    for conv in cnn.convs:
        weight, size = conv.get_parameter("weight"), conv.get_parameter("weight").shape[2]
        response = conv(vectors.transpose(1, 2))[..., :width]  # [batch, filters, width]
        response = response.masked_fill(hidden, torch.finfo(response.dtype).min)
        strongest, centre = response.max(dim=2)  # both [batch, filters]
        starts = centre - size // 2
        reach = starts[:, None, :] + torch.arange(size, device=starts.device)[:, None]
        inside = (reach >= 0) & (reach < lengths[:, None, None])  # [batch, size, filters]
        shares = torch.zeros(batch, size, weight.shape[0])
        for place in range(size):
            products = vectors @ weight[:, :, place].t()  # [batch, width, filters]
            met = products.gather(1, reach[:, place : place + 1].clamp(0, width - 1))
            shares[:, place] = (met.squeeze(1) * inside[:, place]).cpu()
        found.append((strongest, starts.cpu().numpy(), shares.double().numpy()))
    return found


def _effects(network: HybridNetwork, features: Tensor, context: Tensor) -> FloatArray:
    """Compute what each filter changes in the centred logits, ``[filters, classes]``."""
    import torch

    silenced = features.repeat(len(features) + 1, 1)  # the last row is the text as it is
    silenced[:-1].fill_diagonal_(0)
    inputs = torch.cat([silenced, context.expand(len(silenced), -1)], dim=1)
    logits = centred(network.classifier(inputs)).double()
    effects: FloatArray = (logits[-1] - logits[:-1]).cpu().numpy()
    return effects


def _collect(
    text: ReadText,
    read: IntArray,
    effects: FloatArray,
    fired: Sequence[tuple[FloatArray, FloatArray]],
) -> Weights:
    """Sum effects, ``[filters, classes]``, by windows and by words; `read` is each token's word."""
    scores = np.zeros((effects.shape[1], len(text.words)))
    windows: defaultdict[tuple[int, int], FloatArray] = defaultdict(
        lambda: np.zeros(effects.shape[1])
    )
    filters: defaultdict[tuple[int, int], int] = defaultdict(int)
    first = 0
    for starts, shares in fired:
        size = len(shares)  # of the windows, in tokens
        for number, start in enumerate(starts):
            effect = effects[first + number]
            low, high = max(int(start), 0), min(int(start) + size, len(read))
            if not effect.any() or low >= high:
                continue
            words = read[low:high]
            exciting = np.maximum(shares[low - int(start) : high - int(start), number], 0)
            total = exciting.sum()
            exciting = exciting / total if total > 0 else np.full(high - low, 1 / (high - low))
            np.add.at(scores.T, words, exciting[:, None] * effect)
            windows[int(words[0]), int(words[-1])] += effect
            filters[int(words[0]), int(words[-1])] += 1
        first += len(starts)
    details = tuple(
        {"ngrams": _listed(text, windows, filters, column)} for column in range(len(scores))
    )
    return Weights(scores, details)


def _listed(
    text: ReadText,
    windows: dict[tuple[int, int], FloatArray],
    filters: dict[tuple[int, int], int],
    column: int,
) -> list[dict[str, Any]]:
    """List the n-grams by the size of their effect on one class, the strongest first."""
    order = sorted(windows, key=lambda window: (-abs(windows[window][column]), window))
    return [
        {
            "first": first,
            "last": last,
            "written": text.text[text.words[first].start : text.words[last].end],
            "effect": float(windows[first, last][column]),
            "filters": filters[first, last],
        }
        for first, last in order
    ]
