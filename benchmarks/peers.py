"""What else people use: fastText, with the same word vectors and without, and VADER."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from candidates import BASELINE, Candidate, Predictions, Splits
from rows import Rows
from vectors import write_vec

from roomtone.errors import require
from roomtone.stats import classification_metrics
from roomtone.text import CommentTokenizer

# Chosen by validation; the rest as in the reference's own text classification tutorial.
RATES, EPOCHS = (0.1, 0.25, 0.5), (5, 10, 20)
SETTINGS = {"wordNgrams": 2, "minCount": 1, "bucket": 200_000, "loss": "softmax"}
DIM = 100
LABEL = "__label__"
VADER_BOUND = 0.05  # the authors' own bound between neutral and either side


def fasttext(
    rows: Splits,
    vectors: Path | None,
    *,
    seed: int,
    rates: Sequence[float] = RATES,
    epochs: Sequence[int] = EPOCHS,
) -> Candidate:
    """Train fastText on the tokens of the library's tokeniser, on one thread.

    Learning rate and epochs are chosen by validation macro-F1 from nine settings, if no others
    are given; the seconds are those of the chosen one.
    """
    module = require("fasttext", extra="bench", purpose="The comparison with fastText")
    with tempfile.TemporaryDirectory() as created:
        folder = Path(created)
        train = folder / "train.txt"
        lines = zip(_tokens(rows.train.texts), rows.train.labels, strict=True)
        train.write_text("".join(f"{LABEL}{label} {text}\n" for text, label in lines), "utf-8")
        fixed: dict[str, Any] = {**SETTINGS, "dim": DIM, "thread": 1, "seed": seed, "verbose": 0}
        if vectors is not None:
            # The words of the texts alone: those that occur in none change no score.
            texts = (text for part in (rows.train, rows.val, rows.test) for text in part.texts)
            vec = folder / "vectors.vec"
            fixed["dim"] = write_vec(vectors, _words(texts), vec)
            fixed["pretrainedVectors"] = str(vec)
        model, spent, chosen = _best(module, train, rows.val, fixed, list(product(rates, epochs)))
        saved = folder / "model.bin"
        model.save_model(str(saved))
        size = saved.stat().st_size
    name = "fastText" if vectors is None else "fastText, word vectors"
    return Candidate(name, BASELINE, _predictor(model), spent, size, chosen)


def vader(rows: Splits) -> Candidate:
    """Score by the lexicon and the rules of Hutto & Gilbert (2014); nothing is fitted."""
    module = require(
        "vaderSentiment.vaderSentiment", extra="bench", purpose="The comparison with VADER"
    )
    analyser = module.SentimentIntensityAnalyzer()

    def predict(texts: Sequence[str]) -> Predictions:
        scores = np.array([analyser.polarity_scores(text)["compound"] for text in texts])
        sides = (scores >= VADER_BOUND).astype(int) - (scores <= -VADER_BOUND).astype(int)
        return Predictions(sides + 1)

    package = Path(str(module.__file__)).parent
    size = sum(path.stat().st_size for path in package.glob("*lexicon.txt"))
    note = "not trained; the corpus of `roomtone demo` is by the authors of its lexicon"
    return Candidate("VADER", BASELINE, predict, 0.0, size, note)


def _best(
    module: ModuleType,
    train: Path,
    val: Rows,
    fixed: dict[str, Any],
    settings: Sequence[tuple[float, int]],
) -> tuple[Any, float, str]:
    found = []
    for rate, epochs in settings:
        began = time.perf_counter()
        model = module.train_supervised(str(train), lr=rate, epoch=epochs, **fixed)
        spent = time.perf_counter() - began
        classes = _predictor(model)(val.texts).classes
        score = classification_metrics(val.labels, classes, 1 + max(*val.labels, *classes)).f1_macro
        note = f"rate {rate}, {epochs} epochs, chosen of {len(settings)} settings"
        found.append((score, model, spent, note))
    return max(found, key=lambda item: item[0])[1:]


def _predictor(model: Any) -> Callable[[Sequence[str]], Predictions]:
    def predict(texts: Sequence[str]) -> Predictions:
        labels, _ = model.predict(_tokens(texts), k=1)
        return Predictions(np.array([int(found[0].removeprefix(LABEL)) for found in labels]))

    return predict


def _tokens(texts: Sequence[str]) -> list[str]:
    return [" ".join(tokens) for tokens in CommentTokenizer().tokenize_batch(texts)]


def _words(texts: Iterable[str]) -> set[str]:
    return {token for line in _tokens(list(texts)) for token in line.split(" ")}
