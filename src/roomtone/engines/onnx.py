"""A network exported to ONNX, scored by onnxruntime: no torch, and fast from a cold start."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from roomtone.engines.base import RawScores, SentimentEngine
from roomtone.engines.folder import SavedFolder
from roomtone.engines.onnx_file import BadModelError, check_model
from roomtone.errors import CheckpointError, DataError, require
from roomtone.text import EMPTY, TOKENIZER_VERSION, EncodedTexts, Vocabulary

MODEL, VOCABULARY = "model.onnx", "vocab.json"
PRECISIONS = ("fp32", "int8")

# Texts that are sorted by length together. All are tokenised before the first is scored: Python
# would let threads wait for each other at the end of each batch.
_CHUNK = 8192
_TOKENS = 2048  # of a batch, padding included: what it computes with still fits the caches
_SQUARES = 2**21  # bounds what self-attention keeps for long texts
_FEWEST, _MOST = 16, 128  # texts of a batch


class OnnxEngine(SentimentEngine):
    """A hybrid network as an ONNX model, with its vocabulary.

    A text scores the same alone and in any company. Each batch is computed by one thread, and
    several batches at once: that scales better than threads within a batch.

    Parameters
    ----------
    name : str
        What results call it.
    class_names : sequence of str
        The classes, in the order of their codes.
    model : bytes
        The ONNX model: ``input_ids`` (int64, ``[batch, width]``) and ``lengths`` (int64,
        ``[batch]``) to ``logits`` (float32, ``[batch, classes]``).
    vocabulary : Vocabulary
        Gives each token its code.
    max_len : int
        Longest text in tokens; the rest is cut.
    precision : str
        ``"fp32"`` or ``"int8"``, for those who want to know.
    threads : int, optional
        Batches to compute at once; by default as many as there are processors for this process.
    **common
        As of `SentimentEngine`.

    Raises
    ------
    CheckpointError
        If the model cannot be used.
    MissingExtraError
        If onnxruntime is not installed.
    """

    kind = "onnx"
    tokenizer = TOKENIZER_VERSION

    def __init__(
        self,
        name: str,
        class_names: Sequence[str],
        *,
        model: bytes,
        vocabulary: Vocabulary,
        max_len: int,
        precision: str = "fp32",
        threads: int | None = None,
        **common: Any,
    ) -> None:
        super().__init__(name, class_names, **common)
        self.vocabulary = vocabulary
        self.max_len = max_len
        self.precision = precision
        self.threads = _available() if threads is None else _checked(threads)
        self._model = model
        self._session = _session(model, name, len(vocabulary))
        self._probe()

    def use_threads(self, threads: int) -> None:
        """Score so many batches at once from now on."""
        self.threads = _checked(threads)

    def raw(self, texts: Sequence[str]) -> RawScores:
        """Score texts with the network; known are those with a token that the vocabulary has."""
        logits = np.empty((len(texts), len(self.class_names)), dtype=np.float64)
        known = np.empty(len(texts), dtype=bool)
        with ThreadPoolExecutor(self.threads, thread_name_prefix="roomtone-onnx") as pool:
            for start, encoded in self._encoded(texts, known):
                batches = list(_batches(np.diff(encoded.offsets)))
                several = self.threads > 1 and len(batches) > 1
                found = (pool.map if several else map)(partial(self._run, encoded), batches)
                for rows, scores in zip(batches, found, strict=True):
                    logits[start + rows] = scores
        return RawScores(logits, known)

    def describe(self) -> str:
        """Say what it is, and how large."""
        how = "in float32" if self.precision == "fp32" else "with products of whole numbers"
        return (
            f"The hybrid network (CNN and BiLSTM with attention) as an ONNX model, {how}: "
            f"{len(self.vocabulary):,} words, texts of up to {self.max_len} tokens."
        )

    def settings(self) -> dict[str, Any]:
        """Return the longest text, and the precision."""
        return {"max_len": self.max_len, "precision": self.precision}

    def files(self) -> dict[str, bytes]:
        """Return the model and the vocabulary."""
        return {MODEL: self._model, VOCABULARY: self.vocabulary.to_json()}

    @classmethod
    def from_folder(cls, folder: SavedFolder) -> Self:
        """Rebuild the engine; the model is checked by running it on one token."""
        settings = folder.manifest.settings
        max_len, precision = settings.get("max_len"), settings.get("precision")
        if not (type(max_len) is int and 0 < max_len <= 2**20 and precision in PRECISIONS):
            raise folder.error("its settings are not those of an ONNX engine")
        words = folder.path / VOCABULARY
        return cls(
            model=folder.read(MODEL),
            vocabulary=Vocabulary.from_json(folder.read(VOCABULARY), words),
            max_len=max_len,
            precision=precision,
            **folder.common(),
        )

    def _encoded(
        self, texts: Sequence[str], known: NDArray[np.bool_]
    ) -> Iterator[tuple[int, EncodedTexts]]:
        """Tokenise chunk by chunk, and mark the texts with something known in them."""
        for start in range(0, len(texts), _CHUNK):
            encoded = self.vocabulary.encode_batch(texts[start : start + _CHUNK])
            encoded = encoded.cut(self.max_len)
            found = np.logical_or.reduceat(encoded.ids > EMPTY, encoded.offsets[:-1])
            known[start : start + len(found)] = found
            yield start, encoded

    def _run(self, encoded: EncodedTexts, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        ids, lengths = encoded.padded(rows)
        (logits,) = self._session.run(["logits"], {"input_ids": ids, "lengths": lengths})
        return np.asarray(logits, dtype=np.float32)

    def _probe(self) -> None:
        """Run the model on the last word of the vocabulary, alone."""
        last = np.array([[len(self.vocabulary) - 1]], dtype=np.int64)
        one = EncodedTexts(last[0].astype(np.int32), np.array([0, 1], dtype=np.int64))
        try:
            logits = self._run(one, np.zeros(1, dtype=np.int64))
        # Whatever onnxruntime raises for a model that is not one of ours.
        except Exception as error:
            raise CheckpointError(f"{self.name}: the ONNX model does not run: {error}") from None
        if logits.shape != (1, len(self.class_names)) or not np.isfinite(logits).all():
            raise CheckpointError(
                f"{self.name}: the ONNX model gives {logits.tolist()} for one text, expected a "
                f"finite score for each of {len(self.class_names)} classes"
            )


def load_onnx(model_path: str | Path | None = None, threads: int | None = None) -> SentimentEngine:
    """Find and load a saved ONNX engine, for `get_sentiment_engine`."""
    from roomtone.engines.places import find_saved, not_found

    path = find_saved("onnx") if model_path is None else Path(model_path)
    if path is None:
        raise not_found("onnx", "roomtone export RUN --onnx")
    folder = SavedFolder(path)
    folder.check_kind("onnx", OnnxEngine.kind)
    engine = OnnxEngine.from_folder(folder)
    if threads is not None:
        engine.use_threads(threads)
    return engine


def _session(model: bytes, name: str, words: int) -> Any:
    runtime = require("onnxruntime", extra="onnx", purpose="An ONNX engine")
    try:
        check_model(model, words)
    except BadModelError as error:
        raise CheckpointError(f"{name}: not a usable ONNX model: {error}") from None
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return runtime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
    # Its own exceptions share no base below Exception.
    except Exception as error:
        raise CheckpointError(f"{name}: not a usable ONNX model: {error}") from None


def _batches(lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Part texts into batches of like length, the longest first."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        width = int(lengths[order[start]])
        size = min(max(_TOKENS // width, _FEWEST), _MOST, max(_SQUARES // width**2, 1))
        yield order[start : start + size]
        start += size


def _available() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _checked(threads: int) -> int:
    if not isinstance(threads, int) or threads < 1:
        raise DataError(f"threads: expected a whole number from 1, found {threads!r}")
    return threads
