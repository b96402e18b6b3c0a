"""The parts of a report as HTML; each value carries its place in report.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from roomtone.reports.document.blocks import (
    Block,
    Cite,
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
from roomtone.reports.markup import Html, join, picture, section, table, tag, text, traced

_NARROW = 0.11  # share of a line on paper up to which a column needs no least width


class Looks(NamedTuple):
    """A figure as SVG, on light and on dark."""

    light: bytes
    dark: bytes


class Renderer:
    """Writes the parts of a report.

    Parameters
    ----------
    facts : mapping
        What all values are taken from.
    figures : mapping of str to Looks
        By name; one that is absent is left out.
    """

    def __init__(self, facts: Mapping[str, Any], figures: Mapping[str, Looks]) -> None:
        self.facts, self.figures = facts, figures
        self.places = {work["key"]: place for place, work in enumerate(self.facts["references"])}

    def plain(self, parts: Inline) -> str:
        """Write running text without markup."""
        return "".join(
            written(self.facts, part) if isinstance(part, Value) else str(part)
            for part in parts
            if not isinstance(part, Cite)
        )

    def inline(self, parts: Inline) -> Html:
        """Write running text."""
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
            return traced(resolve(self.facts, part.path), part.path, part.form)
        return text(part)

    def references(self) -> Html:
        """List the works that are cited."""
        items = (
            tag("li", self._part(Value(f"references.{place}.text")), id=f"ref-{key}")
            for key, place in self.places.items()
        )
        return tag("ol", join(items), class_="references")

    def section(self, part: Section) -> Html:
        """Write a section."""
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
