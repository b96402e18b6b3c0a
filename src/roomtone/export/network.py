"""The graph of a whole hybrid network, from its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from onnx import ModelProto, TensorProto, checker

from roomtone.config.model import ModelConfig
from roomtone.errors import RoomtoneError
from roomtone.export.graph import Graph, Value, as_model
from roomtone.export.parts import (
    AttentionWeights,
    Positions,
    classifier,
    phrases,
    pooling,
    self_attention,
)
from roomtone.export.products import FloatArray, WordTable, bounded
from roomtone.export.recurrence import Direction, bilstm_layer

DESCRIPTION = (
    "Sentiment of comments. input_ids: token codes padded with 0 on the right; lengths: tokens of "
    "each text, at least 1; logits: a score for each class, the softmax of which is probabilities."
)


@dataclass(frozen=True, eq=False)
class Weights:
    """All that a trained network consists of.

    Attributes
    ----------
    config : ModelConfig
        The sizes.
    vectors : ndarray
        The vector of each word of the vocabulary, extra words and subwords included, float32,
        ``[words, embedding_dim]``.
    state : mapping of str to ndarray
        The other weights, float32, by the names that `HybridNetwork` gives them.
    """

    config: ModelConfig
    vectors: FloatArray
    state: Mapping[str, FloatArray]

    def linear(self, name: str) -> tuple[FloatArray, FloatArray]:
        """Return a linear layer as products take it: ``[features, outputs]``, and the bias."""
        return self.state[f"{name}.weight"].T, self.state[f"{name}.bias"]

    def direction(self, name: str, layer: int) -> Direction:
        """Return one direction of a layer of the LSTM."""
        parts = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        return Direction.from_torch(
            *(self.state[f"bilstm.{name}.{layer}.{part}"] for part in parts)
        )


def build_model(weights: Weights, *, int8: bool = False) -> ModelProto:
    """Build the ONNX model of a network, for batches and texts of any size.

    Parameters
    ----------
    weights : Weights
        Of the trained network.
    int8 : bool
        Keep the word vectors, and do the large products, in whole numbers of 8 bits.

    Returns
    -------
    ModelProto
        Takes ``input_ids`` (int64, ``[batch, width]``) and ``lengths`` (int64, ``[batch]``), gives
        ``logits`` (float32, ``[batch, classes]``).

    Raises
    ------
    RoomtoneError
        If the network lacks a part of the hybrid, as in an ablation.
    """
    if weights.config.lacking:
        raise RoomtoneError(
            f"ONNX export knows the whole hybrid alone, and this network was trained with "
            f"{', '.join(weights.config.lacking)}; export it without --onnx"
        )
    config, state = weights.config, weights.state
    graph = Graph()
    positions = Positions.of(graph, "input_ids", "lengths")
    words = WordTable(graph, weights.vectors, int8=int8)
    sizes = range(len(config.cnn.filter_sizes))
    filters = [(state[f"cnn.convs.{n}.weight"], state[f"cnn.convs.{n}.bias"]) for n in sizes]
    found = phrases(graph, words, positions, filters)
    states = _states(graph, weights, positions, words, int8=int8)
    attention = AttentionWeights(
        config.attention.num_heads,
        *weights.linear("attention.inputs"),
        *weights.linear("attention.output"),
        state["attention.norm.weight"],
        state["attention.norm.bias"],
    )
    attended = self_attention(graph, states, positions, attention, int8=int8)
    score = state["pooling.score.weight"].T
    context = pooling(graph, attended, positions, weights.linear("pooling.hidden"), score)
    last = 3 * len(config.classifier.hidden_sizes)  # each hidden layer is three modules
    layers = [weights.linear(f"classifier.{number}") for number in range(0, last + 1, 3)]
    logits = classifier(graph, graph("Concat", found, context, axis=1), layers)
    graph("Identity", logits, out="logits")
    taken: dict[str, Value] = {
        "input_ids": (TensorProto.INT64, ["batch", "width"]),
        "lengths": (TensorProto.INT64, ["batch"]),
    }
    given: dict[str, Value] = {"logits": (TensorProto.FLOAT, ["batch", config.num_classes])}
    model = as_model(graph.finished("roomtone", taken, given), DESCRIPTION)
    checker.check_model(model)
    return model


def _states(
    graph: Graph, weights: Weights, positions: Positions, words: WordTable, *, int8: bool
) -> str:
    """Run all layers of the LSTM, ``[width, batch, 2 * hidden_size]``."""
    settings = weights.config.bilstm
    rows = words.look_up(positions.ids)
    for layer in range(settings.num_layers):
        ahead, back = weights.direction("ahead", layer), weights.direction("back", layer)
        states = bilstm_layer(graph, rows, positions, ahead, back)
        if layer < settings.num_layers - 1:
            rows = bounded(graph, states, int8=int8, features=2 * settings.hidden_size)
    return states
