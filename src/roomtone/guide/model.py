"""`HybridCNNBiLSTM`: the hybrid network with the guide's own signature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from roomtone.config import Config
from roomtone.config.model import ModelConfig
from roomtone.guide.settings import configure
from roomtone.nets import HybridNetwork, initialise
from roomtone.training.seeds import INITIALISATION, generator
from roomtone.training.transfer import load_model_file

_DEFAULTS = ModelConfig()
_PATHS = MappingProxyType(
    {
        "vocab_size": "model.vocab_size",
        "embedding_dim": "model.embedding_dim",
        "num_classes": "model.num_classes",
        "max_len": "model.max_len",
        "filter_sizes": "model.cnn.filter_sizes",
        "num_filters": "model.cnn.num_filters",
        "cnn_dropout": "model.cnn.dropout",
        "hidden_size": "model.bilstm.hidden_size",
        "num_layers": "model.bilstm.num_layers",
        "lstm_dropout": "model.bilstm.dropout",
        "num_heads": "model.attention.num_heads",
        "attention_dropout": "model.attention.dropout",
        "classifier_hidden": "model.classifier.hidden_sizes",
        "classifier_dropout": "model.classifier.dropout",
        "embedding_dropout": "model.embedding_dropout",
        "seed": "seed",
    }
)


class HybridCNNBiLSTM(HybridNetwork):
    """The hybrid network, its sizes given as keywords and its starting values by a seed.

    Calling it with token codes ``[batch, width]`` gives what unpacks to logits
    ``[batch, num_classes]`` and attention weights ``[batch, heads, width, width]``.

    Parameters
    ----------
    vocab_size : int
        Rows of the embedding; ``len(vocab)``.
    embedding_dim : int
        Width of the word vectors.
    num_classes : int
        Number of classes.
    max_len : int
        Longest text in tokens; kept with the model, for those who encode texts for it.
    filter_sizes : sequence of int
        Widths of the convolutions, in tokens.
    num_filters : int
        Filters of each width.
    cnn_dropout, lstm_dropout, attention_dropout, embedding_dropout : float
        Dropout of each part, in [0, 1).
    hidden_size : int
        Units of each direction of the LSTM.
    num_layers : int
        Layers of the LSTM.
    num_heads : int
        Heads of self-attention; must divide ``2 * hidden_size``.
    classifier_hidden : sequence of int
        Widths of the classifier's hidden layers.
    classifier_dropout : sequence of float
        Dropout after each of them.
    seed : int
        Decides the starting values.

    Attributes
    ----------
    config : ModelConfig
        The sizes.

    Raises
    ------
    ConfigError
        With every keyword whose value is not allowed.

    Examples
    --------
    >>> model = HybridCNNBiLSTM(100, 16, num_filters=8, hidden_size=8, num_heads=2)
    >>> logits, attention_weights = model(torch.tensor([[5, 9, 3], [7, 0, 0]]))
    >>> logits.shape, attention_weights.shape
    (torch.Size([2, 3]), torch.Size([2, 2, 3, 3]))
    """

    def __init__(
        self,
        vocab_size: int = _DEFAULTS.vocab_size,
        embedding_dim: int = _DEFAULTS.embedding_dim,
        num_classes: int = _DEFAULTS.num_classes,
        *,
        max_len: int = _DEFAULTS.max_len,
        filter_sizes: Sequence[int] = _DEFAULTS.cnn.filter_sizes,
        num_filters: int = _DEFAULTS.cnn.num_filters,
        cnn_dropout: float = _DEFAULTS.cnn.dropout,
        hidden_size: int = _DEFAULTS.bilstm.hidden_size,
        num_layers: int = _DEFAULTS.bilstm.num_layers,
        lstm_dropout: float = _DEFAULTS.bilstm.dropout,
        num_heads: int = _DEFAULTS.attention.num_heads,
        attention_dropout: float = _DEFAULTS.attention.dropout,
        classifier_hidden: Sequence[int] = _DEFAULTS.classifier.hidden_sizes,
        classifier_dropout: Sequence[float] = _DEFAULTS.classifier.dropout,
        embedding_dropout: float = _DEFAULTS.embedding_dropout,
        seed: int = 42,
    ) -> None:
        keywords = {
            "vocab_size": vocab_size,
            "embedding_dim": embedding_dim,
            "num_classes": num_classes,
            "max_len": max_len,
            "filter_sizes": filter_sizes,
            "num_filters": num_filters,
            "cnn_dropout": cnn_dropout,
            "hidden_size": hidden_size,
            "num_layers": num_layers,
            "lstm_dropout": lstm_dropout,
            "num_heads": num_heads,
            "attention_dropout": attention_dropout,
            "classifier_hidden": classifier_hidden,
            "classifier_dropout": classifier_dropout,
            "embedding_dropout": embedding_dropout,
            "seed": seed,
        }
        config = configure(Config(), _PATHS, keywords)
        super().__init__(config.model, config.model.vocab_size)
        self.config = config.model
        initialise(self, generator(config.seed, INITIALISATION))

    @classmethod
    def from_run(cls, path: Path | str) -> HybridCNNBiLSTM:
        """Load the model that a finished run has left.

        Parameters
        ----------
        path : Path or str
            The run's folder, or its `final_model.pt`.

        Raises
        ------
        CheckpointError
            If it is missing, damaged or foreign.
        """
        content, vocabulary = load_model_file(Path(path))
        model = cls.__new__(cls)
        model.config = ModelConfig.model_validate(
            {**content["model"], "vocab_size": vocabulary.learned}
        )
        HybridNetwork.__init__(model, model.config, vocabulary.learned, vocabulary.extra)
        model.load_state_dict(content["model_state_dict"])
        return model
