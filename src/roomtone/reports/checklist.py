"""What the reproducibility checklists of a run and of a cross-validation have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roomtone.reports.document.blocks import Inline, Paragraph, Section, Table, Value
from roomtone.reports.sources import cite

YES, NO, PARTLY, UNKNOWN = "yes", "no", "partly", "unknown"
UNRECORDED = "Not part of the record; say it in the text."


def checklist_section(
    items: Sequence[Mapping[str, str]], at: str, *, key: str, title: Inline
) -> Section:
    """Show what was fixed, what was not, and what is unknown.

    Parameters
    ----------
    items : sequence of mapping
        ``area``, ``item``, ``state`` and ``detail``.
    at : str
        Their place in ``report.json``.
    key : str
        Of the section.
    title : Inline
        Its heading.
    """
    rows = tuple(
        (
            (Value(f"{at}.{place}.area"),)
            if place == 0 or items[place - 1]["area"] != item["area"]
            else ("",),
            *((Value(f"{at}.{place}.{name}"),) for name in ("item", "state", "detail")),
        )
        for place, item in enumerate(items)
    )
    return Section(
        key,
        title,
        (
            Paragraph(
                (
                    "What was fixed and what was not, as the record has it",
                    cite("checklist"),
                    ". What nobody recorded is unknown: it is neither yes nor no, and is to be "
                    "said in the text.",
                )
            ),
            Table(
                key,
                ("Reproducibility checklist, filled in from the record",),
                (("",), ("Item",), ("State",), ("Detail",)),
                rows,
                words=(0, 1, 2, 3),
                wrapped={0: 0.1, 1: 0.27, 2: 0.09, 3: 0.43},
            ),
        ),
    )
