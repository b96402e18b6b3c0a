"""The rows that the page of an audit shows: texts of one pattern, and examples of each finding."""

from __future__ import annotations

from roomtone.data.audit.kinds import KINDS
from roomtone.data.audit.result import Audit, Finding, Place
from roomtone.reports.markup import Html, foreign, section, table, tag

_EXAMPLES = 20
_SHOWN_TEXT = 280
_SHOWN_TEMPLATES = 30


def templates_section(audit: Audit) -> Html:
    """Show the largest groups of texts that were made of one pattern."""
    rows = [
        (
            tag("span", foreign(template.pattern), class_="comment"),
            f"{template.texts:,}",
            f"{template.rows:,}",
            ", ".join(f"{name} {count:,}" for name, count in template.labels.items()),
        )
        for template in audit.templates[:_SHOWN_TEMPLATES]
    ]
    more = len(audit.templates) - len(rows)
    note = f"The {len(rows)} largest of {len(audit.templates):,}" if more else "All that were found"
    columns = ("Shared words (0: any number, …: any words)", "Texts", "Rows", "Labels")
    return section("templates", "Templates", table(note, columns, rows, words=(0, 3)))


def examples_section(audit: Audit, kind: str, counts: list[int]) -> Html:
    """Show rows of one finding, the surest first; `counts` are those of each file."""
    about = KINDS[kind]
    found = _in_turn(audit, kind)[:_EXAMPLES]
    rows = [
        (
            tag("div", _place(audit, finding.place), class_="place"),
            tag("div", foreign(_cut(finding.text)), class_="comment"),
            finding.label,
            tag("div", foreign(finding.evidence), class_="comment"),
        )
        for finding in found
    ]
    total = sum(counts)
    note = f"{len(found)} of {total:,} rows; findings.csv has all" if total > len(found) else "All"
    columns = ("Row", "Text", "Label", "Evidence")
    intro = tag("p", f"{about.why} What to do: {about.action}.")
    return section(kind, about.title, intro, table(note, columns, rows, words=(0, 1, 2, 3)))


def _in_turn(audit: Audit, kind: str) -> list[Finding]:
    """Sort the findings of a kind by how sure they are, whichever file they are in."""
    found = [finding for finding in audit.findings if finding.kind == kind]
    if kind == "conflict":  # side by side what is labelled differently
        return sorted(found, key=lambda f: (min(f.place, f.partner or f.place), f.place))
    return sorted(found, key=lambda f: (-f.score, f.place))


def _place(audit: Audit, place: Place) -> str:
    return f"{audit.files[place.file].name} {place.row:,}"


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN_TEXT else f"{words[:_SHOWN_TEXT]}…"
