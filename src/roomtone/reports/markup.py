"""Small pieces of HTML; everything that comes from a run is escaped here."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from roomtone.reports.document.forms import FORMS

_MOST_ROWS_TOGETHER = 16  # on paper, a longer table may go on on the next page
# Signs that HTML forbids even when escaped.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Html(str):
    """Text that is HTML already; every other string is escaped before it enters a page."""

    __slots__ = ()


def text(value: object) -> Html:
    """Escape a value, unless it is :class:`Html` already; forbidden signs become U+FFFD."""
    if isinstance(value, Html):
        return value
    return Html(escape(_FORBIDDEN.sub("\ufffd", str(value))))


def foreign(value: str) -> Html:
    """Escape what a stranger wrote; its writing direction cannot disturb the line around it."""
    return Html(f'<bdi dir="auto">{text(value)}</bdi>')


def traced(value: Any, path: str, form: str) -> Html:
    """Show a value that stands in ``report.json``, written in one of the forms of a report."""
    exact = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return facts_value(FORMS[form](value), exact, path, form)


def facts_value(shown: str, exact: str, path: str, form: str) -> Html:
    """Show a value that stands in ``report.json``, with its place there."""
    return tag(
        "data",
        shown,
        value=exact,
        data_path=path,
        data_form=form,
        title=f"report.json: {path}",
    )


def join(parts: Iterable[object], separator: str = "\n") -> Html:
    """Join parts, escaping those that are not HTML."""
    return Html(separator.join(text(part) for part in parts))


def tag(name: str, content: object, **attributes: str) -> Html:
    """Wrap content in an element; ``class_`` stands for the attribute ``class``."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{written}>{text(content)}</{name}>")


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    words: Sequence[int] = (0,),
    footer: Iterable[Sequence[object]] = (),
) -> Html:
    """Build a table whose first column heads its rows.

    Parameters
    ----------
    caption : str
        What the table shows.
    columns : sequence of str
        Column headings.
    rows, footer : iterable of sequences
        Cells; the footer's rows are set apart at the end.
    words : sequence of int
        Columns that hold words and are set flush left; the others hold figures.
    """
    head = join(
        tag("th", name, scope="col", class_="word" if place in words else "figure")
        for place, name in enumerate(columns)
    )
    body = [_row(row, words) for row in rows]
    parts = [
        tag("caption", caption),
        tag("thead", tag("tr", head)),
        tag("tbody", join(body)),
    ]
    if end := [_row(row, words) for row in footer]:
        parts.append(tag("tfoot", join(end)))
    kind = "scroll tall" if len(body) > _MOST_ROWS_TOGETHER else "scroll"
    # A wide table scrolls by itself, with the keyboard too, and not the whole page.
    return tag("div", tag("table", join(parts)), class_=kind, tabindex="0")


def _row(cells: Sequence[object], words: Sequence[int]) -> Html:
    written = []
    for place, cell in enumerate(cells):
        kind = "word" if place in words else "figure"
        if place == 0:
            written.append(tag("th", cell, scope="row", class_=kind))
        else:
            written.append(tag("td", cell, class_=kind))
    return tag("tr", join(written, ""))


def facts(values: Mapping[str, object], caption: str) -> Html:
    """Build a table of names and values; nested values get dotted names."""
    rows = [(name, tag("span", value, class_="long")) for name, value in _flatten(values)]
    return table(caption, ("Item", "Value"), rows, words=(0, 1))


def _flatten(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            rows += _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, (list, tuple)):
            rows.append((f"{prefix}{key}", ", ".join(map(str, value))))
        else:
            rows.append((f"{prefix}{key}", "none" if value is None else value))
    return rows


def picture(light: bytes, dark: bytes, alternative: str, caption: str) -> Html:
    """Embed one figure, as SVG in two looks, of which the page shows the one that fits."""
    images = [
        Html(
            f'<img class="{look}" alt="{text(alternative)}" '
            f'src="data:image/svg+xml;base64,{base64.b64encode(_shrunk(content)).decode("ascii")}">'
        )
        for look, content in (("light", light), ("dark", dark))
    ]
    return tag("figure", join([*images, tag("figcaption", caption)]))


def _shrunk(svg: bytes) -> bytes:
    """Drop the document type, which names an outside address, and the metadata."""
    return re.sub(rb"<!DOCTYPE[^>]*>\s*|<metadata>.*?</metadata>\s*", b"", svg, flags=re.DOTALL)


def section(identifier: str, heading: str, *content: object) -> Html:
    """Build a section of the page with its heading."""
    parts = [tag("h2", heading, id=identifier), *content]
    return tag("section", join(part for part in parts if part), aria_labelledby=identifier)
