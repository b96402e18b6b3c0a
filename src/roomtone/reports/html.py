"""The report: one HTML file that needs nothing else, for a screen, a phone or paper."""

from __future__ import annotations

from functools import partial

from roomtone.reports import background, results
from roomtone.reports.data_section import data_section
from roomtone.reports.document.rendering import Renderer
from roomtone.reports.figures import FIGURES
from roomtone.reports.markup import Html, join, section
from roomtone.reports.pages import figure, fill_page
from roomtone.reports.run_document import checklist, run_document
from roomtone.reports.run_facts import run_facts
from roomtone.reports.run_folder import RunResult

_CONTENTS = (
    ("results", "Results"),
    ("classes", "Classes"),
    ("confusion", "Confusion"),
    ("training", "Training"),
    ("calibration", "Calibration"),
    ("data", "Data"),
    ("errors", "Errors"),
    ("settings", "Configuration"),
    ("manifest", "Environment"),
    ("reproduce", "Reproduce"),
    ("methods", "Cite"),
    ("checklist", "Checklist"),
    ("references", "References"),
)


def render_report(run: RunResult) -> str:
    """Render the report of a run as one HTML page.

    Nothing is loaded from outside, and everything that comes from the run's files is escaped.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    name = run.path.resolve().name
    version = run.manifest.get("roomtone", "")
    return fill_page(
        "Training report",
        name,
        facts=_facts(run),
        contents=_CONTENTS,
        sections=_sections(run),
        footer=f"Written by roomtone {version} from the files of this run.",
    )


def _facts(run: RunResult) -> str:
    evaluation = run.evaluation
    split = results.SPLITS.get(evaluation.split, evaluation.split)
    parts = [
        f"{split.capitalize()} split: {evaluation.file}".rstrip(": "),
        f"{evaluation.metrics.n:,} texts",
        f"{len(run.class_names)} classes",
        run.history.metadata.saved_at.replace("T", " "),
    ]
    return " · ".join(part for part in parts if part)


def _sections(run: RunResult) -> Html:
    return join(
        [
            results.warnings_section(run),
            results.headline_section(run),
            results.classes_section(run),
            results.confusion_section(run, _confusion_figure(run)),
            background.training_section(run, _curves_figure(run)),
            results.calibration_section(run, _reliability_figure(run)),
            data_section(run, _lengths_figure(run)),
            results.errors_section(run),
            background.settings_section(run),
            background.manifest_section(run),
            background.reproduction_section(run),
            background.methods_section(run),
            *_record(run),
        ]
    )


def _record(run: RunResult) -> list[Html]:
    """Show the checklist, and the works that it and the LaTeX cite."""
    document = run_document(run_facts(run))
    renderer = Renderer(document.facts, {})
    return [
        renderer.section(checklist(document.facts)),
        section("references", "References", renderer.references()),
    ]


def _confusion_figure(run: RunResult) -> Html:
    counts = zip(run.class_names, run.evaluation.metrics.confusion, strict=True)
    right = [f"{name} {row[code]:,} of {sum(row):,}" for code, (name, row) in enumerate(counts)]
    return _figure(
        run,
        "confusion_matrix",
        f"Confusion matrix. Right predictions: {'; '.join(right)}.",
        "Counts of texts and their share of the true class; the darker or stronger the colour, "
        "the higher the share.",
    )


def _curves_figure(run: RunResult) -> Html:
    return _figure(
        run,
        "training_curves",
        f"Loss and macro-F1 of training and validation for each epoch. "
        f"{background.training_summary(run)}",
        "Loss and macro-F1 after each epoch; the ring marks the epoch whose model was kept.",
    )


def _reliability_figure(run: RunResult) -> Html:
    error = run.evaluation.metrics.ece
    value = "" if error is None else f" The expected calibration error is {error:.3f}."
    return _figure(
        run,
        "reliability_diagram",
        f"Reliability diagram: accuracy against confidence in 15 bins.{value}",
        "A calibrated model’s bars end at their mean confidence. Whiskers are exact 95 % binomial "
        "intervals; the lower panel counts the texts of each bin.",
    )


def _lengths_figure(run: RunResult) -> Html:
    return _figure(
        run,
        "length_histogram",
        "Histogram of text lengths in tokens for each split; the table below gives percentiles.",
        "Lengths in tokens, and where longer texts are cut.",
    )


def _figure(run: RunResult, name: str, alternative: str, caption: str) -> Html:
    return figure(partial(FIGURES[name], run), alternative, caption)
