"""The methods paragraph of a cross-validation, written from its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roomtone.reports.crossval.measures import scores_text, tests_text
from roomtone.reports.document.blocks import Inline, Paragraph, Part, Value, separated
from roomtone.reports.sources import cite

_PHRASES = {
    "tfidf": ("over TF-IDF features", "all over TF-IDF features"),
    "hybrid": (
        "a hybrid network of convolutions, a bidirectional LSTM and self-attention",
        "hybrid networks of convolutions, a bidirectional LSTM and self-attention",
    ),
    "ensemble": ("a vote of the others whose weights were fitted on held-out rows", "votes"),
    "stacking": ("a logistic model over the others' probabilities", "logistic models"),
    "engine": ("a saved engine, fitted anew", "saved engines, fitted anew"),
    "unknown": ("a model given by its own program", "models given by their own programs"),
}
"""What a model of each kind is, and several of it."""
_BASELINES = {
    "logreg": "logistic regression",
    "svm": "a linear support vector machine",
    "tfidf": "naive Bayes",
}
_SOURCES = {"tfidf": "tfidf", "hybrid": "hybrid"}


def methods_paragraphs(dataset: Mapping[str, Any], at: str) -> list[Paragraph]:
    """Say what was done: data, splits, seeds, scores, tests and corrections.

    Parameters
    ----------
    dataset : mapping
        The facts of one cross-validation.
    at : str
        Their place in ``report.json``.
    """
    return [
        Paragraph((*_data(dataset, at), *_folds(dataset, at))),
        Paragraph(_models(dataset, at)),
        Paragraph(scores_text(dataset, at)),
        *([Paragraph(tests_text(dataset, at))] if dataset["comparisons"] else []),
        Paragraph(_software(dataset, at)),
    ]


def _data(dataset: Mapping[str, Any], at: str) -> Inline:
    plan = dataset["plan"]
    files = [
        (
            Value(f"{at}.plan.files.{place}.file"),
            " (",
            Value(f"{at}.plan.files.{place}.rows", "count"),
            " rows",
            *(
                (", SHA-256 ", Value(f"{at}.plan.files.{place}.sha256", "hash"))
                if file["sha256"]
                else (", of unknown hash",)
            ),
            ")",
        )
        for place, file in enumerate(plan["files"])
    ]
    classes = [
        (
            Value(f"{at}.plan.classes.{place}.name"),
            " (",
            Value(f"{at}.plan.classes.{place}.rows", "count"),
            ")",
        )
        for place in range(len(plan["classes"]))
    ]
    return (
        "The data are the ",
        Value(f"{at}.plan.rows", "count"),
        " labelled texts of ",
        *separated(files),
        ", in ",
        Value(f"{at}.plan.class_count", "count"),
        " classes: ",
        *separated(classes),
        ". ",
    )


def _folds(dataset: Mapping[str, Any], at: str) -> Inline:
    plan = dataset["plan"]
    counts = [
        (Value(f"{at}.plan.fold_counts.{i}", "count"),) for i in range(len(plan["fold_counts"]))
    ]
    column = Value(f"{at}.plan.column")
    scheme: dict[str, Inline] = {
        "stratified": (" folds stratified by class",),
        "grouped": (
            " folds that keep rows of equal ",
            column,
            " together, stratified by class",
        ),
        "time": (" blocks of time by ", column, ", each tested by models of all earlier rows"),
    }
    parts: list[Part] = [
        "They were dealt into ",
        *separated(counts, last=" or "),
        *scheme[plan["scheme"]],
    ]
    if plan["repeats"] > 1:
        parts += [", anew in each of ", Value(f"{at}.plan.repeats", "count"), " repeats"]
    if plan["scheme"] != "time":
        parts += [" with the seed ", Value(f"{at}.plan.first_seed")]
    parts += [cite("cross_validation"), ". "]
    if len(counts) > 1:
        each = [
            (
                Value(f"{at}.plan.models.{i}.name"),
                " ",
                Value(f"{at}.plan.models.{i}.folds", "count"),
            )
            for i in range(len(plan["models"]))
        ]
        parts += ["Folds of each model: ", *separated(each), ". "]
    return tuple(parts)


def _models(dataset: Mapping[str, Any], at: str) -> Inline:
    plan = dataset["plan"]
    kinds: dict[str, list[int]] = {}
    for place, model in enumerate(plan["models"]):
        kinds.setdefault(model["kind"], []).append(place)
    named: list[Inline] = []
    for kind, places in kinds.items():
        one, several = _PHRASES.get(kind, _PHRASES["unknown"])
        source = _SOURCES.get(kind)
        named.append(
            (
                *separated([_model(plan, at, place) for place in places]),
                f", {one if len(places) == 1 else several}",
                *((cite(source),) if source else ()),
            )
        )
    parts: list[Part] = ["The models are: ", *separated(named, separator="; ", last="; "), ". "]
    known = [model for model in plan["models"] if model["kind"] != "unknown"]
    if known:
        parts.append(
            "In every fold, vocabulary, features, weights and class weights were learnt from the "
            "training part of that fold alone"
        )
        if plan["validation_share"]:
            parts += [
                "; of this part ",
                Value(f"{at}.plan.validation_share", "level"),
                " was held out from fitting, to choose when to stop, to calibrate probabilities "
                "and to weigh the members of combinations",
            ]
        parts.append(". ")
    seeds = [(Value(f"{at}.plan.seeds.{i}"),) for i in range(plan["seed_count"])]
    if plan["seed_count"] > 1:
        parts += ["Each model was fitted with the seeds ", *separated(seeds), " in every fold."]
    else:
        parts += ["Each model was fitted once in every fold, with the seed ", *seeds[0], "."]
    return tuple(parts)


def _model(plan: Mapping[str, Any], at: str, place: int) -> Inline:
    model = plan["models"][place]
    known = _BASELINES.get(model["name"]) if model["kind"] == "tfidf" else None
    return (Value(f"{at}.plan.models.{place}.name"), f" ({known})" if known else "")


def _software(dataset: Mapping[str, Any], at: str) -> Inline:
    named = [
        (
            Value(f"{at}.plan.versions.{place}.name"),
            " ",
            Value(f"{at}.plan.versions.{place}.version"),
        )
        for place in range(len(dataset["plan"]["versions"]))
    ]
    if not named:
        return ("Versions of the software were not recorded.",)
    return (
        "Software: ",
        *separated(named),
        "; digest of the plan: ",
        Value(f"{at}.plan.digest", "hash"),
    )
