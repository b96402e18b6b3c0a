"""The report's sections on results: warnings, headline, classes, confusion, calibration, errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from roomtone.reports.markup import Html, facts, foreign, join, section, table, tag
from roomtone.reports.records import Evaluation
from roomtone.reports.run_folder import RunResult
from roomtone.stats import Interval, ReliabilityBins, reliability_bins

SPLITS = {"train": "training", "val": "validation", "test": "test"}
_TILES = (
    ("f1_macro", "Macro-F1", "mean F1 of the classes"),
    ("accuracy", "Accuracy", "share labelled right"),
    ("cohen_kappa", "Cohen’s κ", "agreement beyond chance"),
    ("mcc", "MCC", "Matthews correlation"),
    ("log_loss", "Log loss", "nats per text, lower is better"),
    ("ece", "Calibration error", "ECE, 15 bins, lower is better"),
)
_MOST_ERRORS = 20
_MOST_LETTERS = 280


def warnings_section(run: RunResult) -> Html:
    """List the warnings of the run, or say that there are none."""
    if not run.warnings:
        return section("warnings", "Warnings", tag("p", "✓ This run gave none.", class_="good"))
    items = join(tag("li", warning) for warning in run.warnings)
    return section("warnings", "Warnings", tag("ul", items, class_="warnings"))


def headline_section(run: RunResult) -> Html:
    """Show the main metrics with their intervals, and a sentence that can be quoted."""
    evaluation = run.evaluation
    tiles = []
    for name, label, note in _TILES:
        value = getattr(evaluation.metrics, name)
        if value is not None:
            interval = evaluation.intervals.get(name)
            under = _interval_note(interval) if interval else note
            parts = [
                tag("dt", label),
                tag("dd", f"{value:.3f}", class_="value"),
                tag("dd", under, class_="note"),
            ]
            tiles.append(tag("div", join(parts, ""), class_="main" if interval else "other"))
    baseline = run.manifest.get("baseline")
    return section(
        "results",
        "Results",
        tag("dl", join(tiles), class_="tiles"),
        tag("p", _sentence(evaluation)),
        tag("p", _OPTIMISTIC) if evaluation.split == "val" else "",
        facts(baseline, "Baseline of this run") if isinstance(baseline, Mapping) else "",
    )


_OPTIMISTIC = (
    "The validation texts also chose the best epoch, so these figures are optimistic. "
    "Give a test file (test_csv) for an honest estimate."
)


def _interval_note(interval: Interval) -> str:
    return f"{interval.level:.0%} interval {interval.low:.3f} to {interval.high:.3f}"


def _sentence(evaluation: Evaluation) -> str:
    metrics, parts = evaluation.metrics, []
    for name, label in (("f1_macro", "macro-F1"), ("accuracy", "accuracy")):
        interval = evaluation.intervals.get(name)
        bounds = (
            f" ({interval.level:.0%} {interval.method} bootstrap interval "
            f"{interval.low:.3f} to {interval.high:.3f})"
            if interval
            else ""
        )
        parts.append(f"{label} of {getattr(metrics, name):.3f}{bounds}")
    split = SPLITS.get(evaluation.split, evaluation.split)
    closing = " The intervals describe the choice of texts, not the variation between runs."
    if any(interval.low == interval.high for interval in evaluation.intervals.values()):
        closing += " One without width means that no resample differed, not that the score is sure."
    return (
        f"On {metrics.n:,} {split} texts the model reached a {parts[0]} and an {parts[1]}."
        f"{closing if evaluation.intervals else ''}"
    )


def classes_section(run: RunResult) -> Html:
    """Show precision, recall and F1 of each class and their averages."""
    metrics = run.evaluation.metrics
    per_class = zip(metrics.precision, metrics.recall, metrics.f1, metrics.support, strict=True)
    rows = [
        (name, f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}", f"{support:,}")
        for name, (precision, recall, f1, support) in zip(run.class_names, per_class, strict=True)
    ]
    averages = (metrics.precision_macro, metrics.recall_macro, metrics.f1_macro)
    footer = [
        ("Macro average", *(f"{value:.3f}" for value in averages), f"{metrics.n:,}"),
        ("Weighted F1", "", "", f"{metrics.f1_weighted:.3f}", f"{metrics.n:,}"),
    ]
    predicted = np.array(metrics.confusion).sum(axis=0)
    never = [name for name, count in zip(run.class_names, predicted, strict=True) if not count]
    columns = ("Class", "Precision", "Recall", "F1", "Texts")
    return section(
        "classes",
        "Each class",
        table("Metrics of each class", columns, rows, footer=footer),
        tag("p", f"Never predicted: {', '.join(never)}.") if never else "",
    )


def confusion_section(run: RunResult, figure: Html) -> Html:
    """Show the confusion matrix as a figure and as a table."""
    rows = [
        (name, *(f"{count:,}" for count in counts))
        for name, counts in zip(run.class_names, run.evaluation.metrics.confusion, strict=True)
    ]
    as_table = table("Rows: true class. Columns: predicted class.", ("", *run.class_names), rows)
    return section(
        "confusion",
        "Confusion matrix",
        figure,
        tag("p", worst_confusion(run.evaluation)),
        tag("details", join([tag("summary", "The counts as a table"), as_table])),
    )


def worst_confusion(evaluation: Evaluation) -> str:
    """Say in a sentence which mistake is the most frequent."""
    wrong = np.array(evaluation.metrics.confusion)
    np.fill_diagonal(wrong, 0)
    if not wrong.any():
        return "No text was labelled wrong."
    true, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    names, count = evaluation.class_names, int(wrong[true, predicted])
    share = count / evaluation.metrics.support[true]
    return (
        f"The most frequent mistake: {names[true]} taken for {names[predicted]} "
        f"({count:,} texts, {share:.1%} of {names[true]})."
    )


def calibration_section(run: RunResult, figure: Html | str) -> Html:
    """Show the reliability diagram, its bins, and which way confidence errs."""
    probs = run.predictions.probs
    if probs is None:
        missing = "This run recorded no probabilities, so calibration cannot be judged."
        return section("calibration", "Calibration", tag("p", missing))
    bins = reliability_bins(probs, run.predictions.labels)
    gap = float(probs.max(axis=1).mean()) - float(
        (probs.argmax(axis=1) == run.predictions.labels).mean()
    )
    direction = "higher" if gap > 0 else "lower"
    verdict = f"Mean confidence is {abs(gap):.1%} (absolute) {direction} than accuracy."
    return section(
        "calibration",
        "Calibration",
        figure,
        tag("p", verdict),
        tag("details", join([tag("summary", "The bins as a table"), _bins_table(bins)])),
    )


def _bins_table(bins: ReliabilityBins) -> Html:
    rows = [
        (f"{left:.2f} to {right:.2f}", f"{count:,}", f"{confidence:.3f}", f"{accuracy:.3f}")
        for left, right, count, confidence, accuracy in zip(
            bins.edges[:-1], bins.edges[1:], bins.count, bins.confidence, bins.accuracy, strict=True
        )
        if count
    ]
    columns = ("Confidence", "Texts", "Mean confidence", "Accuracy")
    return table("Bins that hold texts", columns, rows)


def errors_section(run: RunResult) -> Html:
    """Show the wrong predictions that the model was most sure of."""
    predictions, names = run.predictions, run.class_names
    worst = predictions.confident_errors(_MOST_ERRORS)
    if not worst:
        return section("errors", "Most confident errors", tag("p", "There are no errors."))
    rows = []
    for place in worst:
        comment = _shortened(predictions.texts[place]) if predictions.texts else "not recorded"
        rows.append(
            (
                predictions.lines[place],
                tag("div", foreign(comment), class_="comment"),
                names[predictions.labels[place]],
                names[predictions.predicted[place]],
                f"{predictions.confidence[place]:.1%}",
            )
        )
    advice = (
        "Confident errors are the first place to look for wrong labels, irony and "
        "missing context. Lines are those of the data file."
    )
    columns = ("Line", "Text", "True", "Predicted", "Confidence")
    shown = f"The {len(rows)} most confident of all wrong predictions"
    return section(
        "errors",
        "Most confident errors",
        tag("p", advice),
        table(shown, columns, rows, words=(0, 1, 2, 3)),
    )


def _shortened(comment: str) -> str:
    return comment if len(comment) <= _MOST_LETTERS else f"{comment[: _MOST_LETTERS - 1]}…"
