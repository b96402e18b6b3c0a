"""Tables of how far an engine's confidences can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from roomtone.engines.trust import TrustReport
    from roomtone.stats.calibrating import CalibrationReport


def print_scores(console: Console, report: CalibrationReport) -> None:
    """Print the scores before and after."""
    from rich.table import Table

    chosen = report.calibration
    if chosen.temperature is None:
        title = "scaled by class"
    elif chosen.kind == "identity":
        title = "left as they are"
    else:
        title = f"divided by a temperature of {chosen.temperature:.3g}"
    table = Table(title=f"Log-probabilities are {title}", title_justify="left")
    for heading in ("rows", "", "NLL", "Brier", "ECE", "ECE, equal mass", "macro-F1"):
        table.add_column(heading, justify="right" if heading else "left")
    for split in ("validation", "test"):
        for when in ("before", "after"):
            scores = getattr(report, f"{split}_{when}")
            if scores is None:
                continue
            crossfitted = split == "validation" and when == "after"
            values = (scores.nll, scores.brier, scores.ece, scores.ece_equal_mass, scores.f1_macro)
            table.add_row(
                f"{split}, {scores.n:,}",
                "after, cross-fitted" if crossfitted else when,
                *(f"{value:.4f}" for value in values),
                end_section=when == "after",
            )
    console.print(table)


def print_trust(console: Console, trust: TrustReport) -> None:
    """Print what abstention and label sets do."""
    from rich.table import Table

    table = Table(title="Leaving texts undecided, on the test rows", title_justify="left")
    for heading in ("abstain", "undecided", "accuracy of the rest", *_named("undecided", trust)):
        table.add_column(heading, justify="right")
    for left in trust.abstention:
        values = (left.undecided, left.accuracy, *left.undecided_by_class)
        table.add_row(f"{left.share:g}", *map(_percent, values))
    console.print(table)
    table = Table(title="Label sets, on the test rows", title_justify="left")
    for heading in ("error rate", "coverage", "95% interval", "labels", *_named("", trust)):
        table.add_column(heading, justify="right")
    for sets in trust.conformal:
        interval = f"{_percent(sets.low)} to {_percent(sets.high)}"
        classes = map(_percent, sets.coverage_by_class)
        size = f"{sets.mean_size:.2f}"
        table.add_row(f"{sets.error_rate:g}", _percent(sets.coverage), interval, size, *classes)
    console.print(table)
    curve = trust.risk_coverage
    print(f"Area under the risk-coverage curve: {curve.aurc:.4f} ({curve.best_aurc:.4f} at best)")


def _named(what: str, trust: TrustReport) -> list[str]:
    return [f"{what} {name}".strip() for name in trust.class_names]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}%"
