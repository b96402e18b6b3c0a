"""Figures and reports of finished runs and of cross-validations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from roomtone.errors import DataError
from roomtone.files import write_bytes
from roomtone.reports.document.writing import PAGE, write_texts
from roomtone.reports.figures import write_figures
from roomtone.reports.html import render_report
from roomtone.reports.run_document import run_document
from roomtone.reports.run_facts import run_facts
from roomtone.reports.run_folder import RunResult, read_run

__all__ = ["RunResult", "read_run", "write_any_report", "write_report"]

_PLAN, _RESULT = "plan.json", "crossval.json"


def write_any_report(folders: Sequence[Path], output: Path | None = None) -> list[Path]:
    """Write the report of a run, or of cross-validations and studies, by what the folders hold.

    Parameters
    ----------
    folders : sequence of Path
        One run; or cross-validations, and studies beside them. Finished studies that lie in the
        folder of a cross-validation are found there.
    output : Path, optional
        The folder of the report. By default the run's own, or ``report/`` in that of the first
        cross-validation.

    Returns
    -------
    list of Path
        The files written, the page last.

    Raises
    ------
    RoomtoneError
        If the folders do not go together, nothing in one can be reported, or a file is damaged.
    """
    kinds = [_kind(path) for path in folders]
    if "run" in kinds:
        if len(folders) > 1:
            raise DataError(
                f"{folders[kinds.index('run')]}: the folder of a run is reported alone; compare "
                "models by a cross-validation"
            )
        return write_report(folders[0], output)
    named = {
        kind: [path for path, found in zip(folders, kinds, strict=True) if found == kind]
        for kind in ("crossval", "study")
    }
    if not named["crossval"]:
        raise DataError(f"{folders[0]}: a study is shown beside a cross-validation; name one, too")
    from roomtone.reports.crossval.report import write_crossval_report
    from roomtone.reports.crossval.studies import studies_in

    inside = [path for folder in named["crossval"] for path in studies_in(folder)]
    studies = {path.resolve(): path for path in (*inside, *named["study"])}
    place = named["crossval"][0] / "report" if output is None else output
    return write_crossval_report(named["crossval"], place, studies=list(studies.values()))


def _kind(path: Path) -> str:
    """Tell what a folder holds; what is none of the others is taken for a run."""
    if (path / _RESULT).is_file():
        return "crossval"
    try:
        plan = json.loads((path / _PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "run"
    return "study" if isinstance(plan, dict) and "kind" in plan else "crossval"


def write_report(run_dir: Path, output: Path | None = None) -> list[Path]:
    """Draw the figures and the report of a finished run.

    Parameters
    ----------
    run_dir : Path
        The run's folder.
    output : Path, optional
        The folder of the report, by default the run's own; ``figures/``, ``report.html``,
        ``report.tex``, ``references.bib`` and ``report.json`` in it are replaced.

    Returns
    -------
    list of Path
        The files written, the report last.

    Raises
    ------
    RoomtoneError
        If a file of the run is missing or damaged, the folder cannot be written to, or matplotlib
        is not installed.
    """
    result = read_run(run_dir)
    place = run_dir if output is None else output
    written = write_figures(result, place / "figures")
    document = run_document(run_facts(result))
    written += write_texts(document, {path.stem for path in written}, place)
    write_bytes(place / PAGE, render_report(result).encode("utf-8"))
    return [*written, place / PAGE]
