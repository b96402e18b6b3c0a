"""What can be taken away from a model, and the settings that take it away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from roomtone.config import Config, to_tree
from roomtone.config.tree import get
from roomtone.errors import ConfigError, nearest

FULL = "full"
Settings = dict[str, Any]


@dataclass(frozen=True)
class Ablation:
    """One thing taken away.

    Attributes
    ----------
    title : str
        What a table says.
    meaning : str
        What is left, in a sentence.
    settings : callable
        From the configuration to the keys that are set, as dotted paths.
    """

    title: str
    meaning: str
    settings: Callable[[Config], Settings]


def _fixed(**settings: Any) -> Callable[[Config], Settings]:
    return lambda config: {key.replace("__", "."): value for key, value in settings.items()}


def _without_dropout(config: Config) -> Settings:
    return {
        "model.cnn.dropout": 0.0,
        "model.bilstm.dropout": 0.0,
        "model.attention.dropout": 0.0,
        "model.classifier.dropout": [0.0] * len(config.model.classifier.dropout),
        "model.embedding_dropout": 0.0,
        "model.word_dropout": 0.0,
    }


_NO_ATTENTION = {"model__attention__enabled": False, "model__attention__pooling": "mean"}
ABLATIONS: Mapping[str, Ablation] = MappingProxyType(
    {
        "no_cnn": Ablation(
            "no CNN",
            "the recurrent branch with its attention alone",
            _fixed(model__cnn__enabled=False),
        ),
        "no_bilstm": Ablation(
            "no BiLSTM",
            "self-attention sees the word vectors, which know no order",
            _fixed(model__bilstm__enabled=False),
        ),
        "no_attention": Ablation(
            "no attention",
            "neither self-attention nor attention pooling: the mean of the LSTM's states",
            _fixed(**_NO_ATTENTION),
        ),
        "no_self_attention": Ablation(
            "no self-attention",
            "attention pooling over the LSTM's states as they are",
            _fixed(model__attention__enabled=False),
        ),
        "no_attention_pooling": Ablation(
            "no attention pooling",
            "the mean of what self-attention gives, in place of a learned weight for each word",
            _fixed(model__attention__pooling="mean"),
        ),
        "cnn_only": Ablation(
            "CNN only",
            "the convolutions alone (Kim 2014)",
            _fixed(model__bilstm__enabled=False, model__attention__enabled=False),
        ),
        "bilstm_only": Ablation(
            "BiLSTM only",
            "the mean of the LSTM's states alone",
            _fixed(model__cnn__enabled=False, **_NO_ATTENTION),
        ),
        "no_pretrained": Ablation(
            "no pretrained vectors",
            "word vectors start at random and are trained; no extra words, no frozen epochs",
            _fixed(
                embeddings__type="none",
                embeddings__trainable=True,
                embeddings__extra_words=0,
                embeddings__required=False,
                training__freeze_epochs=0,
            ),
        ),
        "frozen_vectors": Ablation(
            "frozen vectors",
            "word vectors are not trained",
            _fixed(embeddings__trainable=False),
        ),
        "no_extra_words": Ablation(
            "no extra words",
            "of the pretrained words, those of the training texts alone",
            _fixed(embeddings__extra_words=0),
        ),
        "no_subwords": Ablation(
            "no subwords",
            "words alone, without their runs of characters",
            _fixed(model__subwords__buckets=0),
        ),
        "no_class_weights": Ablation(
            "no class weights",
            "each row weighs the same in the loss",
            _fixed(training__class_weights="none"),
        ),
        "no_label_smoothing": Ablation(
            "no label smoothing",
            "the whole target is the labelled class",
            _fixed(training__label_smoothing=0.0),
        ),
        "no_dropout": Ablation(
            "no dropout",
            "nothing is dropped, neither features nor words",
            _without_dropout,
        ),
        "no_weight_decay": Ablation(
            "no weight decay", "weights are not penalised", _fixed(training__weight_decay=0.0)
        ),
        "no_schedule": Ablation(
            "no schedule",
            "one learning rate throughout, without warm-up",
            _fixed(training__lr_scheduler__type="none", training__warmup_steps=0),
        ),
        "no_gradient_clip": Ablation(
            "no gradient clipping",
            "gradients of any norm",
            _fixed(training__gradient_clip=0.0),
        ),
    }
)


def changes(name: str, config: Config) -> Settings:
    """Return the keys that an ablation sets to something else than the configuration does.

    Empty where the configuration lacks the thing already.
    """
    if name == FULL:
        return {}
    if name in ("no_pretrained", "frozen_vectors", "no_extra_words") and not _pretrained(config):
        return {}
    tree = to_tree(config)
    wanted = ABLATIONS[name].settings(config)
    changed = {key: value for key, value in wanted.items() if get(tree, key) != value}
    if name == "no_pretrained" and "embeddings.type" not in changed:
        return {}
    return changed


def choose(only: Sequence[str], config: Config) -> tuple[dict[str, Settings], list[str]]:
    """Settle which ablations are run.

    Parameters
    ----------
    only : sequence of str
        Names that were asked for; empty for all that change something.
    config : Config
        What is taken away from.

    Returns
    -------
    variants : dict of str to dict
        The settings of each, the full model first.
    left_out : list of str
        Those that would change nothing here.

    Raises
    ------
    ConfigError
        If a name is unknown, or one that was asked for changes nothing.
    """
    unknown = [name for name in only if name not in ABLATIONS and name != FULL]
    if unknown:
        raise ConfigError(
            (
                f"--only {name}: no such ablation{nearest(name, ABLATIONS)} "
                "(roomtone ablate --list names them)"
                for name in unknown
            ),
            source="command line",
        )
    names = [name for name in (only or ABLATIONS) if name != FULL]
    found = {name: changes(name, config) for name in names}
    idle = [name for name, settings in found.items() if not settings]
    if only and idle:
        raise ConfigError(
            (f"--only {name}: changes nothing, the model is without it already" for name in idle),
            source="command line",
        )
    kept: dict[str, Settings] = {FULL: {}}
    for name, settings in found.items():
        if settings and settings not in kept.values():
            kept[name] = settings
    return kept, [name for name in names if name not in kept]


def _pretrained(config: Config) -> bool:
    """Tell whether there is a file of word vectors, which decides what can be taken from it."""
    settings = config.embeddings
    return settings.type != "none" and settings.path is not None and settings.path.is_file()
