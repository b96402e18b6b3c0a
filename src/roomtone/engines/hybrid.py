"""The trained hybrid network as an engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from roomtone.engines.base import RawScores, SentimentEngine
from roomtone.engines.folder import SavedFolder
from roomtone.engines.hybrid_files import HybridModel, read_folder, read_run
from roomtone.engines.hybrid_scoring import ScoringOptions, TextScorer
from roomtone.engines.manifest import MANIFEST
from roomtone.engines.places import find_saved, not_found
from roomtone.errors import ConfigError
from roomtone.text import TOKENIZER_VERSION

OUTPUT = Path("output")


class HybridDLSentimentEngine(SentimentEngine):
    """A trained hybrid network.

    Parameters
    ----------
    model_path : Path or str
        A run's `final_model.pt`, the run's folder, or the folder of a saved engine.
    vocab_path : Path or str, optional
        The run's `vocab.pkl` or `vocab.json`; beside the model where not given.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    precision : str
        ``"fp32"``; or ``"bf16"``, which multiplies in bfloat16 where the processor or the GPU
        itself can: up to half again as fast. On 20,000 tweets probabilities moved by 0.005 at the
        most, and one label in a thousand changed.
    threads : int, optional
        How many to compute on; as many as PyTorch uses where not given.
    batch_size : int, optional
        Texts that are scored at once; chosen by their number where not given.

    Raises
    ------
    CheckpointError
        If a file is missing, damaged, hostile, or does not belong to the others.
    ConfigError
        If an option is not allowed, or the device not there.

    Examples
    --------
    >>> engine = HybridDLSentimentEngine("output/trial/final_model.pt")
    >>> engine.analyze("This movie is amazing!").label
    'Positive'
    """

    kind = "hybrid"
    tokenizer = TOKENIZER_VERSION

    def __init__(
        self,
        model_path: Path | str,
        vocab_path: Path | str | None = None,
        *,
        device: str = "auto",
        precision: str = "fp32",
        threads: int | None = None,
        batch_size: int | None = None,
    ) -> None:
        path = Path(model_path)
        if (path / MANIFEST).is_file():
            if vocab_path is not None:
                raise ConfigError([f"vocab_path: {path} is a saved engine, which has its own"])
            folder = SavedFolder(path)
            folder.check_kind("hybrid_dl", self.kind)
            model = read_folder(folder)
        else:
            model = read_run(path, None if vocab_path is None else Path(vocab_path))
        self._use(model, ScoringOptions(device, precision, threads, batch_size))

    @classmethod
    def of(cls, model: HybridModel, options: ScoringOptions | None = None) -> Self:
        """Make the engine of a network that is at hand."""
        engine = cls.__new__(cls)
        engine._use(model, options or ScoringOptions())
        return engine

    @classmethod
    def from_folder(cls, folder: SavedFolder) -> Self:
        """Load a saved engine."""
        return cls.of(read_folder(folder))

    def _use(self, model: HybridModel, options: ScoringOptions) -> None:
        super().__init__(**model.common)
        self._model = model
        self._prepare(options)

    def _prepare(self, options: ScoringOptions) -> None:
        model = self._model
        self.scorer = TextScorer(model.network, model.vocabulary, model.config.max_len, options)

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what lies in memory of the compiled code."""
        return {**self.__dict__, "scorer": self.scorer.options}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Rearrange the weights anew."""
        self.__dict__.update(state)
        self._prepare(state["scorer"])

    @property
    def model(self) -> HybridModel:
        """The network, its sizes and its words."""
        return self._model

    def raw(self, texts: Sequence[str]) -> RawScores:
        """Score texts, uncalibrated."""
        return self.scorer.score(texts)

    def use_threads(self, threads: int) -> None:
        """Score on so many threads from now on."""
        self.scorer.options = replace(self.scorer.options, threads=threads)
        self.scorer.threads = threads

    def describe(self) -> str:
        """Say what it is, and how large."""
        model = self._model
        numbers = sum(weights.numel() for weights in model.network.parameters())
        return (
            f"The hybrid network (CNN and BiLSTM with attention): {numbers:,} weights, "
            f"{len(model.vocabulary):,} words, texts of up to {model.config.max_len} tokens."
        )

    def settings(self) -> dict[str, Any]:
        """Return the sizes of the network."""
        return self._model.settings()

    def files(self) -> dict[str, bytes]:
        """Return weights and vocabulary."""
        return self._model.files()


def get_hybrid(
    model_path: Path | str | None = None,
    vocab_path: Path | str | None = None,
    *,
    device: str = "auto",
    precision: str = "fp32",
    threads: int | None = None,
    batch_size: int | None = None,
) -> HybridDLSentimentEngine:
    """Load a hybrid; without a path the one that is saved, else the newest finished run.

    Parameters are those of `HybridDLSentimentEngine`.

    Raises
    ------
    RoomtoneError
        If there is none; says where it was looked for.
    """
    path = model_path or find_saved("hybrid_dl") or _newest_run()
    if path is None:
        raise not_found(
            "hybrid_dl",
            "roomtone train --config configs/fast.yaml --train_csv train.csv --val_csv val.csv",
            also=f"finished runs in {OUTPUT}",
        )
    return HybridDLSentimentEngine(
        path,
        vocab_path,
        device=device,
        precision=precision,
        threads=threads,
        batch_size=batch_size,
    )


def _newest_run() -> Path | None:
    finished = list(OUTPUT.glob("*/final_model.pt"))
    return max(finished, key=lambda path: path.stat().st_mtime_ns, default=None)
