"""Re-deriving every number of a page and of its LaTeX from ``report.json``."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from latex_reader import FACT, body_of

from roomtone.reports.document.blocks import resolve
from roomtone.reports.document.forms import FORMS
from roomtone.reports.document.latex_text import breakable, latex_text

STATIC = re.compile(r"\bF1\b|\bSHA-256\b")
"""The names with a digit that a report may write by itself."""


class Page(HTMLParser):
    """The values of a page with their places, and all other text that a reader sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: list[tuple[str, str, str]] = []
        self.plain: list[str] = []
        self.titles: list[str] = []
        self._stack: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag not in ("meta", "img", "br", "link"):
            self._stack.append((tag, known))
        if tag == "data":
            assert known["title"] == f"report.json: {known['data-path']}"
            self.values.append((str(known["data-path"]), str(known["data-form"]), ""))
        for name in ("alt", "aria-label"):
            if known.get(name):
                self.plain.append(str(known[name]))

    def handle_endtag(self, tag: str) -> None:
        assert self._stack, f"</{tag}> without a beginning"
        assert self._stack.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        inside = [tag for tag, _ in self._stack]
        if "style" in inside or "title" in inside or "nav" in inside:
            return  # titles and the list of sections repeat headings
        if "data" in inside:
            path, form, shown = self.values[-1]
            self.values[-1] = (path, form, shown + data)
        else:
            self.plain.append(data)


def check_page(page: str, facts: Any) -> int:
    """Compare every value with the facts, and find no number beside them; return how many."""
    parsed = Page(page)
    for path, form, shown in parsed.values:
        assert shown == FORMS[form](resolve(facts, path)), (path, form, shown)
    for text in parsed.plain:
        assert not re.search(r"\d", STATIC.sub("", text)), text
    return len(parsed.values)


def check_latex(source: str, facts: Any) -> int:
    """The same for LaTeX."""
    body = body_of(source)
    found = FACT.findall(body) + FACT.findall(source.partition("\\begin{document}")[0])
    for path, form, shown in found:
        expected = latex_text(FORMS[form](resolve(facts, path)))
        assert shown in (expected, breakable(expected)), (path, form, shown)
    rest = FACT.sub("", body)
    rest = re.sub(
        r"\\(label|cite|includegraphics|begin|end)(\[[^\]]*\])?\{[^}]*\}(\{@.*\}$)?(\[t\]\{[^}]*\})?",
        "",
        rest,
        flags=re.M,
    )
    assert not re.search(r"\d", STATIC.sub("", rest)), re.search(
        r".{40}\d.{20}", STATIC.sub("", rest)
    )
    return len(found)
