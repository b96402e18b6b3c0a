"""The sections on how good the models are, and on whether they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roomtone.reports.crossval.chapter import Chapter, span
from roomtone.reports.crossval.methods import cite
from roomtone.reports.document.blocks import (
    Block,
    Figure,
    Inline,
    Items,
    Paragraph,
    Part,
    Section,
    Table,
)

_TABLES = (
    (
        "main",
        "Scores",
        (
            ("f1_macro", "Macro-F1"),
            ("accuracy", "Accuracy"),
            ("cohen_kappa", "Cohen's kappa"),
            ("mcc", "Matthews"),
        ),
    ),
    (
        "averages",
        "Averages over the classes, and the area under the ROC curve",
        (
            ("precision_macro", "Precision"),
            ("recall_macro", "Recall"),
            ("f1_weighted", "Weighted F1"),
            ("auc", "AUC"),
        ),
    ),
    (
        "probabilities",
        "Scores of the probabilities, of which less is better",
        (
            ("log_loss", "Log loss"),
            ("brier", "Brier score"),
            ("ece", "Calibration error"),
        ),
    ),
)


def state_section(chapter: Chapter) -> Section | None:
    """Say what is missing of a cross-validation that did not end."""
    state = chapter.facts["state"]
    if state["whole"] and state["cells"] == state["expected"]:
        return None
    items: list[Inline] = []
    for place in range(len(state["unfinished"])):
        here = f"state.unfinished.{place}"
        items.append(
            (
                chapter.value(f"{here}.model"),
                ": ",
                chapter.value(f"{here}.cells", "count"),
                " of ",
                chapter.value(f"{here}.expected", "count"),
                " fits",
                "; left out of all that follows" if not state["whole"] else "",
            )
        )
    count: Inline = (
        chapter.value("state.cells", "count"),
        " of ",
        chapter.value("state.expected", "count"),
    )
    if state["whole"]:
        words: Inline = (
            "The result is whole, but the folder holds the records of only ",
            *count,
            " fits, so that times and what is drawn from single predictions are missing for:",
        )
    else:
        words = (
            "This cross-validation has not ended: ",
            *count,
            " fits are finished. Models without all their folds are left out, and comparisons "
            "with them are still to come. Missing:",
        )
    return Section(
        chapter.key("state"),
        chapter.title("Not finished" if not state["whole"] else "Incomplete folder"),
        (Paragraph(words, "warning"), Items(tuple(items), "warning")),
    )


def scores_section(chapter: Chapter) -> Section:
    """Show all scores, and the best mean."""
    blocks: list[Block] = [Paragraph(_summary(chapter))]
    blocks.append(
        Figure(
            chapter.key("scores"),
            (
                "Mean macro-F1 over folds, its interval, and every fold. Intervals of two models "
                "may overlap although the models differ: folds are shared, so look at the "
                "differences.",
            ),
            "Macro-F1 of each model with its interval; the values stand in the table.",
        )
    )
    for key, words, columns in _TABLES:
        shown = [
            (metric, title)
            for metric, title in columns
            if any(model["scores"][metric]["mean"] is not None for model in chapter.models)
        ]
        if shown:
            blocks.append(_table(chapter, key, shown, words))
    blocks.append(_intervals(chapter))
    if notes := chapter.facts["notes"]:
        blocks.append(
            Items(
                tuple((chapter.value(f"notes.{place}"),) for place in range(len(notes))), "warning"
            )
        )
    return Section(chapter.key("scores"), chapter.title("Scores"), tuple(blocks))


def _summary(chapter: Chapter) -> Inline:
    best = chapter.facts["best"]
    here = f"models.{best['place']}.scores.f1_macro"
    score = chapter.models[best["place"]]["scores"]["f1_macro"]
    parts: list[Part] = [
        "The highest mean macro-F1 over folds is that of ",
        chapter.value("best.name"),
        ": ",
        chapter.value(f"{here}.mean", "score"),
    ]
    if score["low"] is not None:
        parts += [
            " (",
            chapter.value(f"{here}.level", "level"),
            " interval ",
            *span(chapter.value(f"{here}.low", "score"), chapter.value(f"{here}.high", "score")),
            ")",
        ]
    parts.append(". ")
    if best["compared"]:
        parts += [
            "The test tells it apart from ",
            chapter.value("best.apart", "count"),
            " of the ",
            chapter.value("best.compared", "count"),
            " other models over the same folds; being the highest is no verdict by itself.",
        ]
    else:
        parts.append("It was not compared with others by a test; being the highest is no verdict.")
    return tuple(parts)


def _table(chapter: Chapter, key: str, columns: list[tuple[str, str]], words: str) -> Table:
    return Table(
        chapter.key(key),
        (f"{words}: mean ± standard deviation over folds",),
        (("Model",), ("Folds",), *((title,) for _, title in columns)),
        tuple(
            (
                (chapter.name(place),),
                (chapter.value(f"models.{place}.folds", "count"),),
                *(chapter.score(place, metric) for metric, _ in columns),
            )
            for place in range(len(chapter.models))
        ),
        wrapped=chapter.wrapped,
        words=(0,),
    )


def _intervals(chapter: Chapter) -> Table:
    def interval(place: int, metric: str) -> Inline:
        model = chapter.models[place]
        if model["scores"][metric]["low"] is None:
            return ("too few folds",)
        here = f"models.{place}.scores.{metric}"
        return span(chapter.value(f"{here}.low", "score"), chapter.value(f"{here}.high", "score"))

    def pooled(place: int, metric: str) -> Inline:
        here = f"models.{place}"
        value = chapter.value(f"{here}.pooled.{metric}", "score")
        if metric not in chapter.models[place]["pooled_intervals"]:
            return (value,)
        ends = f"{here}.pooled_intervals.{metric}"
        low, high = (chapter.value(f"{ends}.{end}", "score") for end in ("low", "high"))
        return (value, " (", *span(low, high), ")")

    return Table(
        chapter.key("intervals"),
        (
            "Intervals. Of the means over folds: with the correction for overlapping training "
            "parts. Of the pooled predictions of all folds: by the bootstrap, which does not know "
            "of the variation between fits.",
        ),
        (
            ("Model",),
            ("Mean macro-F1",),
            ("Mean accuracy",),
            ("Pooled macro-F1",),
            ("Pooled accuracy",),
        ),
        tuple(
            (
                (chapter.name(place),),
                interval(place, "f1_macro"),
                interval(place, "accuracy"),
                pooled(place, "f1_macro"),
                pooled(place, "accuracy"),
            )
            for place in range(len(chapter.models))
        ),
        wrapped=chapter.wrapped,
    )


def comparisons_section(chapter: Chapter) -> Section:
    """Show the differences of pairs, the test, and why it was chosen."""
    families = chapter.facts["comparisons"]
    blocks: list[Block] = []
    if not families:
        blocks.append(
            Paragraph(
                (
                    "No models were compared: a test needs two models over the same folds, and "
                    "enough folds. The notes under the scores say what stood in the way, if "
                    "anything did.",
                )
            )
        )
    for place, family in enumerate(families):
        blocks += _family(chapter, place, family)
    if not chapter.prefix:
        blocks.append(
            Paragraph(
                (
                    "There is no critical-difference diagram: it ranks models over independent "
                    "data sets, and folds of one data set share their training rows",
                    cite("friedman", "wilcoxon"),
                    ".",
                ),
                "note",
            )
        )
    return Section(chapter.key("comparisons"), chapter.title("Comparisons"), tuple(blocks))


def _family(chapter: Chapter, place: int, family: Mapping[str, Any]) -> list[Block]:
    at = f"comparisons.{place}"
    figure = Figure(
        chapter.key(f"differences_{place + 1}"),
        (
            "Differences in ",
            chapter.value(f"{at}.metric_name"),
            " with ",
            chapter.value(f"{at}.confidence", "level"),
            " intervals, not corrected. Filled: told apart after correction.",
        ),
        "Differences between pairs of models; the values stand in the table.",
    )
    chances = any(row["chances"]["better"] is not None for row in family["rows"])
    head: list[Inline] = [
        ("Model",),
        ("Against",),
        ("Difference",),
        ("Interval",),
        ("p",),
        ("Outcome",),
    ]
    if chances:
        head += [("Better",), ("Alike",), ("Worse",)]
    rows = tuple(
        _row(chapter, f"{at}.rows.{number}", row, chances=chances)
        for number, row in enumerate(family["rows"])
    )
    names = {row[side] or "" for row in family["rows"] for side in ("model", "reference")}
    wrapped = {0: 0.13, 1: 0.13} if max(map(len, names)) > 16 else {}
    caption: list[Part] = [
        "Differences in ",
        chapter.value(f"{at}.metric_name"),
        " over ",
        chapter.value(f"{at}.folds", "count"),
        " folds, by ",
        chapter.value(f"{at}.method_name"),
        ". ",
        "p after Holm's correction. " if family["corrected"] else "",
        "Undecided does not say that models are alike. ",
    ]
    if chances:
        caption += [
            "Better, alike, worse: chances by the Bayesian correlated t-test, alike being within ",
            chapter.value(f"{at}.rope", "plain"),
            ".",
        ]
    notes = [n for n, row in enumerate(family["rows"]) if row["note"]]
    blocks: list[Block] = [
        figure,
        Table(
            chapter.key(f"differences_{place + 1}"),
            tuple(caption),
            tuple(head),
            rows,
            words=(0, 1, 5),
            wrapped=wrapped,
        ),
    ]
    if notes:
        blocks.append(Items(tuple((chapter.value(f"{at}.rows.{n}.note"),) for n in notes)))
    if place == 0 or family["decision"] != chapter.facts["comparisons"][0]["decision"]:
        decision: list[Part] = []
        for number in range(len(family["decision"])):
            decision += [" " if number else "", chapter.value(f"{at}.decision.{number}")]
        blocks.append(Paragraph(("Why this test: ", *decision)))
    return blocks


def _row(chapter: Chapter, at: str, row: Mapping[str, Any], *, chances: bool) -> tuple[Inline, ...]:
    ends: Inline = ("–",)
    if row["low"] is not None:
        ends = span(
            chapter.value(f"{at}.low", "difference"), chapter.value(f"{at}.high", "difference")
        )
    cells: list[Inline] = [
        (chapter.value(f"{at}.model"),) if row["model"] else ("all models",),
        (chapter.value(f"{at}.reference"),) if row["reference"] else ("",),
        (chapter.value(f"{at}.difference", "difference"),),
        ends,
        (chapter.value(f"{at}.p", "p"),),
        (chapter.value(f"{at}.outcome"),),
    ]
    if chances:
        cells += [
            (chapter.value(f"{at}.chances.{name}", "rank"),)
            for name in ("better", "equivalent", "worse")
        ]
    return tuple(cells)
