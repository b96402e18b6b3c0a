"""Writing a report into its folder: facts, figures, LaTeX, references, the page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.files import write_bytes, write_json
from roomtone.reports.document.blocks import Document
from roomtone.reports.document.latex import render_latex
from roomtone.reports.document.page import render_page
from roomtone.reports.document.rendering import Looks
from roomtone.reports.style import DARK, LIGHT, Theme, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Drawing = Callable[[Theme], "Figure | None"]
FACTS, PAGE, LATEX, REFERENCES = "report.json", "report.html", "report.tex", "references.bib"


def write_document(
    document: Document, drawings: Mapping[str, Drawing], output: Path, *, kind: str
) -> list[Path]:
    """Write ``report.json``, the figures, ``report.tex``, ``references.bib`` and ``report.html``.

    Parameters
    ----------
    document : Document
        The report.
    drawings : mapping of str to callable
        Draws each figure, by its name.
    output : Path
        The folder.
    kind : str
        What sort of report it is.

    Returns
    -------
    list of Path
        The files written, the page last.

    Raises
    ------
    RoomtoneError
        If the folder cannot be written to, or matplotlib is not installed.
    """
    files: dict[str, bytes] = {}
    looks: dict[str, Looks] = {}
    for name, draw in drawings.items():
        encoded = render(draw, LIGHT, "png pdf svg")
        if not encoded:
            continue
        png, pdf, light = encoded
        files |= {f"figures/{name}.png": png, f"figures/{name}.pdf": pdf}
        looks[name] = Looks(light, render(draw, DARK, "svg")[0])
    for name, content in files.items():
        write_bytes(output / name, content)
    page = output / PAGE
    written = [*(output / name for name in files), *write_texts(document, looks, output)]
    write_bytes(page, render_page(document, looks, kind=kind).encode("utf-8"))
    return [*written, page]


def write_texts(document: Document, figures: Collection[str], output: Path) -> list[Path]:
    """Write ``report.json``, ``report.tex`` and ``references.bib``, and return their paths.

    Parameters
    ----------
    document : Document
        The report.
    figures : collection of str
        The names of the figures that there are.
    output : Path
        The folder.
    """
    write_json(output / FACTS, document.facts)
    works = "\n".join(work["bibtex"] for work in document.facts["references"])
    for name, content in ((LATEX, render_latex(document, figures)), (REFERENCES, works)):
        write_bytes(output / name, content.encode("utf-8"))
    return [output / FACTS, output / LATEX, output / REFERENCES]
