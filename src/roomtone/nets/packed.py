"""A trained network rearranged for scoring: its logits in one call of compiled code."""

from __future__ import annotations

import ctypes
from collections import deque
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from roomtone.nets.attention import AttentionPooling, SelfAttention
from roomtone.nets.conv import MaskedCNN
from roomtone.nets.hybrid import HybridNetwork
from roomtone.nets.kernels.inference import MOST, Call, Library, Network
from roomtone.nets.kernels.packing import Packer, Rows

CHUNK = 8192  # words looked up at once


def can_be_packed(network: HybridNetwork) -> bool:
    """Tell whether the compiled code knows and has room for all of a network, and it lies here."""
    parts = (network.cnn.convs, network.bilstm.ahead, _linears(network))
    here = all(p.device.type == "cpu" and p.dtype == torch.float32 for p in network.parameters())
    whole = network.attention is not None and isinstance(network.pooling, AttentionPooling)
    return whole and here and all(0 < len(part) <= MOST for part in parts)


class PackedNetwork:
    """A network whose logits come from one call of compiled code.

    Texts are not padded, what depends on a word alone is computed once for each distinct word,
    and what a text gets does not depend, to the last bit, on the texts beside it.

    Parameters
    ----------
    network : HybridNetwork
        One that `can_be_packed`; all that is needed of it is copied.
    library : Library
        The compiled code.
    bf16 : bool
        Multiply in bfloat16 and sum in float32, where the processor itself can.
    """

    def __init__(self, network: HybridNetwork, library: Library, *, bf16: bool = False) -> None:
        self.bf16 = bf16 and library.dot
        self._library = library
        self._packer = Packer(library, bf16=self.bf16)
        self._net = self._lay_out(network)
        self._spare: deque[torch.Tensor] = deque()  # as many as there were calls at once
        self._vectors = _word_vectors(network, width=self._net.words.depth)

    def logits(self, ids: NDArray[np.int32], starts: NDArray[np.int64]) -> NDArray[np.float32]:
        """Score texts.

        Parameters
        ----------
        ids : ndarray of int32, shape [tokens]
            Token codes of all texts, one after the other.
        starts : ndarray of int64, shape [n + 1]
            Text ``i`` is ``ids[starts[i]:starts[i + 1]]``, which is never empty.

        Returns
        -------
        ndarray of float32, shape [n, classes]

        Raises
        ------
        ValueError
            If a text is empty.
        IndexError
            If a code is that of no word.
        """
        words, places = _distinct(ids, len(self._vectors))
        logits = np.empty((len(starts) - 1, self._net.classes), dtype=np.float32)
        arrays: dict[str, NDArray[Any]] = {
            "vectors": self._vectors[words],
            "starts": np.ascontiguousarray(starts, dtype=np.int64),
            "places": places,
            "order": np.argsort(-np.diff(starts), kind="stable").astype(np.int64),
            "logits": logits,
        }
        call = Call(net=ctypes.pointer(self._net), texts=len(starts) - 1, rows=len(words))
        for name, array in arrays.items():
            setattr(call, name, array.ctypes.data)
        table = len(words) * self._net.words.columns
        memory = self._memory(table + self._library.work(ctypes.byref(call)))
        call.table = memory.data_ptr()
        call.work = call.table + 4 * table
        if self._library.run(ctypes.byref(call)) != 0:
            raise ValueError("a text without tokens: each has at least one")
        self._spare.append(memory)
        return logits

    def _memory(self, floats: int) -> torch.Tensor:
        """Give memory that no other call has; that of an earlier one spares its first touch.

        It is not filled, and begins where vectors of 64 bytes may.
        """
        with suppress(IndexError):
            memory = self._spare.pop()
            if len(memory) >= floats:
                return memory
        return torch.empty(floats + floats // 8)

    def _lay_out(self, network: HybridNetwork) -> Network:
        packer, linears = self._packer, _linears(network)
        hidden = network.bilstm.output_size // 2
        state, gates = packer.rows(2, hidden), packer.rows(4, hidden)
        net = Network(dot=int(self.bf16), hidden=state.size // 2, state=2 * hidden)
        responses = self._convolutions(net, network.cnn)
        self._first_products(net, network, gates)
        lstms = zip(network.bilstm.ahead, network.bilstm.back, strict=True)
        net.layers = len(network.bilstm.ahead)
        for level, pair in enumerate(lstms):
            for side, lstm in enumerate(pair):
                inputs, recurrent, *biases = lstm.parameters()
                own = packer.rows(1, hidden)
                net.recurrent[level][side] = packer.layer(recurrent, None, own, gates)
                if level > 0:
                    net.inputs[level][side] = packer.layer(
                        inputs, biases[0] + biases[1], state, gates
                    )
        assert network.attention is not None
        assert isinstance(network.pooling, AttentionPooling)
        self._attention(net, network.attention, state)
        self._pooling(net, network.pooling, state)
        rows = responses.then(state)
        net.dense, net.features, net.classes = len(linears), rows.size, linears[-1].out_features
        for place, linear in enumerate(linears):
            columns = packer.rows(1, linear.out_features)
            net.classifier[place] = packer.layer(linear.weight, linear.bias, rows, columns)
            rows = columns
        return net

    def _convolutions(self, net: Network, cnn: MaskedCNN) -> Rows:
        convs = [conv for conv in cnn.convs if isinstance(conv, nn.Conv1d)]
        responses = self._packer.rows(len(convs), convs[0].out_channels)
        bias = torch.cat([conv.get_parameter("bias") for conv in convs])
        net.filter_bias = self._packer.vector(bias, responses)
        net.sizes, net.filters = len(convs), responses.size // len(convs)
        for place, conv in enumerate(convs):
            net.size[place] = conv.kernel_size[0]
        return responses

    def _first_products(self, net: Network, network: HybridNetwork, gates: Rows) -> None:
        """Put side by side all that is linear in a word's vector."""
        parts = [
            part
            for conv in network.cnn.convs
            for part in conv.get_parameter("weight").unbind(2)  # each [filters, dim]
        ]
        lstms = [network.bilstm.ahead[0], network.bilstm.back[0]]
        weight = torch.cat([*parts, *(lstm.get_parameter("weight_ih_l0") for lstm in lstms)])
        biases = [
            lstm.get_parameter("bias_ih_l0") + lstm.get_parameter("bias_hh_l0") for lstm in lstms
        ]
        free = torch.zeros(len(weight) - sum(len(bias) for bias in biases))
        columns = self._packer.rows(len(parts), len(parts[0])).then(gates).then(gates)
        dim = weight.shape[1]
        rows = Rows(torch.arange(dim), dim + dim % 2)  # bfloat16 is multiplied in pairs
        net.words = self._packer.layer(weight, torch.cat([free, *biases]), rows, columns)

    def _attention(self, net: Network, layer: SelfAttention, state: Rows) -> None:
        size = layer.output.in_features
        heads = self._packer.rows(layer.num_heads, size // layer.num_heads)
        net.heads, net.head = layer.num_heads, heads.size // layer.num_heads
        scale = torch.ones(3 * size)
        scale[:size] = (size // layer.num_heads) ** -0.5  # of the queries
        weight, bias = layer.inputs.weight * scale[:, None], layer.inputs.bias * scale
        net.attention = self._packer.layer(weight, bias, state, heads.then(heads).then(heads))
        net.output = self._packer.layer(layer.output.weight, layer.output.bias, heads, state)
        net.gain = self._packer.vector(layer.norm.weight, state)
        net.shift = self._packer.vector(layer.norm.bias, state)
        net.real = self._packer.vector(torch.ones(size), state)
        net.epsilon = layer.norm.eps

    def _pooling(self, net: Network, layer: AttentionPooling, state: Rows) -> None:
        hidden = self._packer.rows(1, layer.hidden.out_features)
        net.pooling = self._packer.layer(layer.hidden.weight, layer.hidden.bias, state, hidden)
        net.score = self._packer.vector(layer.score.weight[0], hidden)


def _distinct(ids: NDArray[np.int32], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the distinct codes among so many, and for each token its place among them.

    Marking them takes a tenth of the time of sorting them, which `numpy.unique` does.
    """
    there = np.zeros(count, dtype=np.bool_)
    there[ids] = True
    words = np.flatnonzero(there)
    place = np.empty(count, dtype=np.int64)
    place[words] = np.arange(len(words))
    return words, place[ids]


@torch.inference_mode()
def _word_vectors(network: HybridNetwork, *, width: int) -> NDArray[np.float32]:
    """Look up the vectors of all words, subwords included: ``[words, width]``, zeros at the end."""
    count = network.embedding.num_embeddings
    count += 0 if network.extra is None else len(network.extra.vectors)
    vectors = np.zeros((count, width), dtype=np.float32)
    for first in range(0, count, CHUNK):
        words = torch.arange(first, min(first + CHUNK, count))
        found = network.vectors(words).numpy()
        vectors[first : first + len(found), : found.shape[1]] = found
    return vectors


def _linears(network: HybridNetwork) -> list[nn.Linear]:
    return [layer for layer in network.classifier if isinstance(layer, nn.Linear)]
