"""Many texts made from one template: they differ by a few words, numbers, links or names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from roomtone.data.audit.near import find_links
from roomtone.data.audit.reading import AuditedRows
from roomtone.data.audit.repeats import Repeats
from roomtone.data.audit.result import Finding, Template

FEWEST = 5
"""So many different texts make a template."""

_NUMBER = re.compile(r"\b\d+\b")
_SAMPLE = 200
_COMMON = 0.8
_FEWEST_SHARED = 3  # words; texts that share fewer were chained together, not made alike
_LONGEST_PATTERN = 40


def find_templates(
    rows: AuditedRows, repeats: Repeats
) -> tuple[tuple[Template, ...], list[Finding]]:
    """Find the groups of many texts that are alike.

    Returns
    -------
    tuple of Template
        The largest first.
    list of Finding
        One for each row.
    """
    cluster = _clusters(repeats)
    sizes = np.bincount(cluster)
    chosen = np.flatnonzero(sizes >= FEWEST)
    by_cluster = _gather(cluster, chosen)
    rows_of = _gather(cluster[repeats.text], chosen)
    found = []
    for number in chosen.tolist():
        texts = by_cluster[number]
        pattern = _pattern([repeats.folded[text] for text in texts.tolist()])
        if pattern:
            found.append((pattern, texts.size, rows_of[number]))
    found.sort(key=lambda one: (-one[1], one[2][0]))
    templates: list[Template] = []
    findings: list[Finding] = []
    for pattern, n_texts, members in found:
        labels = Counter(rows.label_of(row) or "no label" for row in members.tolist())
        templates.append(Template(pattern, n_texts, members.size, dict(labels.most_common())))
        findings += _named(rows, members, pattern, n_texts)
    return tuple(templates), findings


def _clusters(repeats: Repeats) -> NDArray[np.int64]:
    """Give each text its group, of those that are alike when all numbers are the same."""
    distinct: dict[str, int] = {}
    masked = np.array(
        [distinct.setdefault(_NUMBER.sub("0", text), len(distinct)) for text in repeats.folded],
        dtype=np.int64,
    )
    # In one file, as it were: which file a text is from does not matter here.
    links = find_links(list(distinct), np.ones((len(distinct), 1), dtype=bool))
    return links.clusters(len(distinct))[masked]


def _gather(group: NDArray[np.int64], chosen: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """List the members of some groups, in order."""
    places = np.flatnonzero(np.isin(group, chosen))
    order = places[np.argsort(group[places], kind="stable")]
    numbers, starts = np.unique(group[order], return_index=True)
    ends = np.append(starts, order.size)[1:]
    return {
        number: order[start:end]
        for number, start, end in zip(numbers.tolist(), starts, ends, strict=True)
    }


def _pattern(texts: Sequence[str]) -> str:
    """Write the words that most of the texts have, in order; nothing if there are too few."""
    step = max(len(texts) // _SAMPLE, 1)
    split = [_NUMBER.sub("0", text).split() for text in texts[::step]]
    common = Counter(word for words in split for word in set(words))
    needed = _COMMON * len(split)
    shown: list[str] = []
    # The text with the most common words shows their order best.
    shared = {word for word, times in common.items() if times >= needed}
    best = max(split, key=lambda words: (len(shared.intersection(words)), -len(words)))
    for word in best[:_LONGEST_PATTERN]:
        if word in shared:
            shown.append(word)
        elif not shown or shown[-1] != "…":
            shown.append("…")
    kept = sum(word not in ("…", "0") for word in shown)
    return " ".join(shown) if kept >= _FEWEST_SHARED else ""


def _named(
    rows: AuditedRows, members: NDArray[np.int64], pattern: str, n_texts: int
) -> Iterator[Finding]:
    first = int(members[0])
    evidence = f"one of {n_texts:,} texts like: {pattern}"
    for row in members.tolist():
        partner = None if row == first else first
        yield rows.finding("template", row, evidence, partner=partner, score=1 - 1 / n_texts)
