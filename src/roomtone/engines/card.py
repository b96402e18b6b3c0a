"""The model card of a saved engine, written from what its manifest records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from roomtone.engines.base import SentimentEngine

_METRICS = (
    ("f1_macro", "macro-F1"),
    ("accuracy", "accuracy"),
    ("recall_macro", "macro recall"),
    ("log_loss", "log loss, nats"),
    ("brier", "Brier score"),
    ("ece", "expected calibration error"),
)
_LIMITS = """\
- It reads one text at a time: neither the video, nor the thread, nor who wrote it.
- It knows the language and the kind of texts that it was trained on; measure it on yours first.
- Irony, and words that change their meaning, mislead it.
- A text without anything known gets the shares of the classes in the training rows, flagged
  `known=False`.
- The intervals say how much the figures could differ on other rows of the same kind. They say
  nothing of rows of another kind, or of another training run."""


def model_card(engine: SentimentEngine) -> str:
    """Write the card of an engine as Markdown; what is not recorded is said to be unknown."""
    record = engine.record
    sections = [
        f"# {engine.name}",
        engine.describe(),
        f"Classes, in the order of their codes: {', '.join(engine.class_names)}.",
        "## Intended use",
        "To tell the sentiment that comments express, in sum: shares over many comments, and which "
        "comments to read. Not to judge the people who write them, and not to decide anything "
        "about one of them without a person who reads it.",
        "## Data",
        *_data(record.get("data")),
        *_warnings(record.get("warnings")),
        "## Metrics",
        *_metrics(record.get("metrics")),
        "## Calibration",
        _calibration(engine),
        "## Limits",
        _LIMITS,
        "## Use",
        "```python\nfrom roomtone import load_engine\n\n"
        'print(load_engine("this folder").analyze("What a lovely song!"))\n```',
    ]
    return "\n\n".join(sections) + "\n"


def _data(data: Any) -> Iterator[str]:
    if not isinstance(data, dict) or not data:
        yield "What it was trained on is not recorded."
        return
    rows = []
    for split, entry in data.items():
        facts = entry if isinstance(entry, dict) else {}
        counts = facts.get("label_counts")
        shown = _pairs(counts) if isinstance(counts, dict) else "unknown"
        rows.append([split, facts.get("rows"), shown, facts.get("file"), facts.get("sha256")])
    yield _table(["split", "rows", "of each class", "file", "SHA-256"], rows)


def _warnings(warnings: Any) -> Iterator[str]:
    for warning in warnings if isinstance(warnings, list) else []:
        yield f"Warning: {warning}."


def _metrics(metrics: Any) -> Iterator[str]:
    if not isinstance(metrics, dict) or not metrics:
        yield "Not measured: no test rows were given."
        return
    for split, measured in metrics.items():
        facts = measured if isinstance(measured, dict) else {}
        values, intervals = facts.get("metrics"), facts.get("intervals")
        values = values if isinstance(values, dict) else {}
        intervals = intervals if isinstance(intervals, dict) else {}
        rows = [
            [title, _number(values[key]), _interval(intervals.get(key))]
            for key, title in _METRICS
            if values.get(key) is not None
        ]
        yield f"On the {split} rows ({values.get('n', 'unknown')}):"
        yield _table(["", "value", "95% interval"], rows)
        if isinstance(by_class := values.get("f1"), dict):
            yield f"F1 of each class: {_pairs(by_class)}."


def _calibration(engine: SentimentEngine) -> str:
    calibration = engine.calibration
    shown = ", ".join(f"{share:.3f}" for share in engine.prior)
    prior = f"Shares of the classes in the training rows: {shown}."
    if engine.validation is None:
        return f"None: its probabilities are a plain softmax. {prior}"
    how = calibration.kind
    if calibration.temperature is not None:
        how = f"{how} (log-probabilities divided by {calibration.temperature:.3f})"
    rows = len(engine.validation.confidence)
    undecided = float(np.quantile(engine.validation.confidence, 0.1))
    return (
        f"Chosen and fitted on {rows} validation rows: {how}. A tenth of them have a confidence "
        f"below {undecided:.3f}, which is where `abstain=0.1` leaves texts undecided. {prior}"
    )


def _interval(interval: Any) -> str:
    if not isinstance(interval, dict):
        return ""
    return f"{_number(interval.get('low'))} to {_number(interval.get('high'))}"


def _pairs(values: dict[Any, Any]) -> str:
    return ", ".join(f"{name} {_number(value)}" for name, value in values.items())


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _table(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    lines = [list(headings)]
    lines.append(["---"] * len(lines[0]))
    lines += [["unknown" if cell is None else str(cell) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
