"""Figures and the one-file report of a finished run."""

from __future__ import annotations

from pathlib import Path

from roomtone.files import write_bytes
from roomtone.reports.figures import write_figures
from roomtone.reports.html import render_report
from roomtone.reports.run_folder import RunResult, read_run

__all__ = ["RunResult", "read_run", "write_report"]


def write_report(run_dir: Path) -> list[Path]:
    """Draw the figures and the report of a finished run into its folder.

    Parameters
    ----------
    run_dir : Path
        The run's folder; ``figures/`` and ``report.html`` in it are replaced.

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
    written = write_figures(result, run_dir / "figures")
    report = run_dir / "report.html"
    write_bytes(report, render_report(result).encode("utf-8"))
    return [*written, report]
