"""The sections on how good the models are, and on whether they differ."""

from __future__ import annotations

from roomtone.reports.crossval.chapter import Chapter, span
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
