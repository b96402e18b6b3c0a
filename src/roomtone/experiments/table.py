"""The result of a cross-validation as tables of plain text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from roomtone.experiments.record import CrossValidation, ModelResult

SHOWN = {
    "f1_macro": "macro-F1",
    "f1_weighted": "weighted F1",
    "accuracy": "accuracy (micro-F1)",
    "precision_macro": "macro precision",
    "recall_macro": "macro recall",
    "cohen_kappa": "kappa",
    "mcc": "MCC",
    "auc": "AUC",
    "log_loss": "log loss",
    "brier": "Brier score",
    "ece": "calibration error",
}
_WIDTH = 120
_MANY = 10_000_000
_BAYESIAN = "bayesian_correlated_t"
_TESTED = ("difference", "p", "p corrected", "outcome", "rows needed")
_WORDS = ("against", "outcome")


def tables(result: CrossValidation) -> Iterator[Table]:
    """Draw the means, the pooled values and the comparisons."""
    yield _means(result)
    yield _pooled(result)
    if result.comparisons:
        yield _comparisons(result)


def as_text(result: CrossValidation, width: int = _WIDTH) -> str:
    """Show the tables and the notes as plain text."""
    stream = io.StringIO()
    console = Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
    for table in tables(result):
        console.print(table)
    for note in (*_of_comparisons(result), *result.notes):
        console.print(f"Note: {note}")
    return stream.getvalue().rstrip("\n")


def _means(result: CrossValidation) -> Table:
    plan = result.plan
    counts = sorted(set(plan.folds.values()), reverse=True)
    folds = " or ".join(map(str, counts))
    again = f", {plan.repeats} repeats" * (plan.repeats > 1)
    again += f", {len(plan.seeds)} seeds" * (len(plan.seeds) > 1)
    table = _table(
        f"{plan.rows:,} rows, {folds} {plan.scheme} folds{again}: mean ± sd over folds", ""
    )
    for model in result.models:
        table.add_column(model.name, justify="right")
    for metric, title in SHOWN.items():
        if any(model.mean[metric] is not None for model in result.models):
            table.add_row(title, *(_spread(model, metric) for model in result.models))
    if any(model.variance for model in result.models):
        table.add_row("macro-F1, sd of folds | seeds", *(_split(model) for model in result.models))
    return table


def _split(model: ModelResult) -> str:
    split = model.variance.get("f1_macro")
    if split is None:
        return "-"
    return " | ".join(f"{(split[part] or 0) ** 0.5:.3f}" for part in ("fold", "seed"))


def _spread(model: ModelResult, metric: str) -> str:
    mean, sd = model.mean[metric], model.sd[metric]
    if mean is None:
        return "-"
    return f"{mean:.3f}" if sd is None else f"{mean:.3f} ± {sd:.3f}"


def _pooled(result: CrossValidation) -> Table:
    table = _table("Predictions of all folds together, with 95% intervals", "model")
    for title in ("macro-F1", "accuracy"):
        table.add_column(title, justify="right")
    for name in result.plan.class_names:
        table.add_column(f"F1 {name}", justify="right")
    for model in result.models:
        cells = []
        for metric in ("f1_macro", "accuracy"):
            interval = model.pooled_intervals[metric]
            cells.append(f"{model.pooled[metric]:.3f} ({interval.low:.3f} to {interval.high:.3f})")
        cells += [f"{value:.3f}" for value in model.pooled["f1"].values()]
        table.add_row(model.name, *cells)
    return table


def _comparisons(result: CrossValidation) -> Table:
    """Show those of the first metric; the record has the others, too."""
    metric, tests = result.comparisons[0]["metric"], _shown(result)
    posteriors = {
        _pair(row): row["effects"].get("posterior")
        for row in result.comparisons
        if row["metric"] == metric and row["method"] == _BAYESIAN
    }
    methods = " and ".join(dict.fromkeys(row["method"].replace("_", " ") for row in tests))
    table = _table(
        f"Differences of {SHOWN.get(metric, metric)} by {methods}, with 95% intervals; chances by "
        "Bayesian correlated t",
        "model",
    )
    several = len({row["folds"] for row in tests}) > 1
    for title in ("against", *(["folds"] if several else []), *_TESTED):
        table.add_column(title, justify="left" if title in _WORDS else "right", no_wrap=True)
    table.add_column("better | alike | worse", justify="right", no_wrap=True)
    for row in tests:
        table.add_row(
            row["model"] or "all",
            row["reference"] or "",
            *([str(row["folds"])] if several else []),
            _difference(row),
            *(_p(row[key]) for key in ("p_value", "adjusted_p")),
            row["outcome"],
            _rows_needed(row),
            _chances(posteriors.get(_pair(row))),
        )
    return table


def _shown(result: CrossValidation) -> list[dict[str, Any]]:
    return [
        row
        for row in result.comparisons
        if row["metric"] == result.comparisons[0]["metric"] and row["method"] != _BAYESIAN
    ]


def _of_comparisons(result: CrossValidation) -> list[str]:
    """Collect what the figures shown do not say: why there is none, and how it is to be read."""
    rows = _shown(result)
    pairs: dict[str, list[str]] = {}
    for row in rows:
        if row["note"]:
            pairs.setdefault(row["note"], []).append(
                f"{row['model']} against {row['reference']}" if row["model"] else "all models"
            )
    return [
        f"{'' if len(named) == len(rows) else ', '.join(named) + ': '}{note}"
        for note, named in pairs.items()
    ]


def _pair(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["model"], row["reference"], row["folds"]


def _chances(posterior: dict[str, float] | None) -> str:
    if posterior is None:
        return ""
    return " | ".join(f"{posterior[name]:.2f}" for name in ("better", "equivalent", "worse"))


def _rows_needed(row: dict[str, Any]) -> str:
    """Show how many rows would show the difference found, with a power of 0.8."""
    needed = row["effects"].get("rows_needed")
    if needed is None:
        return ""
    return f"{needed:,}" if needed < _MANY else f">{_MANY:,}"


def _difference(row: dict[str, Any]) -> str:
    if row["difference"] is None:
        return "-"
    if row["low"] is None:
        return f"{row['difference']:+.3f} (no interval)"
    return f"{row['difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})"


def _p(value: float | None) -> str:
    if value is None:
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _table(title: str, first: str) -> Table:
    from rich import box

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    return table
