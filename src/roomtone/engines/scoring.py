"""Scoring a table chunk by chunk: what is added to its rows, and a count of what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from roomtone.data.streams import Added, Chunk, ChunkSize, RowStream, RowWriter
from roomtone.engines.base import SentimentEngine
from roomtone.engines.output import Output
from roomtone.engines.result import SentimentResult

OK, BAD = "ok", "bad"
DIGITS = 6
_SHOWN_PROBLEMS = 5


class Stopped(Exception):  # noqa: N818
    """Someone asked to stop; what was finished is kept."""


@dataclass
class Tally:
    """What has been counted so far.

    Attributes
    ----------
    rows : int
        All rows.
    bad : int
        Those that could not be scored.
    unknown : int
        Those in which the model knows nothing.
    undecided : int
        Those on which it abstained.
    beyond : int
        Those with values in further columns than the table was found to have.
    labels : Counter of str
        How often each label was given.
    first : list of str
        The first problems and where they are.
    """

    rows: int = 0
    bad: int = 0
    unknown: int = 0
    undecided: int = 0
    beyond: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    first: list[str] = field(default_factory=list)

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> Tally:
        """Take up a count that `to_dict` has saved; a new one from an empty dictionary."""
        return cls(**{**saved, "labels": Counter(saved.get("labels", {}))})

    def to_dict(self) -> dict[str, Any]:
        """Return it as values that JSON can hold."""
        return {**vars(self), "labels": dict(self.labels), "first": list(self.first)}

    def count(self, chunk: Chunk, results: Sequence[SentimentResult | None], unit: str) -> None:
        """Add the rows of a chunk."""
        self.rows += len(chunk)
        self.beyond += chunk.beyond
        for place, problem, result in zip(chunk.places, chunk.problems, results, strict=True):
            if result is None:
                self.bad += 1
                if len(self.first) < _SHOWN_PROBLEMS:
                    self.first.append(f"{unit} {place}: {problem}")
                continue
            self.unknown += not result.known
            if result.label is None:
                self.undecided += 1
            else:
                self.labels[result.label] += 1


class Scorer:
    """Turns the texts of a chunk into the columns that are added to it.

    Parameters
    ----------
    engine : SentimentEngine
        What scores.
    batch_size : int
        How many texts it gets at a time.
    abstain, error_rate : float, optional
        As in `SentimentEngine.analyze`.
    prefix : str
        Stands before the names of the new columns.

    Raises
    ------
    RoomtoneError
        If the engine cannot do what is asked for.
    """

    def __init__(
        self,
        engine: SentimentEngine,
        *,
        batch_size: int = 4096,
        abstain: float | None = None,
        error_rate: float | None = None,
        prefix: str = "",
    ) -> None:
        self._engine = engine
        self._batch_size = batch_size
        self._options = {"abstain": abstain, "error_rate": error_rate}
        engine.batch_analyze([], **self._options)
        columns = [
            Added("label", "text"),
            Added("score", "number"),
            *(Added(f"p_{name}", "number") for name in engine.class_names),
            Added("known", "flag"),
            *([Added("decided", "flag")] if abstain is not None else []),
            *([Added("labels", "texts")] if error_rate is not None else []),
            Added("status", "text"),
            Added("problem", "text"),
        ]
        self.added = tuple(Added(prefix + column.name, column.kind) for column in columns)

    def results(
        self, texts: Sequence[str], usable: Sequence[bool], stop: Callable[[], bool]
    ) -> list[SentimentResult | None]:
        """Score the usable texts, those of similar length together; None for the others.

        Raises
        ------
        Stopped
            If `stop` says so between two batches.
        """
        found: list[SentimentResult | None] = [None] * len(texts)
        order = sorted(
            (at for at, good in enumerate(usable) if good), key=lambda at: len(texts[at])
        )
        for begin in range(0, len(order), self._batch_size):
            if stop():
                raise Stopped
            batch = order[begin : begin + self._batch_size]
            answers = self._engine.batch_analyze([texts[at] for at in batch], **self._options)
            for at, answer in zip(batch, answers, strict=True):
                found[at] = answer
        return found

    def columns(
        self, chunk: Chunk, results: Sequence[SentimentResult | None], unit: str
    ) -> list[Sequence[object]]:
        """Return the values of the added columns, in their order."""
        scored = [result for result in results if result is not None]
        shares = np.array([[r.score, *r.probs.values()] for r in scored], dtype=np.float64)
        shares = shares.reshape(len(scored), 1 + len(self._engine.class_names)).round(DIGITS)
        values: list[Sequence[object]] = [
            [result.label for result in scored],
            *shares.T.tolist(),
            [result.known for result in scored],
        ]
        if self._options["abstain"] is not None:
            values.append([result.label is not None for result in scored])
        if self._options["error_rate"] is not None:
            values.append([result.labels for result in scored])
        if len(scored) < len(results):
            values = [_spread(column, results) for column in values]
        places = zip(chunk.places, chunk.problems, strict=True)
        return [
            *values,
            [BAD if why else OK for why in chunk.problems],
            [f"{unit} {place}: {why}" if why else None for place, why in places],
        ]


def _spread(
    values: Sequence[object], results: Sequence[SentimentResult | None]
) -> Sequence[object]:
    """Put None where there is no result."""
    rest = iter(values)
    return [None if result is None else next(rest) for result in results]


def score_stream(
    stream: RowStream,
    scorer: Scorer,
    writer: RowWriter,
    output: Output,
    *,
    size: ChunkSize,
    stop: Callable[[], bool] = lambda: False,
    watch: Callable[[int, float | None], None] = lambda rows, fraction: None,
) -> Tally:
    """Score a table from where its output stands to its end.

    Parameters
    ----------
    stream : RowStream
        The table.
    scorer : Scorer
        What is added to its rows.
    writer : RowWriter
        Makes bytes of them.
    output : Output
        Where the bytes go; knows what was written before.
    size : ChunkSize
        How much is read, scored and written at a time.
    stop : callable
        Tells whether to stop.
    watch : callable
        Called at the start and after each chunk with the rows done so far and the share of the
        input that has been read.

    Raises
    ------
    Stopped
        If `stop` says so; `output` then keeps the chunks that are done.
    """
    tally = Tally.from_dict(output.tally)
    if not output.size:
        output.append(writer.head(), tally.to_dict())
    stream.skip(tally.rows)
    watch(tally.rows, stream.fraction())
    for chunk in stream.chunks(size):
        results = scorer.results(chunk.texts, [not why for why in chunk.problems], stop)
        tally.count(chunk, results, stream.unit)
        data = writer.encode(chunk, scorer.columns(chunk, results, stream.unit))
        output.append(data, tally.to_dict())
        watch(tally.rows, stream.fraction())
    return tally
