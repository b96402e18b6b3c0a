"""An audit of labelled files, from the first byte to the last finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from roomtone.data.audit import balance, characters, languages
from roomtone.data.audit.imbalance import STRONG, find_imbalances
from roomtone.data.audit.near import ALIKE, NEAR, SHORTEST
from roomtone.data.audit.reading import AuditedRows, open_sources, read_audited
from roomtone.data.audit.repeats import Repeats, find_repeats, overlaps, repeat_findings
from roomtone.data.audit.result import Audit, Finding, in_order
from roomtone.data.audit.templates import FEWEST, find_templates
from roomtone.errors import DataError
from roomtone.experiments import label_errors

Progress = Callable[[str, float], object]
"""Gets what is being done, and which share of the whole has been."""

# What shares of the time the steps take, with all packages there.
_BEGINS = {
    "reading": 0.0,
    "duplicates": 0.05,
    "characters": 0.15,
    "languages": 0.2,
    "lengths": 0.3,
    "labels": 0.4,
    "writing": 0.95,
}
_INSTALL = "pip install 'roomtone[audit]'"


@dataclass(frozen=True)
class AuditOptions:
    """Choices for an audit.

    Attributes
    ----------
    text_column, label_column : str
        Names of the columns.
    labels_check : bool
        Whether to look for label errors, which takes the longest.
    seed : int
        Decides the folds of that.
    """

    text_column: str = "text"
    label_column: str = "label"
    labels_check: bool = True
    seed: int = 42


def run_audit(
    paths: Sequence[Path],
    options: AuditOptions | None = None,
    *,
    progress: Progress = lambda _, __: None,
) -> Audit:
    """Look for faults in labelled files.

    Parameters
    ----------
    paths : sequence of Path
        Training rows first, the test rows last: of a text that stands in two files, the earlier
        one is to lose it.
    options : AuditOptions, optional
        Choices other than the defaults.
    progress : callable
        Is told how far it is.

    Raises
    ------
    DataError
        If a file cannot be read as a table of texts and labels.
    """
    options = options or AuditOptions()
    begin = _teller(progress)
    begin("reading")
    rows = read_audited(open_sources(paths, options.text_column, options.label_column))
    begin("duplicates")
    repeats = find_repeats(rows)
    findings = [*rows.problems, *repeat_findings(rows, repeats)]
    templates, in_templates = find_templates(rows, repeats)
    findings += in_templates
    skipped: list[str] = []
    begin("characters")
    findings += _character_faults(rows, skipped)
    begin("languages")
    counts = _languages(rows, findings, skipped)
    begin("lengths")
    findings += balance.long_texts(rows)
    findings += balance.unknown_texts(rows)
    begin("labels")
    suspects = _label_errors(rows, repeats, options, skipped, progress)
    noise = {}
    if suspects is not None:
        findings += _suspect_rows(rows, suspects)
        noise = {rows.class_names[code]: share for code, share in suspects.noise.items()}
    begin("writing")
    files = balance.describe_files(rows, repeats)
    return Audit(
        files=files,
        class_names=rows.class_names,
        findings=in_order(findings),
        overlaps=overlaps(rows, repeats),
        templates=templates,
        shifts=balance.find_shifts(rows),
        imbalances=tuple(find_imbalances(files, label_errors.FOLDS)),
        languages=counts,
        noise=noise,
        skipped=tuple(skipped),
        settings={
            "near_duplicate": NEAR,
            "alike": ALIKE,
            "shortest_compared": SHORTEST,
            "template_texts": FEWEST,
            "long_times_p99": balance.LONG,
            "language_probability": languages.SURE,
            "label_error_margin": label_errors.MARGIN,
            "label_error_folds": label_errors.FOLDS,
            "strong_majority": STRONG,
            "seed": options.seed,
        },
    )


def _teller(progress: Progress) -> Callable[[str], object]:
    return lambda step: progress(step, _BEGINS[step])


def _character_faults(rows: AuditedRows, skipped: list[str]) -> Iterator[Finding]:
    if not characters.can_decode():
        skipped.append(f"wrongly decoded letters: needs ftfy ({_INSTALL})")
    kinds = characters.detectors(rows.texts)
    for row, text in enumerate(rows.texts):
        for kind, evidence in characters.faults(text, kinds):
            yield rows.finding(kind, row, evidence)


def _languages(rows: AuditedRows, findings: list[Finding], skipped: list[str]) -> dict[str, int]:
    if not languages.can_judge():
        skipped.append(f"languages: needs py3langid ({_INSTALL})")
        return {}
    main, counts, foreign = languages.find_foreign(rows.texts)
    for row, language, probability in foreign:
        evidence = f"probably {language} ({probability:.0%}); most texts are {main}"
        findings.append(rows.finding("language", row, evidence, score=probability))
    return counts


def _label_errors(
    rows: AuditedRows,
    repeats: Repeats,
    options: AuditOptions,
    skipped: list[str],
    progress: Progress,
) -> label_errors.LabelErrors | None:
    if not options.labels_check:
        skipped.append("label errors: not asked for")
        return None
    if missing := label_errors.missing_packages():
        skipped.append(f"label errors: needs {' and '.join(missing)} ({_INSTALL})")
        return None
    begin, end = _BEGINS["labels"], _BEGINS["writing"]
    try:
        return label_errors.find_label_errors(
            rows.texts,
            rows.labels,
            repeats.groups,
            seed=options.seed,
            progress=lambda share: progress("labels", begin + share * (end - begin)),
        )
    except DataError as error:
        skipped.append(str(error))
        return None


def _suspect_rows(rows: AuditedRows, found: label_errors.LabelErrors) -> Iterator[Finding]:
    for row, code, margin, probability in zip(
        found.rows.tolist(),
        found.suggested.tolist(),
        found.margin.tolist(),
        found.probability.tolist(),
        strict=True,
    ):
        evidence = (
            f"{rows.class_names[code]} at {probability:.0%} by a model that did not see it; "
            f"{rows.label_of(row)} at {probability - margin:.0%}"
        )
        yield rows.finding("label_error", row, evidence, score=margin)
