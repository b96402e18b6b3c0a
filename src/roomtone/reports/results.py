"""The report's sections on results: warnings, headline, classes, confusion, calibration, errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from roomtone.reports.markup import Html, facts, foreign, join, section, table, tag, text, traced
from roomtone.reports.records import Evaluation
from roomtone.reports.run_facts import score_place, worst_confusion
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
            interval, place = evaluation.intervals.get(name), score_place(run, name)
            under = _interval_note(interval, place) if interval else note
            parts = [
                tag("dt", label),
                tag("dd", traced(value, f"{place}.value", "score"), class_="value"),
                tag("dd", under, class_="note"),
            ]
            tiles.append(tag("div", join(parts, ""), class_="main" if interval else "other"))
    baseline = run.manifest.get("baseline")
    return section(
        "results",
        "Results",
        tag("dl", join(tiles), class_="tiles"),
        tag("p", _sentence(run)),
        tag("p", _OPTIMISTIC) if evaluation.split == "val" else "",
        facts(baseline, "Baseline of this run") if isinstance(baseline, Mapping) else "",
    )


_OPTIMISTIC = (
    "The validation texts also chose the best epoch, so these figures are optimistic. "
    "Give a test file (test_csv) for an honest estimate."
)


def _interval_note(interval: Interval, place: str) -> Html:
    low, high = (traced(getattr(interval, e), f"{place}.{e}", "score") for e in ("low", "high"))
    return join(
        [traced(interval.level, f"{place}.level", "level"), " interval ", low, " to ", high], ""
    )


def _sentence(run: RunResult) -> Html:
    evaluation = run.evaluation
    parts: list[object] = ["On ", traced(evaluation.metrics.n, "n", "count")]
    split = SPLITS.get(evaluation.split, evaluation.split)
    parts.append(f" {split} texts the model reached a ")
    for name, label in (("f1_macro", "macro-F1"), ("accuracy", " and an accuracy")):
        place, interval = score_place(run, name), evaluation.intervals.get(name)
        value = getattr(evaluation.metrics, name)
        parts += [f"{label} of ", traced(value, f"{place}.value", "score")]
        if interval:
            level = traced(interval.level, f"{place}.level", "level")
            low, high = (
                traced(getattr(interval, end), f"{place}.{end}", "score") for end in ("low", "high")
            )
            parts += [
                " (",
                level,
                f" {interval.method} bootstrap interval ",
                low,
                " to ",
                high,
                ")",
            ]
    parts.append(".")
    if evaluation.intervals:
        parts.append(" The intervals describe the choice of texts, not the variation between runs.")
    if any(interval.low == interval.high for interval in evaluation.intervals.values()):
        parts.append(
            " One without width means that no resample differed, not that the score is sure."
        )
    return join(parts, "")


def classes_section(run: RunResult) -> Html:
    """Show precision, recall and F1 of each class and their averages."""
    metrics = run.evaluation.metrics
    columns = {key: getattr(metrics, key) for key in ("precision", "recall", "f1")}
    rows = [
        (
            name,
            *(
                traced(values[code], f"classes.{code}.{key}", "score")
                for key, values in columns.items()
            ),
            traced(metrics.support[code], f"classes.{code}.rows", "count"),
        )
        for code, name in enumerate(run.class_names)
    ]
    means = [
        traced(getattr(metrics, name), f"{score_place(run, name)}.value", "score")
        for name in ("precision_macro", "recall_macro", "f1_macro", "f1_weighted")
    ]
    total = traced(metrics.n, "n", "count")
    footer = [
        ("Macro average", *means[:3], total),
        ("Weighted F1", "", "", means[3], total),
    ]
    predicted = np.array(metrics.confusion).sum(axis=0)
    never = [name for name, count in zip(run.class_names, predicted, strict=True) if not count]
    head = ("Class", "Precision", "Recall", "F1", "Texts")
    return section(
        "classes",
        "Each class",
        table("Metrics of each class", head, rows, footer=footer),
        tag("p", f"Never predicted: {', '.join(never)}.") if never else "",
    )


def confusion_section(run: RunResult, figure: Html) -> Html:
    """Show the confusion matrix as a figure and as a table."""
    rows = [
        (
            run.class_names[true],
            *(traced(n, f"confusion.{true}.{code}", "count") for code, n in enumerate(counts)),
        )
        for true, counts in enumerate(run.evaluation.metrics.confusion)
    ]
    as_table = table("Rows: true class. Columns: predicted class.", ("", *run.class_names), rows)
    return section(
        "confusion",
        "Confusion matrix",
        figure,
        tag("p", _worst_sentence(run.evaluation)),
        tag("details", join([tag("summary", "The counts as a table"), as_table])),
    )


def _worst_sentence(evaluation: Evaluation) -> Html:
    found = worst_confusion(evaluation)
    if found is None:
        return text("No text was labelled wrong.")
    true, taken_for = (evaluation.class_names[found[key]] for key in ("true", "predicted"))
    parts = [
        f"The most frequent mistake: {true} taken for {taken_for} (",
        traced(found["count"], "worst.count", "count"),
        " texts, ",
        traced(found["share"], "worst.share", "percent"),
        f" of {true}).",
    ]
    return join(parts, "")


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
