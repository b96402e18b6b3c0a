"""Scoring a file of any size: from a table to a table, resumable, in little memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from roomtone.data.streams import (
    STANDARD,
    ChunkSize,
    Format,
    Layout,
    check_unchanged,
    format_of,
    open_stream,
    open_writer,
)
from roomtone.engines.base import SentimentEngine
from roomtone.engines.identity import identity
from roomtone.engines.output import Output, PipeOutput
from roomtone.engines.partial import PartialFile
from roomtone.engines.scoring import Scorer, Tally, score_stream
from roomtone.errors import DataError, RoomtoneError


@dataclass(frozen=True)
class ScoreOptions:
    """How a file is scored and what is written; the command line's flags have the same names.

    Attributes
    ----------
    layout : Layout
        How the input is read.
    input_format, output_format : str or None
        One of `roomtone.data.streams.FORMATS`; None where the name of the file tells.
    prefix : str
        Stands before the names of the new columns.
    abstain, error_rate : float or None
        As in `SentimentEngine.analyze`.
    safe_for_spreadsheets : bool
        Keep spreadsheet programs from taking a field of a CSV file for a formula.
    batch_size : int
        How many texts the engine gets at a time.
    size : ChunkSize
        How much is read and written at a time.
    overwrite : bool
        Replace an output that is there.
    restart : bool
        Forget what an earlier process left.
    """

    layout: Layout = field(default_factory=Layout)
    input_format: str | None = None
    output_format: str | None = None
    prefix: str = ""
    abstain: float | None = None
    error_rate: float | None = None
    safe_for_spreadsheets: bool = False
    batch_size: int = 4096
    size: ChunkSize = field(default_factory=ChunkSize)
    overwrite: bool = False
    restart: bool = False

    def deciding(self) -> dict[str, Any]:
        """Return those that decide which bytes are written."""
        flat = {**asdict(self), **asdict(self.layout), "chunk_rows": self.size.rows}
        chosen = {key: flat[key] for key in flat if key not in _NOT_DECIDING}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in chosen.items()}


_NOT_DECIDING = {"layout", "size", "overwrite", "restart"}


def score_file(
    engine: SentimentEngine,
    source: str,
    target: str,
    options: ScoreOptions | None = None,
    *,
    model: Mapping[str, Any] | None = None,
    stop: Callable[[], bool] = lambda: False,
    watch: Callable[[int, float | None], None] = lambda rows, fraction: None,
) -> Tally:
    """Score the texts of a file.

    What a killed process has left is gone on with, and ends in the bytes that one process would
    have written.

    Parameters
    ----------
    engine : SentimentEngine
        What scores.
    source, target : str
        The files, or ``"-"`` for standard input and output.
    options : ScoreOptions, optional
        How.
    model : mapping, optional
        What tells the engine from others, to notice that another one is to go on with a file;
        `roomtone.engines.identity.identity` where not given. An engine that cannot be saved is
        told by nothing, and does not go on with a file then.
    stop : callable
        Tells whether to stop.
    watch : callable
        Called at the start and after each chunk with the rows done so far and the share of the
        input that has been read.

    Returns
    -------
    Tally
        A count of what was found.

    Raises
    ------
    RoomtoneError
        If something cannot be read, scored or written; says what to do.
    Stopped
        If `stop` says so.
    """
    options = options or ScoreOptions()
    read = format_of(source, options.input_format, "--input_format")
    write = _format_of_target(target, options, read)
    _check_apart(source, target)
    scorer = Scorer(
        engine,
        batch_size=options.batch_size,
        abstain=options.abstain,
        error_rate=options.error_rate,
        prefix=options.prefix,
    )
    fixed = write.kind != "csv"
    opened = open_stream(source, read, options.layout, scorer.added, fixed=fixed)
    stream = opened.stream
    try:
        safe = options.safe_for_spreadsheets
        writer = open_writer(write, stream, scorer.added, safe=safe)
        facts = {
            "input": opened.facts or {},
            "model": dict(model or identity(engine)),
            "options": {**options.deciding(), "input_format": read.kind, "output": asdict(write)},
        }
        with _open_output(target, write, facts, options) as output:
            if output.size and not model and facts["model"]["digest"] is None:
                raise RoomtoneError(
                    f"{target}: an unfinished scoring is there, and engine {engine.name!r} "
                    f"({type(engine).__name__}) cannot be saved, so that nothing tells whether it "
                    "began this: say what tells it from others with model=, or start again with "
                    "restart=True"
                )
            if output.finished:
                return Tally.from_dict(output.tally)
            tally = score_stream(
                stream, scorer, writer, output, size=options.size, stop=stop, watch=watch
            )
            if opened.facts:
                check_unchanged(source, opened.facts)
            output.finish(writer.assembler)
    finally:
        stream.close()
    return tally


def is_pipe(name: str) -> bool:
    """Tell whether what is written goes to a reader at once, instead of becoming a file."""
    return name == STANDARD or (os.path.exists(name) and not os.path.isfile(name))


def _format_of_target(target: str, options: ScoreOptions, read: Format) -> Format:
    if os.path.isdir(target):
        raise DataError(f"{target} is a folder; expected the name of a file, or -")
    otherwise = "csv" if read.kind == "parquet" else read.kind
    name = STANDARD if is_pipe(target) else target
    form = format_of(name, options.output_format, "--output_format", otherwise=otherwise)
    if options.safe_for_spreadsheets and form.kind != "csv":
        raise DataError("--safe_for_spreadsheets concerns CSV files; leave it out for this output")
    return form


def _check_apart(source: str, target: str) -> None:
    there = all(name != STANDARD and os.path.exists(name) for name in (source, target))
    if there and os.path.samefile(source, target):
        raise DataError(f"{target} is the input itself; choose another name for the output")


def _open_output(
    target: str, write: Format, facts: Mapping[str, Any], options: ScoreOptions
) -> Output:
    if is_pipe(target):
        return PipeOutput(target)
    path = Path(os.path.realpath(target))
    return PartialFile(path, facts, overwrite=options.overwrite, restart=options.restart)
