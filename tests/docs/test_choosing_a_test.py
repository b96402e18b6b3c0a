"""The example of `docs/choosing_a_test.md` prints what the page says, and its sources are known."""

from __future__ import annotations

import re

from doc_pages import blocks, page, printed

from roomtone.stats.sources import entries

PAGE = page("choosing_a_test.md")


def test_the_example_prints_what_the_page_says():
    (_, code), (_, expected) = blocks(PAGE, "python", "text")
    assert printed(code) == expected


def test_every_work_that_the_page_names_is_among_the_sources():
    prose = " ".join(re.sub(r"^```.*?^```", "", PAGE, flags=re.DOTALL | re.MULTILINE).split())
    named = re.findall(r"((?:del )?[A-Z][\wš]+)(?: & [A-Z]\w+| et al\.)? \(?(\d{4})", prose)
    assert len(named) > 30
    for name, year in named:
        surname = name.lower().replace("š", "s").replace(" ", "")
        assert f"{surname}{year}" in entries(), f"{name} {year}"
