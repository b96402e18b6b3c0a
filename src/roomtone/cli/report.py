"""``roomtone report``: the report of a finished run, or of cross-validations."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "write the report of a run or of cross-validations: a page, LaTeX and figures"

_FEW = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "folders",
        type=Path,
        nargs="+",
        metavar="RUN|CROSSVAL",
        help="the folder of a run, which training printed as its output directory; or of a "
        "cross-validation, of several on data sets that share no rows, and of studies (ablate, "
        "learning-curve) to be shown beside them",
    )
    parser.add_argument(
        "--output_dir",
        type=Path,
        metavar="DIR",
        help="folder of the report (default: the run's own; of cross-validations report/ in the "
        "first one)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the files, print their paths, and return the exit status.

    Raises
    ------
    RoomtoneError
        If a folder holds nothing that can be reported, or a file in it is damaged.
    """
    from roomtone.reports import write_any_report

    written = write_any_report(args.folders, args.output_dir)
    figures = [path for path in written if path.suffix in (".png", ".pdf")]
    if figures:
        print(f"✅ {len(figures)} figures saved to: {figures[0].parent}")
    for path in figures if len(figures) <= _FEW else ():
        print(f"   {path.name}")
    for path in written:
        if path not in figures:
            print(f"✅ Report saved to: {path}")
        if path.suffix == ".tex":
            _warn_of_signs(path)
    return 0


def _warn_of_signs(path: Path) -> None:
    import sys

    from roomtone.reports.document.latex_text import lacking

    if signs := lacking(path.read_text(encoding="utf-8")):
        print(
            f"⚠️  {path}: pdfLaTeX cannot set {' '.join(signs)}, so that the file has code points "
            "such as [U+4F60] in their place; write names in Latin or Greek letters",
            file=sys.stderr,
        )
