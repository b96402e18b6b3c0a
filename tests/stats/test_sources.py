from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

import roomtone.stats.comparing as comparing
from roomtone.errors import DataError
from roomtone.stats.sources import SOURCES, bibtex, cite_keys, entries


def fields(entry: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+) = \{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}", entry))


def test_every_entry_of_the_file_is_read_and_is_the_source_of_something():
    text = files("roomtone.stats").joinpath("sources.bib").read_text(encoding="utf-8")
    assert text.count("@") == len(entries())
    assert {key for keys in SOURCES.values() for key in keys} == set(entries())


@pytest.mark.parametrize("key", list(entries()))
def test_an_entry_says_who_what_where_and_when(key):
    entry = entries()[key]
    assert entry.count("{") == entry.count("}")
    found = fields(entry)
    assert {"author", "title", "year"} <= set(found)
    assert {"journal", "booktitle", "publisher", "howpublished"} & set(found)
    assert key.endswith(found["year"])
    assert re.fullmatch(r"10\.\d{4,5}/\S+", found.get("doi", "10.1000/x"))


def test_whatever_the_tests_name_has_a_source():
    code = "".join(path.read_text("utf-8") for path in Path(comparing.__path__[0]).glob("*.py"))
    named = set(re.findall(r'interval="(\w+)"', code)) | set(re.findall(r'Plan\("(\w+)"', code))
    for known in re.findall(r'"sources": \[([^\]]*)\]', code):
        named |= set(re.findall(r'"(\w+)"', known))
    assert {"corrected_t", "wilcoxon", "kendalls_w"} <= named
    assert named <= set(SOURCES)


def test_works_are_given_once_and_unknown_methods_are_refused():
    text = bibtex(["mcnemar_midp", "mcnemar_exact", "holm"])
    assert re.findall(r"@\w+\{(\w+)", text) == [
        "dietterich1998",
        "fagerland2013",
        "holm1979",
        "mcnemar1947",
    ]
    assert cite_keys("aso") == ("delbarrio2018", "dror2019", "ulmer2022")
    with pytest.raises(DataError, match="did you mean 'wilcoxon'"):
        bibtex(["wilcoxn"])
