"""The whole configuration as one frozen, typed tree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from roomtone.config.base import Bool, Int, Positive, Section, Text
from roomtone.config.model import ModelConfig
from roomtone.config.training import TrainingConfig

_DEVICES = ("auto", "cpu", "mps", "cuda", "cuda:1")


def _check_device(name: str) -> str:
    """Accept the name of a kind of device, or of one CUDA device by its number."""
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d{1,3})?", name):
        raise ValueError("auto, cpu, mps, cuda or cuda:N")
    return name


def _check_folder_name(name: str) -> str:
    """Accept what can name a folder on every system, and only inside `output_dir`."""
    if not re.fullmatch(r"[^\s./\\<>:\"|?*\x00-\x1f][^/\\<>:\"|?*\x00-\x1f]{0,199}", name):
        raise ValueError(
            'a name of 1 to 200 characters without / \\ < > : " | ? * or a leading dot'
        )
    return name


def _blank_as_none(value: Any) -> Any:
    """Let an empty text stand for no file."""
    return None if value == "" else value


Device = Annotated[Text, AfterValidator(_check_device), Field(examples=list(_DEVICES))]
FolderName = Annotated[Text, AfterValidator(_check_folder_name)]
OptionalPath = Annotated[Path | None, BeforeValidator(_blank_as_none)]


def _text_keys(value: Any) -> Any:
    """Let labels that YAML reads as numbers stand unquoted as keys of the label map."""
    return {str(key): code for key, code in value.items()} if isinstance(value, dict) else value


class DataConfig(Section):
    """Where texts and labels stand in the files, and how the vocabulary is made."""

    max_len: Positive = 200
    """Longest text in tokens; agrees with `model.max_len`."""
    vocab_max_size: Annotated[Int, Field(ge=4)] = 20000
    """The most tokens in the vocabulary, special ones included."""
    vocab_min_freq: Positive = 2
    """How often a token must occur in the training texts to enter the vocabulary."""
    text_column: Text = "text"
    """Name of the column that holds the text."""
    label_column: Text = "label"
    """Name of the column that holds the label."""
    label_map: Annotated[dict[str, Int] | None, BeforeValidator(_text_keys)] = None
    """Other label names: each spelling and its class code from 0, as in `{bad: 0, good: 1}`."""
    encoding: Text = "auto"
    """Encoding of the files; `auto` tells UTF-8, UTF-16 and Windows-1252 apart."""
    delimiter: Text = "auto"
    """What separates the fields; `auto` tries comma, semicolon, tab and bar."""
    max_rejected: Annotated[Int, Field(ge=0)] = 1000
    """More unusable rows than this in one file stop the run."""


class EmbeddingsConfig(Section):
    """Pretrained word vectors."""

    type: Literal["glove", "word2vec", "none"] = "glove"
    """Kind of text file at `path`; `none` trains the vectors from scratch."""
    path: OptionalPath = None
    """File of the vectors; plain, `.gz` or `.zip`. Without it they are trained from scratch."""
    dim: Positive = 300
    """Width of the vectors; agrees with `model.embedding_dim`."""
    trainable: Bool = True
    """Train the vectors along with the rest."""
    lazy: Literal["auto"] | Bool = "auto"
    """In each step move the vectors of the batch's words alone; `auto` does so on a processor,
    where it is faster."""
    required: Bool = False
    """Treat a missing file as an error rather than as a warning."""
    extra_words: Annotated[Int, Field(ge=0)] = 0
    """How many of the file's most frequent words the model knows besides those of the training
    texts; their vectors are not trained."""


class TensorBoardConfig(Section):
    """What TensorBoard receives."""

    enabled: Bool = True
    """Write event files at all."""
    histograms: Bool = False
    """Also histograms of the weights and the norms of their gradients, once an epoch."""


class Config(Section):
    """All that a run depends on."""

    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    data: DataConfig = DataConfig()
    embeddings: EmbeddingsConfig = EmbeddingsConfig()
    tensorboard: TensorBoardConfig = TensorBoardConfig()
    train_csv: Path = Path("data/train.csv")
    """Labelled texts to train on."""
    val_csv: Path = Path("data/val.csv")
    """Labelled texts that choose the best epoch."""
    test_csv: OptionalPath = None
    """Labelled texts for the final test, looked at once; without it the validation file is used."""
    vocab_path: OptionalPath = None
    """An existing vocabulary to use in place of building one."""
    init_from: OptionalPath = None
    """A finished run, or its `final_model.pt`, whose weights are the starting point."""
    output_dir: Path = Path("./output")
    """Folder in which each run makes a folder of its own."""
    tensorboard_dir: Path = Path("./runs")
    """Folder for TensorBoard's event files."""
    experiment_name: FolderName | None = None
    """Name of the run's folder; by default `hybrid_dl_` and the time."""
    device: Device = "auto"
    """`auto` takes CUDA, then Apple's MPS, then the processor."""
    seed: Annotated[Int, Field(ge=0, lt=2**32)] = 42
    """The one number from which all randomness flows."""
    num_workers: Annotated[Int, Field(ge=0)] = 0
    """Threads that prepare batches ahead of the training loop; 0 prepares them in it."""
    threads: Literal["auto"] | Positive = "auto"
    """Processor threads for the arithmetic; `auto` measures which count is the fastest."""
    deterministic: Bool = True
    """Use only operations that give the same bytes again."""
