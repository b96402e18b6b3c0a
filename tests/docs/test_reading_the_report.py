"""The page on the report explains every section that a report can have, and names its sources."""

from __future__ import annotations

import re

from doc_pages import ROOT, page

from roomtone.reports.document.bibliography import fields_of
from roomtone.reports.sources import entries

PAGE = page("reading_the_report.md")
SOURCE = ROOT / "src" / "roomtone" / "reports" / "crossval"


def test_every_section_of_a_report_is_explained():
    titles = set()
    for path in SOURCE.glob("*.py"):
        text = path.read_text("utf-8")
        titles |= set(re.findall(r'chapter\.title\("([^"]+)"', text))
        titles |= set(re.findall(r'\("(Ablation|Learning curve)",\)', text))
    assert len(titles) >= 10
    headings = ", ".join(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
    assert not {title for title in titles if title not in headings}


def test_every_work_that_the_page_names_is_in_the_bibliography():
    fields = [fields_of(entry) for entry in entries().values()]
    known = {(found["author"].partition(",")[0], found["year"]) for found in fields}
    sources = " ".join(PAGE.partition("## Sources")[2].partition("above:")[2].split())
    named = re.findall(r"([A-Z]\w+)[^;()]*\((\d{4})\)", sources)
    assert len(named) == 14
    for author, year in named:
        assert (author, year) in known
    text = " ".join(PAGE.partition("## Sources")[0].split())
    cited = re.findall(r"([A-Z][a-zš]+)(?: & [A-Z][\w-]+| et al\.)? (?:\()?(\d{4})", text)
    assert len(cited) >= 12
    for author, year in cited:
        assert (author, year) in named
