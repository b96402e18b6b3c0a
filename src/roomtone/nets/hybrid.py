"""The hybrid network: a convolutional and a recurrent branch, attention, fusion, classifier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from roomtone.config.model import ClassifierConfig, ModelConfig
from roomtone.errors import RoomtoneError
from roomtone.nets.attention import AttentionPooling, MeanPooling, SelfAttention
from roomtone.nets.conv import MaskedCNN
from roomtone.nets.dropout import SequenceDropout, WordDropout
from roomtone.nets.extra import ExtraWords
from roomtone.nets.masking import padding_mask
from roomtone.nets.recurrent import MaskedBiLSTM
from roomtone.nets.subwords import Subwords
from roomtone.nets.words import distinct

PAD = 0


@dataclass(frozen=True)
class HybridOutput:
    """What the network says about a batch; unpacks to ``(logits, attention_weights)``.

    Attributes
    ----------
    logits : Tensor
        ``[batch, num_classes]``.
    states : Tensor
        What self-attention saw, ``[batch, width, 2 * hidden_size]``; word vectors where there is
        no LSTM.
    mask : Tensor
        True where a token stands, ``[batch, width]``.
    attention : SelfAttention or None
        The layer that can weigh the states, where there is one.
    """

    logits: Tensor
    states: Tensor
    mask: Tensor
    attention: SelfAttention | None

    @property
    def attention_weights(self) -> Tensor:
        """The weights of self-attention, ``[batch, heads, width, width]``, computed on demand.

        Raises
        ------
        RoomtoneError
            If the network has no self-attention.
        """
        if self.attention is None:
            raise RoomtoneError(
                "this network has no attention weights: it was built with model.attention.enabled: "
                "false; take `.logits` of what it gives"
            )
        return self.attention.weights(self.states, self.mask)

    def __iter__(self) -> Iterator[Tensor]:
        yield self.logits
        yield self.attention_weights


class HybridNetwork(nn.Module):
    """CNN and BiLSTM side by side over shared word vectors, self-attention over the latter.

    Every part is masked: the logits of a text do not depend on how far it is padded nor on
    the texts beside it. For ablations each part can be left out: it then has no parameters,
    and what follows sees what the part would have seen.

    Parameters
    ----------
    config : ModelConfig
        The sizes, and which parts there are.
    vocab_size : int
        Rows of the embedding; row 0 is padding and stays zero.
    extra_words : int
        Further words, whose codes follow and whose vectors are not trained.
    """

    def __init__(self, config: ModelConfig, vocab_size: int, extra_words: int = 0) -> None:
        super().__init__()
        dim, lstm, cnn = config.embedding_dim, config.bilstm, config.cnn
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=PAD)
        self.extra = ExtraWords(vocab_size, extra_words, dim) if extra_words else None
        self.subwords = (
            Subwords(config.subwords, vocab_size + extra_words, dim)
            if config.subwords.buckets
            else None
        )
        self.word_dropout = WordDropout(config.word_dropout)
        self.embedding_dropout = SequenceDropout(config.embedding_dropout)
        sizes, layers = cnn.filter_sizes * cnn.enabled, lstm.num_layers * lstm.enabled
        self.cnn = MaskedCNN(dim, cnn.num_filters, sizes, cnn.dropout)
        self.bilstm = MaskedBiLSTM(dim, lstm.hidden_size, layers, lstm.dropout)
        width, attention = self.bilstm.output_size, config.attention
        self.attention: SelfAttention | None = None
        if attention.enabled:
            self.attention = SelfAttention(width, attention.num_heads, attention.dropout)
        self.pooling: AttentionPooling | MeanPooling | None = None
        if lstm.enabled or attention.enabled:
            learned = attention.pooling == "attention"
            self.pooling = AttentionPooling(width) if learned else MeanPooling()
        features = self.cnn.output_size + width * (self.pooling is not None)
        self.classifier = _classifier(features, config.classifier, config.num_classes)

    @property
    def heads(self) -> int:
        """Heads of self-attention; 0 where there is none."""
        return 0 if self.attention is None else self.attention.num_heads

    def forward(self, input_ids: Tensor, lengths: Tensor | None = None) -> HybridOutput:
        """Classify a batch of texts.

        Parameters
        ----------
        input_ids : Tensor
            Token codes, padded with 0 on the right, ``[batch, width]``.
        lengths : Tensor, optional
            Tokens of each text, ``[batch]``; counted where not given.

        Returns
        -------
        HybridOutput
            Unpacks to logits ``[batch, num_classes]`` and attention weights
            ``[batch, heads, width, width]``.
        """
        if lengths is None:
            lengths = (input_ids != PAD).sum(dim=1).clamp(min=1)
        words, places = distinct(input_ids)  # [rows], [batch, width]
        rows = self.word_dropout(self.vectors(words))  # [rows, dim]
        rows = self.embedding_dropout(rows)
        return self.classify(rows, places, lengths)

    def vectors(self, words: Tensor) -> Tensor:
        """Look up the vectors of words, ``[words]`` to ``[words, dim]``, and add their subwords."""
        if self.extra is None:
            rows = self.embedding(words)
        else:
            rows = self.extra(words, self.embedding(self.extra.known(words)))
        if self.subwords is not None:
            rows = rows + self.subwords(words)
        return rows  # type: ignore[no-any-return]

    def classify(self, rows: Tensor, places: Tensor, lengths: Tensor) -> HybridOutput:
        """Classify texts whose word vectors are given.

        Parameters
        ----------
        rows : Tensor
            Word vectors, zero for padding, ``[rows, embedding_dim]``.
        places : Tensor
            Which row stands at each position, ``[batch, width]``.
        lengths : Tensor
            Tokens of each text, ``[batch]``.

        Returns
        -------
        HybridOutput
            As of `forward`.
        """
        mask = padding_mask(lengths, places.shape[1])  # [batch, width]
        features = self.cnn(rows, places, lengths)  # [batch, filters]
        states = self.bilstm(rows, places, lengths)  # [batch, width, 2 * hidden]
        if self.pooling is not None:
            seen = states if self.attention is None else self.attention(states, mask)
            context = self.pooling(seen, mask)  # [batch, 2 * hidden]
            features = torch.cat([features, context], dim=1)
        logits = self.classifier(features)  # [batch, num_classes]
        return HybridOutput(logits.float(), states, mask, self.attention)


def _classifier(width: int, config: ClassifierConfig, num_classes: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for size, dropout in zip(config.hidden_sizes, config.dropout, strict=True):
        layers += [nn.Linear(width, size), nn.ReLU(), SequenceDropout(dropout)]
        width = size
    return nn.Sequential(*layers, nn.Linear(width, num_classes))
