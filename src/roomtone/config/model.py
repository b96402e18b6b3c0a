"""The `model:` part of the configuration: the sizes of the hybrid network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from roomtone.config.base import Bool, Int, Positive, Positives, Section, Share, Shares


class CNNConfig(Section):
    """Convolutions over the embedded tokens, each followed by masked max pooling."""

    filter_sizes: Annotated[Positives, Field(min_length=1)] = (3, 4, 5)
    """Widths of the convolutions, in tokens."""
    num_filters: Positive = 128
    """Filters of each width."""
    dropout: Share = 0.3
    """Dropout on the pooled features."""
    enabled: Bool = True
    """Have this branch at all; to be turned off in an ablation."""


class BiLSTMConfig(Section):
    """The bidirectional LSTM over the embedded tokens."""

    hidden_size: Positive = 128
    """Units of each direction."""
    num_layers: Positive = 2
    """Stacked layers."""
    dropout: Share = 0.3
    """Dropout on the output of each layer, one mask for all positions of a text."""
    enabled: Bool = True
    """Have the LSTM at all; without it, self-attention sees the word vectors."""


class AttentionConfig(Section):
    """Multi-head self-attention over the BiLSTM's states, then pooling into one vector."""

    num_heads: Positive = 4
    """Heads; must divide twice `bilstm.hidden_size` (without the LSTM, `embedding_dim`)."""
    dropout: Share = 0.1
    """Dropout on the attention's output."""
    enabled: Bool = True
    """Have self-attention at all; without it, the states are pooled as they are. Without the LSTM
    too, only the convolutions are left."""
    pooling: Literal["attention", "mean"] = "attention"
    """How the states of a text become one vector: with learned weights, or as their mean."""


class ClassifierConfig(Section):
    """The fully connected layers after the fusion of both branches."""

    hidden_sizes: Positives = (256, 128)
    """Widths of the hidden layers; an empty list makes the classifier linear."""
    dropout: Shares = (0.5, 0.4)
    """Dropout after each hidden layer; one value for each of `hidden_sizes`."""


class SubwordsConfig(Section):
    """Runs of characters whose vectors are added to those of the words, as in fastText."""

    buckets: Annotated[Int, Field(ge=0, le=2**24)] = 0
    """How many numbers the runs are hashed into; 0 does without subwords."""
    shortest: Positive = 3
    """Characters in the shortest run; `<` and `>` around the word count as characters."""
    longest: Positive = 5
    """Characters in the longest run."""


class ModelConfig(Section):
    """The architecture."""

    embedding_dim: Positive = 300
    """Width of the word vectors; agrees with `embeddings.dim`."""
    vocab_size: Annotated[Int, Field(ge=4)] = 20000
    """The most rows that the embedding may have; agrees with `data.vocab_max_size`."""
    max_len: Positive = 200
    """Longest text in tokens, the rest is cut; agrees with `data.max_len`."""
    num_classes: Annotated[Int, Field(ge=2, le=20)] = 3
    """Number of classes."""
    embedding_dropout: Share = 0.0
    """Dropout on the word vectors, one mask for each distinct word of a batch."""
    word_dropout: Share = 0.0
    """Share of a batch's distinct words that are hidden from the network while it trains."""
    subwords: SubwordsConfig = SubwordsConfig()
    cnn: CNNConfig = CNNConfig()
    bilstm: BiLSTMConfig = BiLSTMConfig()
    attention: AttentionConfig = AttentionConfig()
    classifier: ClassifierConfig = ClassifierConfig()

    @property
    def lacking(self) -> tuple[str, ...]:
        """The settings by which the network lacks a part that the whole hybrid has."""
        switches = {
            "model.cnn.enabled: false": not self.cnn.enabled,
            "model.bilstm.enabled: false": not self.bilstm.enabled,
            "model.attention.enabled: false": not self.attention.enabled,
            "model.attention.pooling: mean": self.attention.pooling == "mean",
        }
        return tuple(setting for setting, off in switches.items() if off)

    @property
    def attended(self) -> int:
        """Features of the states that self-attention sees."""
        return 2 * self.bilstm.hidden_size if self.bilstm.enabled else self.embedding_dim
