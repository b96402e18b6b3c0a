"""The sections on classes, confusion, calibration, abstention and the course of training."""

from __future__ import annotations

from roomtone.reports.crossval.chapter import Chapter
from roomtone.reports.document.blocks import (
    Block,
    Figure,
    Figures,
    Inline,
    Paragraph,
    Section,
    Table,
)
from roomtone.reports.sources import cite


def classes_section(chapter: Chapter) -> Section:
    """Show precision, recall and F1 of each class, and the confusion matrices."""
    rows: list[tuple[Inline, ...]] = []
    for place, model in enumerate(chapter.models):
        for number in range(len(model["classes"])):
            here = f"models.{place}.classes.{number}"
            rows.append(
                (
                    (chapter.name(place),) if number == 0 else ("",),
                    (chapter.value(f"{here}.name"),),
                    *(
                        (chapter.value(f"{here}.{key}", "score"),)
                        for key in ("precision", "recall", "f1")
                    ),
                    (chapter.value(f"{here}.rows", "count"),),
                )
            )
    names = [entry["name"] for entry in chapter.facts["plan"]["classes"]]
    wrapped = dict(chapter.wrapped)
    if max(map(len, names)) > 24:
        wrapped[1] = 0.24
    figures = tuple(
        Figure(
            chapter.figure_of("confusion", place),
            (chapter.name(place), ": counts over all folds, and shares of the true class."),
            "Confusion matrix; the counts stand in report.json.",
        )
        for place in range(len(chapter.models))
    )
    return Section(
        chapter.key("classes"),
        chapter.title("Classes and confusion"),
        (
            Table(
                chapter.key("classes"),
                ("Each class, in the pooled predictions of all folds",),
                (("Model",), ("Class",), ("Precision",), ("Recall",), ("F1",), ("Rows",)),
                tuple(rows),
                words=(0, 1),
                wrapped=wrapped,
            ),
            Figures(figures),
        ),
    )


def calibration_section(chapter: Chapter) -> Section:
    """Show whether confidence is what it says."""
    known = [place for place, model in enumerate(chapter.models) if model["reliability"]]
    without = [place for place, model in enumerate(chapter.models) if not model["reliability"]]
    blocks: list[Block] = []
    if known:
        blocks += [
            Table(
                chapter.key("calibration"),
                (
                    "Confidence against accuracy, in the pooled predictions of all folds. ECE: "
                    "expected calibration error",
                    cite("ece"),
                    ". A surplus above zero is overconfidence.",
                ),
                (("Model",), ("ECE",), ("Mean confidence",), ("Accuracy",), ("Surplus",)),
                tuple(
                    (
                        (chapter.name(place),),
                        (chapter.value(f"models.{place}.reliability.ece", "score"),),
                        (chapter.value(f"models.{place}.reliability.mean_confidence", "score"),),
                        (chapter.value(f"models.{place}.reliability.accuracy_of_all", "score"),),
                        (
                            chapter.value(
                                f"models.{place}.reliability.overconfidence", "difference"
                            ),
                        ),
                    )
                    for place in known
                ),
                wrapped=chapter.wrapped,
            ),
            Figures(
                tuple(
                    Figure(
                        chapter.figure_of("reliability", place),
                        (
                            chapter.name(place),
                            ": accuracy in bins of confidence, with exact binomial intervals that "
                            "take rows to be independent.",
                        ),
                        "Reliability diagram; the bins stand in report.json.",
                    )
                    for place in known
                )
            ),
        ]
    blocks += _absent(chapter, without)
    return Section(chapter.key("calibration"), chapter.title("Calibration"), tuple(blocks))


def _absent(chapter: Chapter, places: list[int]) -> list[Block]:
    blocks: list[Block] = []
    for words, kept in (
        (": the folder holds no predictions of single rows.", False),
        (": gives no probabilities.", True),
    ):
        blocks += [
            Paragraph((chapter.name(place), words), "note")
            for place in places
            if chapter.models[place]["has_predictions"] is kept
        ]
    return blocks


def abstention_section(chapter: Chapter) -> Section | None:
    """Show what is gained where the least confident texts are left undecided."""
    known = [place for place, model in enumerate(chapter.models) if model["risk"]]
    if not known:
        return None
    return Section(
        chapter.key("abstention"),
        chapter.title("Leaving doubtful texts undecided"),
        (
            Figure(
                chapter.key("risk_coverage"),
                (
                    "Share of errors among the texts that are decided where the least confident "
                    "are left out",
                    cite("risk_coverage"),
                    "; lower is better. Confidences of the models of different folds are ranked "
                    "together. Coverages below a few percent are not drawn.",
                ),
                "Risk-coverage curves; areas stand in the table, the curves in report.json.",
            ),
            Table(
                chapter.key("risk"),
                (
                    "Area under the risk-coverage curve, the least that the same errors allow, and "
                    "the share of errors where all texts or the more confident half are decided",
                ),
                (("Model",), ("Area",), ("Least area",), ("Errors, all",), ("Errors, half",)),
                tuple(
                    (
                        (chapter.name(place),),
                        (chapter.value(f"models.{place}.risk.aurc", "score"),),
                        (chapter.value(f"models.{place}.risk.best_aurc", "score"),),
                        (chapter.value(f"models.{place}.risk.risk_at_all", "percent"),),
                        (chapter.value(f"models.{place}.risk.risk_at_half", "percent"),),
                    )
                    for place in known
                ),
                wrapped=chapter.wrapped,
            ),
        ),
    )
