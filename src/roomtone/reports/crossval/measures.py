"""The part of the methods that is about numbers: scores, their intervals, and tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roomtone.reports.document.blocks import Inline, Part, Value, separated
from roomtone.reports.sources import cite


def scores_text(dataset: Mapping[str, Any], at: str) -> Inline:
    """Say which scores were measured, how their intervals were made, and of what they speak."""
    parts: list[Part] = [
        "The main score is the macro-averaged F1, the mean of the classes' F1",
        cite("macro_f1"),
        "; accuracy, Cohen's kappa and Matthews' correlation are given beside it",
        cite("cohen_kappa", "mcc"),
        ". Scores are means and standard deviations over folds",
        ", each fold the mean of its seeds" if dataset["plan"]["seed_count"] > 1 else "",
    ]
    timed = [
        i
        for i, model in enumerate(dataset["models"])
        if model["scores"]["f1_macro"]["low"] is not None
    ]
    if timed:
        parts += [
            ", with ",
            Value(f"{at}.models.{timed[0]}.scores.f1_macro.level", "level"),
            " intervals whose variance is corrected for the overlap of training parts",
            cite("corrected_t"),
        ]
    parts += [". Predictions of all folds were also pooled", cite("pooled_scores")]
    methods = sorted(
        {
            interval["method"].lower()
            for model in dataset["models"]
            for interval in model["pooled_intervals"].values()
        }
    )
    if methods:
        units = "groups" if dataset["plan"]["scheme"] == "grouped" else "rows"
        parts += [
            f", with bootstrap intervals over {units}",
            cite(*(name for name in methods if name in ("bca", "percentile"))),
            ". These describe the choice of rows, not the variation between fits",
        ]
    parts.append(".")
    if any(model["reliability"] for model in dataset["models"]):
        parts += [
            " Probabilities are judged by the expected calibration error in bins of equal width, "
            "the Brier score and the log loss",
            cite("ece", "brier"),
            ", and by risk-coverage curves",
            cite("risk_coverage"),
            ".",
        ]
    return tuple(parts)


def tests_text(dataset: Mapping[str, Any], at: str) -> Inline:
    """Say which tests compared the models, at which level, and what corrected the p-values."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for place, family in enumerate(dataset["comparisons"]):
        kind = tuple(family[key] for key in ("method", "folds", "pairs", "level", "corrected"))
        alike.setdefault(kind, []).append(place)
    parts: list[Part] = []
    for places in alike.values():
        here, family = f"{at}.comparisons.{places[0]}", dataset["comparisons"][places[0]]
        parts += [
            "By ",
            *separated([(Value(f"{at}.comparisons.{place}.metric_name"),) for place in places]),
            ", models over the same ",
            Value(f"{here}.folds", "count"),
            " folds were compared in ",
            Value(f"{here}.pairs", "count"),
            " pair" if family["pairs"] == 1 else " pairs",
            " with ",
            Value(f"{here}.method_name"),
            cite(family["method"]),
            ", two-sided at the level ",
            Value(f"{here}.level", "plain"),
        ]
        if family["corrected"]:
            parts += [
                ", p-values corrected by Holm's procedure",
                " within each score" if len(places) > 1 else "",
                cite("holm"),
            ]
        parts.append(". ")
    ropes = [i for i, family in enumerate(dataset["comparisons"]) if family["rope"] is not None]
    if ropes:
        parts += [
            "How likely a model is better, worse, or different by no more than ",
            Value(f"{at}.comparisons.{ropes[0]}.rope", "plain"),
            ", is told by the Bayesian correlated t-test",
            cite("bayesian_correlated_t"),
            ". ",
        ]
    parts.append("Intervals of differences are not corrected for the number of comparisons.")
    return tuple(parts)
