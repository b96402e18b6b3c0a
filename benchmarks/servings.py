"""The ways to score texts that the prediction benchmark compares, each ready to be called."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from candidates import Splits
from classical import NAMES, classical
from machine import has_bf16
from peers import fasttext, vader
from usual import PAD, UsualNetwork

from roomtone.engines import SentimentEngine
from roomtone.engines.hybrid import HybridDLSentimentEngine
from roomtone.engines.onnx import OnnxEngine
from roomtone.errors import MissingExtraError
from roomtone.export import Trained, build_model

USUAL, ONE, BATCHES = "usual serving", "one at a time", "in batches"
PAD_TO = 200
SWITCH = "ROOMTONE_KERNELS"


@dataclass(frozen=True)
class Serving:
    """A model and a way to call it.

    Attributes
    ----------
    model : str
        Whose texts a second they are: that of a configuration, or a baseline.
    way : str
        How it is called: ``"in batches, fp32"``.
    threads : int
        What it may use.
    score : callable
        Takes texts, gives something for each.
    alone : bool
        Whether it takes the texts one at a time, so that the time of each is of interest.
    """

    model: str
    way: str
    threads: int
    score: Callable[[Sequence[str]], object]
    alone: bool = False


def hybrid_servings(model: str, run: Path, threads: int) -> Iterator[Serving]:
    """Load a finished run in every way that there is here.

    Raises
    ------
    MissingExtraError
        From the first way that needs a package that is not installed; ONNX comes last.
    """
    for count in sorted({1, threads}):
        yield Serving(model, USUAL, count, usual_serving(run, count), alone=True)
    precisions = ("fp32", "bf16") if has_bf16() else ("fp32",)
    for precision in precisions:
        engine = HybridDLSentimentEngine(run, device="cpu", precision=precision, threads=1)
        yield from _calls(model, f"{BATCHES}, {precision}", engine, 1)
        if threads > 1:
            both = HybridDLSentimentEngine(run, device="cpu", precision=precision, threads=threads)
            yield Serving(model, f"{BATCHES}, {precision}", threads, both.predict_proba)
    for precision in precisions:
        with _without_kernels():
            engine = HybridDLSentimentEngine(run, device="cpu", precision=precision)
        score = _with_threads(engine.predict_proba, threads)
        yield Serving(model, f"{BATCHES}, PyTorch {precision}", threads, score)
    for precision in ("fp32", "int8"):
        for count in sorted({1, threads}):
            onnx = onnx_engine(run, precision, count)
            yield from _calls(model, f"{BATCHES}, ONNX {precision}", onnx, count)


def usual_serving(run: Path, threads: int) -> Callable[[Sequence[str]], object]:
    """Serve as tutorials do: PyTorch's own modules, each text alone, padded to 200 tokens."""
    source = HybridDLSentimentEngine(run, device="cpu").model
    network = UsualNetwork(source.config, len(source.vocabulary), packed=False).eval()

    @torch.inference_mode()
    def score(texts: Sequence[str]) -> object:
        found = []
        for text in texts:
            codes = source.vocabulary.encode(text)[:PAD_TO]
            ids = torch.tensor([codes + [PAD] * (PAD_TO - len(codes))])
            found.append(network(ids, torch.tensor([len(codes)])).softmax(dim=1).tolist())
        return found

    return _with_threads(score, threads)


def onnx_engine(run: Path, precision: str, threads: int) -> OnnxEngine:
    """Export a run as `roomtone export` does, in memory."""
    source = HybridDLSentimentEngine(run, device="cpu")
    trained = Trained(source.model.network, source.model.config, source.model.vocabulary)
    return OnnxEngine(
        "onnx",
        source.class_names,
        model=build_model(trained.weights(), int8=precision == "int8").SerializeToString(),
        vocabulary=trained.vocabulary,
        max_len=trained.config.max_len,
        precision=precision,
        threads=threads,
    )


def baseline_servings(rows: Splits, *, seed: int, say: Callable[[str], object]) -> list[Serving]:
    """Fit the baselines; all of them use one thread."""
    found = []

    def add(name: str, predict: Callable[[Sequence[str]], object]) -> None:
        say(f"  {name}")
        found.append(Serving(name, BATCHES, 1, predict))

    for name in ("logreg", "svm"):
        add(NAMES[name], classical(name, rows, seed=seed).predict)
    for fit in (
        lambda: fasttext(rows, None, seed=seed, rates=(0.5,), epochs=(5,)),
        lambda: vader(rows),
    ):
        try:
            candidate = fit()
        except MissingExtraError as error:
            say(f"  Left out: {error}")
        else:
            add(candidate.name, candidate.predict)
    return found


def _calls(model: str, way: str, engine: SentimentEngine, threads: int) -> Iterator[Serving]:
    """Call an engine text by text, with one thread, and with all texts at once."""
    if threads == 1:
        name = way.replace(BATCHES, ONE)
        yield Serving(model, name, 1, lambda texts: [engine.analyze(t) for t in texts], alone=True)
    yield Serving(model, way, threads, engine.predict_proba)


def _with_threads(
    score: Callable[[Sequence[str]], object], threads: int
) -> Callable[[Sequence[str]], object]:
    """Let PyTorch use so many threads meanwhile."""

    def call(texts: Sequence[str]) -> object:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            return score(texts)
        finally:
            torch.set_num_threads(before)

    return call


@contextmanager
def _without_kernels() -> Iterator[None]:
    """Keep an engine that is loaded meanwhile from the compiled network."""
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = "off"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SWITCH]
        else:
            os.environ[SWITCH] = before
