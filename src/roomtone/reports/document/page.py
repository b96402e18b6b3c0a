"""A report as one HTML page."""

from __future__ import annotations

from collections.abc import Mapping

from roomtone.reports.document.blocks import Document
from roomtone.reports.document.rendering import Looks, Renderer
from roomtone.reports.markup import join, section
from roomtone.reports.pages import fill_page


def render_page(document: Document, figures: Mapping[str, Looks], *, kind: str) -> str:
    """Write a report as one HTML page that loads nothing from outside.

    Parameters
    ----------
    document : Document
        The report.
    figures : mapping of str to Looks
        By name; one that is absent is left out.
    kind : str
        What sort of page it is.
    """
    page = Renderer(document.facts, figures)
    sections = [page.section(part) for part in document.sections]
    contents = [(part.key, page.plain(part.title)) for part in document.sections]
    if page.places:
        sections.append(section("references", "References", page.references()))
        contents.append(("references", "References"))
    return fill_page(
        kind,
        page.plain(document.title),
        heading=page.inline(document.title),
        facts=page.inline(document.subtitle),
        contents=contents,
        sections=join(sections),
        footer="Every number on this page stands in report.json beside it; pointing at a number "
        "shows its place there.",
    )
