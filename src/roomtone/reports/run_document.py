"""The report of one run as blocks: for LaTeX, and the checklist of its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roomtone.reports.checklist import checklist_section
from roomtone.reports.document.blocks import (
    Block,
    Document,
    Figure,
    Figures,
    Inline,
    Paragraph,
    Part,
    Section,
    Table,
    Value,
    separated,
)
from roomtone.reports.sources import cite, cite_keys, works

_NETWORK = ("hybrid",)
_SCORES = ("macro_f1", "cohen_kappa", "mcc")


def run_document(facts: dict[str, Any]) -> Document:
    """Put the report together.

    Parameters
    ----------
    facts : dict
        As of `run_facts`; the works that are cited are added to it.
    """
    sections = (
        _results(facts),
        _classes(facts),
        *([_calibration()] if facts["reliability"] is not None else []),
        _training(facts),
        _methods(facts),
        checklist(facts),
    )
    methods = [*_NETWORK, *_SCORES, "checklist", *_interval_methods(facts)]
    if facts["reliability"] is not None:
        methods += ["ece", "brier"]
    facts["references"] = works(cite_keys(methods))
    return Document(
        ("Training report of ", Value("name")),
        (
            Value("n", "count"),
            " texts · ",
            Value("class_count", "count"),
            " classes · roomtone ",
            Value("roomtone"),
        ),
        sections,
        facts,
    )


def _interval_methods(facts: dict[str, Any]) -> list[str]:
    found = {(score["method"] or "").lower() for score in facts["scores"]}
    return sorted(found & {"bca", "percentile"})


def _results(facts: dict[str, Any]) -> Section:
    rows: list[tuple[Inline, ...]] = []
    for place, score in enumerate(facts["scores"]):
        here = f"scores.{place}"
        interval: Inline = ("–",)
        if score["low"] is not None:
            interval = (
                *(Value(f"{here}.low", "score"), " to ", Value(f"{here}.high", "score")),
                *(" (", Value(f"{here}.level", "level"), ")"),
            )
        rows.append(((Value(f"{here}.label"),), (Value(f"{here}.value", "score"),), interval))
    caption: Inline = (
        "Scores on the ",
        Value("n", "count"),
        " texts of the split ",
        Value("split"),
    )
    return Section(
        "results",
        ("Results",),
        (
            Table("results", caption, (("Score",), ("Value",), ("Interval",)), tuple(rows)),
            Paragraph(
                (
                    "Intervals describe the choice of texts, not the variation between runs.",
                    ""
                    if facts["split"] == "test"
                    else " These texts also chose the best epoch, so that the scores are "
                    "optimistic.",
                ),
                "note",
            ),
        ),
    )


def _classes(facts: dict[str, Any]) -> Section:
    rows = tuple(
        (
            (Value(f"classes.{place}.name"),),
            *((Value(f"classes.{place}.{key}", "score"),) for key in ("precision", "recall", "f1")),
            (Value(f"classes.{place}.rows", "count"),),
        )
        for place in range(len(facts["classes"]))
    )
    head = (("Class",), ("Precision",), ("Recall",), ("F1",), ("Rows",))
    return Section(
        "classes",
        ("Classes and confusion",),
        (
            Table("classes", ("Metrics of each class",), head, rows, wrapped={0: 0.35}),
            Figures(
                (
                    Figure(
                        "confusion_matrix",
                        ("Counts of texts, and their shares of the true class.",),
                        "Confusion matrix; the counts stand in report.json.",
                    ),
                )
            ),
        ),
    )


def _calibration() -> Section:
    return Section(
        "calibration",
        ("Calibration",),
        (
            Paragraph(
                (
                    "The expected calibration error in ",
                    Value("reliability.bins", "count"),
                    " bins is ",
                    Value("reliability.ece", "score"),
                    cite("ece"),
                    "; mean confidence is ",
                    Value("reliability.mean_confidence", "score"),
                    ", accuracy ",
                    Value("reliability.accuracy_of_all", "score"),
                    ".",
                )
            ),
            Figures(
                (
                    Figure(
                        "reliability_diagram",
                        ("Accuracy in bins of confidence, with exact binomial intervals.",),
                        "Reliability diagram; the bins stand in report.json.",
                    ),
                )
            ),
        ),
    )


def _training(facts: dict[str, Any]) -> Section:
    known = facts["training"]
    parts: list[Part] = ["Training ran for ", Value("training.epochs", "count"), " epochs"]
    if known["stopped"]:
        parts += [" (ended by: ", Value("training.stopped"), ")"]
    if known["best_epoch"] is not None:
        parts += ["; the model of epoch ", Value("training.best_epoch", "count"), " was kept"]
    parts.append(".")
    blocks: list[Block] = [
        Paragraph(tuple(parts)),
        Figure(
            "training_curves",
            ("Loss and macro-F1 after each epoch; the ring marks the epoch that was kept.",),
            "Training curves; the values stand in report.json.",
        ),
    ]
    return Section("training", ("Training",), tuple(blocks))


def _methods(facts: dict[str, Any]) -> Section:
    files = [
        (
            Value(f"files.{place}.file"),
            " (",
            Value(f"files.{place}.split"),
            ", ",
            Value(f"files.{place}.rows", "count"),
            " rows, SHA-256 ",
            Value(f"files.{place}.sha256", "hash"),
            ")",
        )
        for place in range(len(facts["files"]))
    ]
    versions = [
        (Value(f"versions.{place}.name"), " ", Value(f"versions.{place}.version"))
        for place in range(len(facts["versions"]))
    ]
    parts: list[Part] = [
        "A hybrid network of convolutions, a bidirectional LSTM and self-attention",
        cite(*_NETWORK),
    ]
    if facts["parameters"] is not None:
        parts += [" with ", Value("parameters", "count"), " parameters"]
    parts.append(" was trained")
    if facts["seed"] is not None:
        parts += [" with the seed ", Value("seed")]
    if files:
        parts += [" on ", *separated(files)]
    parts += [
        ". Scores are macro-F1, accuracy, Cohen's kappa and Matthews' correlation",
        cite(*_SCORES),
    ]
    if methods := _interval_methods(facts):
        parts += [", with bootstrap intervals over rows", cite(*methods)]
    if facts["reliability"] is not None:
        parts += [
            "; probabilities are judged by the calibration error and the Brier score",
            cite("ece", "brier"),
        ]
    parts.append(". ")
    if versions:
        parts += ["Software: ", *separated(versions), "."]
    return Section("methods_text", ("Methods",), (Paragraph(tuple(parts)),))


def checklist(facts: Mapping[str, Any]) -> Section:
    """Show the checklist."""
    title: Inline = ("Reproducibility checklist",)
    return checklist_section(facts["checklist"], "checklist", key="checklist", title=title)
