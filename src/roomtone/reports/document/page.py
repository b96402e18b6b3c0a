"""A report as one HTML page; each value carries its place in report.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from roomtone.reports.document.blocks import (
    Block,
    Cite,
    Document,
    Figure,
    Figures,
    Inline,
    Items,
    Paragraph,
    Section,
    Table,
    Value,
    resolve,
    written,
)
from roomtone.reports.html import fill_page
from roomtone.reports.markup import Html, facts_value, join, picture, section, table, tag, text

_NARROW = 0.11  # share of a line on paper up to which a column needs no least width


class Looks(NamedTuple):
    """A figure as SVG, on light and on dark."""

    light: bytes
    dark: bytes


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
    page = _Page(document, figures)
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


class _Page:
    def __init__(self, document: Document, figures: Mapping[str, Looks]) -> None:
        self.facts, self.figures = document.facts, figures
        self.places = {work["key"]: place for place, work in enumerate(self.facts["references"])}

    def plain(self, parts: Inline) -> str:
        return "".join(
            written(self.facts, part) if isinstance(part, Value) else str(part)
            for part in parts
            if not isinstance(part, Cite)
        )

    def inline(self, parts: Inline) -> Html:
        return join((self._part(part) for part in parts), "")

    def _part(self, part: str | Value | Cite) -> Html:
        if isinstance(part, Cite):
            links = [
                tag(
                    "a",
                    self._part(Value(f"references.{self.places[key]}.short")),
                    href=f"#ref-{key}",
                )
                for key in part.keys
            ]
            return Html(f" ({join(links, '; ')})")
        if isinstance(part, Value):
            value = resolve(self.facts, part.path)
            exact = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            return facts_value(written(self.facts, part), exact, part.path, part.form)
        return text(part)

    def references(self) -> Html:
        items = (
            tag("li", self._part(Value(f"references.{place}.text")), id=f"ref-{key}")
            for key, place in self.places.items()
        )
        return tag("ol", join(items), class_="references")

    def section(self, part: Section) -> Html:
        return section(part.key, self.inline(part.title), *(self._block(b) for b in part.blocks))

    def _block(self, block: Block) -> Html:
        if isinstance(block, Paragraph):
            kinds = {"note": "facts", "warning": "warnings"}
            classes = {"class_": kinds[block.kind]} if block.kind in kinds else {}
            return tag("p", self.inline(block.parts), **classes)
        if isinstance(block, Items):
            items = join(tag("li", self.inline(item)) for item in block.items)
            return tag("ul", items, **({"class_": "warnings"} if block.kind == "warning" else {}))
        if isinstance(block, Table):
            return self._table(block)
        if isinstance(block, Figures):
            drawn = [self._figure(figure) for figure in block.figures]
            return tag("div", join(part for part in drawn if part), class_="pair")
        return self._figure(block)

    def _table(self, block: Table) -> Html:
        return table(
            self.inline(block.caption),
            [self.inline(column) for column in block.columns],
            [self._cells(row, block.wrapped) for row in block.rows],
            words=(*block.words, *block.wrapped),
        )

    def _cells(self, row: Iterable[Inline], wrapped: Mapping[int, float]) -> list[Html]:
        return [
            tag(
                "div", self.inline(cell), class_="long name" if wrapped[place] > _NARROW else "long"
            )
            if place in wrapped
            else self.inline(cell)
            for place, cell in enumerate(row)
        ]

    def _figure(self, figure: Figure) -> Html:
        if figure.name not in self.figures:
            return Html("")
        looks = self.figures[figure.name]
        return picture(*looks, figure.alternative, self.inline(figure.caption))
