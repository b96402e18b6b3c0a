"""Starting values of the network, drawn from one explicit generator."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from roomtone.nets.hybrid import PAD, HybridNetwork

EMBEDDING_STD = 0.1


def initialise(network: HybridNetwork, generator: torch.Generator) -> None:
    """Draw every parameter anew.

    Weights are uniform up to one over the root of their inputs (LeCun et al. 1998, "Efficient
    BackProp", section 4.6, with a third of its variance): from random word vectors that learns
    much faster than the larger weights after Glorot & Bengio (2010), which the LSTM's input
    weights have. The recurrent ones are orthogonal (Saxe et al. 2014), biases zero but for the
    LSTM's forget gates, which start open at one (Jozefowicz et al. 2015). Word vectors are
    normal; padding is zero.

    Parameters
    ----------
    network : HybridNetwork
        Changed in place.
    generator : torch.Generator
        On the processor; the same state gives the same values.
    """
    for module in network.modules():
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=EMBEDDING_STD, generator=generator)
        elif isinstance(module, nn.Linear | nn.Conv1d):
            # A gain of 1 / sqrt(3), which this slope gives: uniform to 1 / sqrt(inputs).
            nn.init.kaiming_uniform_(module.weight, a=math.sqrt(5), generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.LSTM):
            _lstm(module, generator)
        elif isinstance(module, nn.LayerNorm):
            module.reset_parameters()
    with torch.no_grad():
        network.embedding.weight[PAD] = 0.0


def _lstm(lstm: nn.LSTM, generator: torch.Generator) -> None:
    size = lstm.hidden_size
    parameters = dict(lstm.named_parameters())
    nn.init.xavier_uniform_(parameters["weight_ih_l0"], generator=generator)
    with torch.no_grad():
        for gate in torch.split(parameters["weight_hh_l0"], size):
            nn.init.orthogonal_(gate, generator=generator)
        parameters["bias_hh_l0"].zero_()
        parameters["bias_ih_l0"].zero_()
        # Gates stand in torch's order: input, forget, cell, output.
        parameters["bias_ih_l0"][size : 2 * size] = 1.0


def load_vectors(network: HybridNetwork, matrix: np.ndarray, found: np.ndarray) -> None:
    """Put pretrained vectors into the embedding.

    Words without a vector keep their random ones, scaled to the spread of the pretrained.

    Parameters
    ----------
    network : HybridNetwork
        Changed in place.
    matrix : ndarray
        ``[vocab_size, embedding_dim]``, float32; extra words last.
    found : ndarray
        Which rows hold a vector, ``[vocab_size]``, bool.
    """
    weight = network.embedding.weight
    matrix, found = _keep_extra(network, matrix, found)
    rows = torch.from_numpy(found)
    values: Tensor = torch.from_numpy(matrix)[rows]
    with torch.no_grad():
        if len(values) > 1 and (spread := values.std()) > 0:
            weight *= spread / EMBEDDING_STD
        weight[rows] = values.to(weight)
        weight[PAD] = 0.0


def _keep_extra(
    network: HybridNetwork, matrix: np.ndarray, found: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Store the vectors of the extra words; return what is left."""
    if network.extra is None:
        return matrix, found
    first = network.extra.first
    network.extra.vectors.copy_(torch.from_numpy(matrix[first:]))
    return matrix[:first], found[:first]
