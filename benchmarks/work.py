"""How many floating-point operations the matrix products of an epoch take.

A product of ``[m, k]`` and ``[k, n]`` counts ``2 m k n``, and each counts three times: forward, and
for the gradients of either factor. Only tokens count, padding does not, and neither does
anything between the products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roomtone.config.model import ModelConfig
from roomtone.data.batches import BatchLoader

PASSES = 3


@dataclass(frozen=True)
class Work:
    """Operations of an epoch.

    Attributes
    ----------
    usual : float
        As the architecture is written down: every token's word vector multiplied anew.
    shared : float
        With the products that are linear in a word vector alone (the convolutions, the first
        layer of the LSTM) made once for each distinct word of a batch.
    tokens, distinct, texts : int
        Tokens; distinct words of each batch, summed over batches; texts.
    padding : float
        Share of the loader's positions that is padding.
    """

    usual: float
    shared: float
    tokens: int
    distinct: int
    texts: int
    padding: float


def epoch_work(model: ModelConfig, loader: BatchLoader, epoch: int = 0) -> Work:
    """Count the operations of one epoch of a loader."""
    tokens = distinct = texts = places = 0
    squares = 0.0
    for batch in loader.batches(epoch):
        lengths = batch.lengths.numpy()
        ids = batch.input_ids.numpy()
        tokens += int(lengths.sum())
        squares += float((lengths**2).sum())
        # The padding that stands in the batch is no word of it.
        distinct += len(np.unique(ids[np.arange(ids.shape[1]) < lengths[:, None]]))
        texts += len(lengths)
        places += ids.size
    words, states, pairs, heads = per_unit(model)
    rest = tokens * states + squares * pairs + texts * heads
    scale = 2.0 * PASSES
    return Work(
        usual=scale * (tokens * words + rest),
        shared=scale * (distinct * words + rest),
        tokens=tokens,
        distinct=distinct,
        texts=texts,
        padding=1 - tokens / places,
    )


def per_unit(model: ModelConfig) -> tuple[int, int, int, int]:
    """Count multiplications: per word vector, per state, per pair of states, per text."""
    dim, hidden, cnn = model.embedding_dim, model.bilstm.hidden_size, model.cnn
    both = 2 * hidden
    gates = 2 * 4 * hidden  # of both directions
    words = dim * (sum(cnn.filter_sizes) * cnn.num_filters + gates)
    recurrent = model.bilstm.num_layers * gates * hidden
    deeper = (model.bilstm.num_layers - 1) * gates * both
    attention = 4 * both * both  # queries, keys, values, output
    widths = (len(cnn.filter_sizes) * cnn.num_filters + both, *model.classifier.hidden_sizes)
    layers = zip(widths, (*widths[1:], model.num_classes), strict=True)
    return words, recurrent + deeper + attention, 2 * both, sum(a * b for a, b in layers)
