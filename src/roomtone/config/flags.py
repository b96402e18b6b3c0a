"""The flags of the training command and the keys of the configuration that each one sets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Flag:
    """A command-line flag.

    Attributes
    ----------
    name : str
        As typed, without the dashes.
    keys : tuple of str
        Dotted paths of the keys that it sets; the first one documents it.
    group : str
        Heading under which the help lists it.
    metavar : str
        What the help shows for its value.
    """

    name: str
    keys: tuple[str, ...]
    group: str
    metavar: str


FLAGS = (
    Flag("train_csv", ("train_csv",), "Data", "PATH"),
    Flag("val_csv", ("val_csv",), "Data", "PATH"),
    Flag("test_csv", ("test_csv",), "Data", "PATH"),
    Flag("text_column", ("data.text_column",), "Data", "NAME"),
    Flag("label_column", ("data.label_column",), "Data", "NAME"),
    Flag("embedding_dim", ("model.embedding_dim", "embeddings.dim"), "Model", "INT"),
    Flag("max_len", ("model.max_len", "data.max_len"), "Model", "INT"),
    Flag("num_classes", ("model.num_classes",), "Model", "INT"),
    Flag("batch_size", ("training.batch_size",), "Training", "INT"),
    Flag("max_epochs", ("training.max_epochs",), "Training", "INT"),
    Flag("learning_rate", ("training.learning_rate",), "Training", "FLOAT"),
    Flag("weight_decay", ("training.weight_decay",), "Training", "FLOAT"),
    Flag("gradient_clip", ("training.gradient_clip",), "Training", "FLOAT"),
    Flag("optimizer", ("training.optimizer",), "Training", "NAME"),
    Flag("lr_scheduler", ("training.lr_scheduler.type",), "Training", "NAME"),
    Flag("warmup_steps", ("training.warmup_steps",), "Training", "INT"),
    Flag("class_weights", ("training.class_weights",), "Training", "NAME|LIST"),
    Flag("label_smoothing", ("training.label_smoothing",), "Training", "FLOAT"),
    Flag("precision", ("training.precision",), "Training", "NAME"),
    Flag("early_stopping_patience", ("training.early_stopping.patience",), "Stopping", "INT"),
    Flag("early_stopping_monitor", ("training.early_stopping.monitor",), "Stopping", "METRIC"),
    Flag("vocab_path", ("vocab_path",), "Vocabulary", "PATH"),
    Flag("vocab_max_size", ("data.vocab_max_size", "model.vocab_size"), "Vocabulary", "INT"),
    Flag("vocab_min_freq", ("data.vocab_min_freq",), "Vocabulary", "INT"),
    Flag("glove_path", ("embeddings.path",), "Embeddings", "PATH"),
    Flag("init_from", ("init_from",), "Transfer learning", "RUN"),
    Flag("freeze", ("training.freeze",), "Transfer learning", "PART,PART"),
    Flag("freeze_epochs", ("training.freeze_epochs",), "Transfer learning", "INT"),
    Flag("output_dir", ("output_dir",), "Paths", "PATH"),
    Flag("tensorboard_dir", ("tensorboard_dir",), "Paths", "PATH"),
    Flag("experiment_name", ("experiment_name",), "Paths", "NAME"),
    Flag("device", ("device",), "Machine", "auto|cuda|cpu|mps"),
    Flag("threads", ("threads",), "Machine", "auto|INT"),
    Flag("num_workers", ("num_workers",), "Machine", "INT"),
    Flag("deterministic", ("deterministic",), "Machine", "true|false"),
    Flag("seed", ("seed",), "Machine", "INT"),
)
