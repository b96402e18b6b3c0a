"""Exact contributions in a linear model: coefficient times value, at the place of the feature."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from roomtone.baselines.tfidf import CHARACTERS, TOKEN_PATTERN
from roomtone.explain.method import Method, Weights
from roomtone.explain.words import FloatArray, IntArray, ReadText

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine
    from roomtone.engines.tfidf import TfidfEngine

Span = tuple[int, int]
_STRETCH = re.compile(r"\S+")
_TOKEN = re.compile(TOKEN_PATTERN)


class LinearContributions(Method):
    """The decision value of a class less the mean of all classes', feature by feature.

    It is a sum, so that this is exact: the words' scores, what stands outside any word, and the
    intercept add up to it. A feature that occurs several times, or has several words or
    characters, is shared equally among them.
    """

    name = "linear"
    title = "Contributions to the linear model"
    unit = "logit"

    @classmethod
    def refusal(cls, engine: SentimentEngine) -> str | None:
        """Say that it needs a linear model."""
        if engine.kind == "tfidf":
            return None
        return f"exact contributions exist in linear models alone; {engine.name!r} is none"

    def weigh(
        self, engine: SentimentEngine, texts: Sequence[ReadText], classes: IntArray
    ) -> list[Weights]:
        """Multiply, and find where each feature stands."""
        model: TfidfEngine = engine  # type: ignore[assignment]
        centred = model.weights - model.weights.mean(axis=1, keepdims=True)
        intercept = model.intercept - model.intercept.mean()
        features = model.features.transform([text.text for text in texts])
        # Names are found once; texts have a few hundred features, models many thousands.
        names = _Names(model)
        found = []
        for row, text in enumerate(texts):
            columns = features.indices[features.indptr[row] : features.indptr[row + 1]]
            values = features.data[features.indptr[row] : features.indptr[row + 1]]
            parts = values[:, None] * centred[columns][:, classes[row]]  # [features, asked]
            found.append(_placed(text, names, columns, parts, intercept[classes[row]]))
        return found


class _Names:
    """The columns of the features, by what they are called."""

    def __init__(self, model: TfidfEngine) -> None:
        self.phrases = {name: column for column, name in enumerate(model.phrases)}
        self.runs = {name: len(model.phrases) + at for at, name in enumerate(model.runs)}
        self.longest = max((name.count(" ") + 1 for name in model.phrases), default=0)
        self.called = [*model.phrases, *model.runs]


def _placed(
    text: ReadText, names: _Names, columns: IntArray, parts: FloatArray, intercept: FloatArray
) -> Weights:
    """Put what each feature adds, ``[features, asked]``, on the characters it is made of."""
    where: defaultdict[int, list[list[Span]]] = defaultdict(list)
    for column, spans in _occurrences(text.text, names):
        where[column].append(spans)
    asked = parts.shape[1]
    characters = np.zeros((len(text.text) + 1, asked))
    for column, part in zip(columns.tolist(), parts, strict=True):
        for spans in where[column]:
            share = part / (len(where[column]) * len(spans))
            for start, end in spans:
                characters[start:end] += share / (end - start)
    sums = np.concatenate([np.zeros((1, asked)), np.cumsum(characters, axis=0)])
    scores = np.array([sums[word.end] - sums[word.start] for word in text.words]).T
    details = tuple(
        {
            "features": _listed(text, names, columns, parts[:, at], where),
            "elsewhere": float(parts[:, at].sum() - scores[at].sum()),
            "intercept": float(intercept[at]),
            "sum": float(parts[:, at].sum() + intercept[at]),
        }
        for at in range(asked)
    )
    return Weights(scores.reshape(asked, len(text.words)), details)


def _listed(
    text: ReadText,
    names: _Names,
    columns: IntArray,
    parts: FloatArray,
    where: dict[int, list[list[Span]]],
) -> list[dict[str, Any]]:
    """List the features by the size of what they add, the largest first."""
    order = np.argsort(-np.abs(parts), kind="stable")
    return [
        {
            "feature": names.called[columns[at]],
            "kind": "phrase" if columns[at] < len(names.phrases) else "characters",
            "contribution": float(parts[at]),
            "places": [[spans[0][0], spans[-1][1]] for spans in where[int(columns[at])]],
        }
        for at in order
    ]


def _occurrences(text: str, names: _Names) -> Iterator[tuple[int, list[Span]]]:
    """Find each known feature, and the places in the text as written that it is made of."""
    lowered, source = _lowered(text)
    tokens: list[tuple[str, Span]] = []
    for stretch in _STRETCH.finditer(lowered):
        begin = stretch.start()
        tokens += [
            (token[0], source(begin + token.start(), begin + token.end()))
            for token in _TOKEN.finditer(stretch[0])
        ]
        if names.runs:
            for run, start, end in _runs(stretch[0]):
                column = names.runs.get(run)
                if column is not None and start < end:
                    yield column, [source(begin + start, begin + end)]
    for length in range(1, names.longest + 1):
        for first in range(len(tokens) - length + 1):
            part = tokens[first : first + length]
            column = names.phrases.get(" ".join(word for word, _ in part))
            if column is not None:
                yield column, [span for _, span in part]


def _runs(stretch: str) -> Iterator[tuple[str, int, int]]:
    """List the runs of characters of a stretch, and where they stand in it, blanks left out."""
    padded = f" {stretch} "
    for length in range(CHARACTERS[0], CHARACTERS[1] + 1):
        last = len(padded) - length
        if last <= 0:  # the whole, once
            yield padded, 0, len(stretch)
            return
        for start in range(last + 1):
            yield (
                padded[start : start + length],
                max(start - 1, 0),
                min(start + length - 1, len(stretch)),
            )


class _Sources:
    """Leads from places in a lowered text to those in the text as written."""

    def __init__(self, text: str) -> None:
        # Lowered letter by letter, which gives as many as lowering the whole: only the shape of
        # a Greek sigma depends on its neighbours.
        sizes = [len(letter.lower()) for letter in text]
        self.of = np.repeat(np.arange(len(text)), sizes)

    def __call__(self, start: int, end: int) -> Span:
        return int(self.of[start]), int(self.of[end - 1]) + 1


def _lowered(text: str) -> tuple[str, _Sources]:
    return text.lower(), _Sources(text)
