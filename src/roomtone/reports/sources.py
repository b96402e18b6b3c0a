"""The works that a report may cite, those of the statistics and its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from roomtone.errors import DataError, nearest
from roomtone.reports.document.bibliography import reference, short_name
from roomtone.reports.document.blocks import Cite
from roomtone.stats import sources as statistics

SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cross_validation": ("kohavi1995",),
        "pooled_scores": ("forman2010",),
        "macro_f1": ("opitz2019",),
        "risk_coverage": ("geifman2017",),
        "checklist": ("pineau2021", "dodge2019"),
        "tfidf": ("pedregosa2011",),
        "hybrid": ("kim2014", "graves2005", "vaswani2017"),
    }
)
"""Beside those of :data:`roomtone.stats.sources.SOURCES`."""


def cite_keys(methods: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of the works behind some methods, each once.

    Raises
    ------
    DataError
        If a method is not known.
    """
    known = {**statistics.SOURCES, **SOURCES}
    keys: list[str] = []
    for method in methods:
        if method not in known:
            raise DataError(f"no source is known for {method!r}{nearest(method, known)}")
        keys += known[method]
    return tuple(dict.fromkeys(keys))


def cite(*methods: str) -> Cite:
    """Cite the works behind some methods."""
    return Cite(cite_keys(methods))


@cache
def entries() -> Mapping[str, str]:
    """Return every BibTeX entry by its key."""
    own = files("roomtone.reports").joinpath("sources.bib").read_text(encoding="utf-8")
    return MappingProxyType({**statistics.entries(), **statistics.parse_entries(own)})


def works(keys: Iterable[str]) -> list[dict[str, Any]]:
    """Describe works for ``report.json``, sorted as a list of references is."""
    found = [
        {
            "key": key,
            "short": short_name(entries()[key]),
            "text": reference(entries()[key]),
            "bibtex": entries()[key],
        }
        for key in set(keys)
    ]
    return sorted(found, key=lambda work: (work["text"], work["key"]))
