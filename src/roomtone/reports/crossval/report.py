"""The report of one or several cross-validations: facts, figures, the page, LaTeX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from typing import Any

from roomtone.errors import DataError
from roomtone.reports.comparison import draw_differences, draw_scores
from roomtone.reports.critical_difference import draw_critical_difference
from roomtone.reports.crossval.across import across_facts
from roomtone.reports.crossval.background import methods_section, plan_section, record_section
from roomtone.reports.crossval.chapter import Chapter
from roomtone.reports.crossval.checklist import checklist
from roomtone.reports.crossval.curves import training_section
from roomtone.reports.crossval.details import (
    abstention_section,
    calibration_section,
    classes_section,
)
from roomtone.reports.crossval.differences import comparisons_section
from roomtone.reports.crossval.facts import dataset_facts
from roomtone.reports.crossval.ranks import FIGURE as RANKS
from roomtone.reports.crossval.ranks import ranks_section
from roomtone.reports.crossval.reading import read_folder
from roomtone.reports.crossval.scores import scores_section, state_section
from roomtone.reports.crossval.sizes import sizes_section
from roomtone.reports.crossval.studies import read_study
from roomtone.reports.crossval.study_chapter import StudyChapter
from roomtone.reports.curve_bands import draw_curve_bands
from roomtone.reports.document.blocks import Cite, Document, Inline, Section, Value
from roomtone.reports.document.writing import Drawing, write_document
from roomtone.reports.heatmap import draw_confusion
from roomtone.reports.reliability import draw_bins
from roomtone.reports.risk_coverages import draw_risk_coverages
from roomtone.reports.sources import works
from roomtone.stats import ReliabilityBins
from roomtone.training.manifest import versions


def write_crossval_report(
    folders: Sequence[Path], output: Path, *, studies: Sequence[Path] = ()
) -> list[Path]:
    """Write the report of one or several cross-validations.

    The same folders give the same bytes, whenever it is written.

    Parameters
    ----------
    folders : sequence of Path
        Folders of cross-validations; several are of data sets that share no rows.
    output : Path
        The folder of the report.
    studies : sequence of Path
        Folders of studies that the report is to show, too.

    Returns
    -------
    list of Path
        The files written, the page last.

    Raises
    ------
    RoomtoneError
        If a folder holds nothing that can be reported, a file is damaged, the same data was
        given twice, the folder cannot be written to, or matplotlib is not installed.
    """
    if not folders:
        raise DataError("no cross-validation was given")
    datasets = [_dataset(path) for path in folders]
    chapters = [
        Chapter(facts, f"datasets.{place}", f"data{place + 1}_" if len(datasets) > 1 else "")
        for place, facts in enumerate(datasets)
    ]
    told = [read_study(path) for path in studies]
    facts: dict[str, Any] = {
        "kind": "cross-validation",
        "roomtone": versions()["roomtone"],
        "datasets": datasets,
        "across": across_facts(datasets),
        "studies": [study.facts for study in told],
    }
    sections = tuple(section for section in _sections(facts, chapters, told) if section)
    facts["references"] = works({key for cited in _cited(sections) for key in cited.keys})
    document = Document(_title(datasets), _subtitle(datasets), sections, facts)
    drawings = dict(_drawings(facts, chapters, told))
    return write_document(document, drawings, output, kind="Cross-validation report")


def _dataset(path: Path) -> dict[str, Any]:
    facts = dataset_facts(read_folder(path))
    facts["best"] = _best(facts)
    facts["checklist"] = checklist(facts)
    return facts


def _best(facts: dict[str, Any]) -> dict[str, Any]:
    """Find the model with the highest mean, and from how many others it was told apart."""
    models = facts["models"]
    place = max(
        range(len(models)), key=lambda i: models[i]["scores"]["f1_macro"]["mean"] or float("-inf")
    )
    name = models[place]["name"]
    rows = [
        row
        for family in facts["comparisons"]
        if family["metric"] == "f1_macro"
        for row in family["rows"]
        if name in (row["model"], row["reference"])
    ]
    apart = [
        row for row in rows if row["outcome"] == ("better" if row["model"] == name else "worse")
    ]
    return {"place": place, "name": name, "compared": len(rows), "apart": len(apart)}


def _title(datasets: Sequence[dict[str, Any]]) -> Inline:
    if len(datasets) == 1:
        return ("Cross-validation of ", Value("datasets.0.name"))
    return ("Cross-validations of ", Value("across.dataset_count", "count"), " data sets")


def _subtitle(datasets: Sequence[dict[str, Any]]) -> Inline:
    if len(datasets) > 1:
        return ("roomtone ", Value("roomtone"))
    return (
        Value("datasets.0.plan.rows", "count"),
        " texts · ",
        Value("datasets.0.plan.class_count", "count"),
        " classes · ",
        Value("datasets.0.plan.model_count", "count"),
        " models · roomtone ",
        Value("roomtone"),
    )


def _sections(
    facts: dict[str, Any], chapters: Sequence[Chapter], studies: Sequence[StudyChapter]
) -> Iterator[Section | None]:
    yield ranks_section(facts["across"])
    for chapter in chapters:
        yield state_section(chapter)
        yield scores_section(chapter)
        yield comparisons_section(chapter)
        yield sizes_section(chapter)
        yield classes_section(chapter)
        yield calibration_section(chapter)
        yield abstention_section(chapter)
        yield training_section(chapter)
    for place, study in enumerate(studies):
        yield study.section(f"studies.{place}", f"study{place + 1}")
    for chapter in chapters:
        yield methods_section(chapter)
        yield record_section(chapter)
        yield plan_section(chapter)


def _drawings(
    facts: dict[str, Any], chapters: Sequence[Chapter], studies: Sequence[StudyChapter]
) -> Iterator[tuple[str, Drawing]]:
    if facts["across"] is not None:
        yield RANKS, partial(draw_critical_difference, facts["across"])
    for chapter in chapters:
        yield from _drawings_of(chapter)
    for place, study in enumerate(studies):
        for name, draw in study.drawings.items():
            yield f"study{place + 1}_{name}", draw


def _drawings_of(chapter: Chapter) -> Iterator[tuple[str, Drawing]]:
    models = chapter.models
    names = [entry["name"] for entry in chapter.facts["plan"]["classes"]]
    yield chapter.key("scores"), partial(draw_scores, models, "f1_macro")
    for place, family in enumerate(chapter.facts["comparisons"]):
        yield chapter.key(f"differences_{place + 1}"), partial(draw_differences, family)
    for place, model in enumerate(models):
        yield (
            chapter.figure_of("confusion", place),
            partial(draw_confusion, model["confusion"], names),
        )
        if model["reliability"]:
            yield (
                chapter.figure_of("reliability", place),
                partial(draw_bins, _bins(model["reliability"])),
            )
        if model["curves"]:
            yield (
                chapter.figure_of("training_curves", place),
                partial(draw_curve_bands, model["curves"]["series"]),
            )
    yield chapter.key("risk_coverage"), partial(draw_risk_coverages, models)


def _bins(facts: dict[str, Any]) -> ReliabilityBins:
    def numbers(values: Sequence[float | None]) -> tuple[float, ...]:
        return tuple(float("nan") if value is None else value for value in values)

    return ReliabilityBins(
        tuple(facts["edges"]),
        numbers(facts["confidence"]),
        numbers(facts["accuracy"]),
        tuple(facts["count"]),
    )


def _cited(part: Any) -> Iterator[Cite]:
    """Find all citations in sections, in their order."""
    if isinstance(part, Cite):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from _cited(inner)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _cited(getattr(part, field.name))
