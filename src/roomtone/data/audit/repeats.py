"""Texts that occur more than once: within a file, across files, and with labels that disagree.

Which texts are the same is decided by `roomtone.data.duplicates`, as in the report of a training
run; here each row is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from roomtone.data.audit.near import NEAR, Links, find_links
from roomtone.data.audit.reading import AuditedRows
from roomtone.data.audit.result import Finding
from roomtone.data.duplicates import TextKeys, find_overlap, fold

Indices = NDArray[np.int64]
_SHOWN_LABELS = 3


@dataclass(frozen=True, eq=False)
class Repeats:
    """The distinct texts of all files, and which of them are alike.

    Attributes
    ----------
    keys : TextKeys
        Of the rows.
    text : ndarray of int64, shape [n_rows]
        Which distinct text a row has, numbered in the order of their first rows.
    folded : list of str
        The distinct texts, folded.
    first : ndarray of int64, shape [n_texts, n_files]
        The first row of a text in each file; -1 where it has none.
    links : Links
        Texts that are alike.
    """

    keys: TextKeys
    text: Indices
    folded: list[str]
    first: Indices
    links: Links

    @property
    def groups(self) -> Indices:
        """Number the groups of near duplicates, ``[n_rows]``; copies are in one group."""
        return self.links.at_least(NEAR).clusters(len(self.folded))[self.text]


def find_repeats(rows: AuditedRows) -> Repeats:
    """Compare all texts with each other."""
    folded = list(fold(rows.texts))
    keys = TextKeys.of(rows.texts, folded)
    _, start, text = np.unique(keys.normalized, return_index=True, return_inverse=True)
    order = np.argsort(start)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    text = rank[text]
    distinct = [folded[row] for row in start[order].tolist()]
    first = np.full((order.size, len(rows.sources)), -1, dtype=np.int64)
    back = np.arange(len(rows.texts))[::-1]  # so that the first row is written last
    first[text[back], rows.file[back]] = back
    return Repeats(keys, text, distinct, first, find_links(distinct, first >= 0))


def repeat_findings(rows: AuditedRows, repeats: Repeats) -> Iterator[Finding]:
    """Name the rows that repeat another: the same text, then nearly the same."""
    first = repeats.first[repeats.text]  # [n_rows, n_files]
    here = np.arange(len(rows.texts))
    later = _first_later(first, rows.file)
    for row in np.flatnonzero(later >= 0).tolist():
        other = int(later[row])
        evidence = f"{_sameness(repeats.keys, row, other)} {_where(rows, other)}"
        yield rows.finding("leak", row, evidence, partner=other)
    own = first[here, rows.file]
    for row in np.flatnonzero(own < here).tolist():
        other = int(own[row])
        evidence = f"{_sameness(repeats.keys, row, other)} {_where(rows, other)}"
        yield rows.finding("duplicate", row, evidence, partner=other)
    yield from _conflicts(rows, repeats)
    yield from _near(rows, repeats, leaked=later >= 0)


def overlaps(rows: AuditedRows, repeats: Repeats) -> dict[str, dict[str, float]]:
    """Count, for each two files, the rows of the later one that stand in the earlier one."""
    parts = []
    for index, name in enumerate(rows.names):
        mine = rows.file == index
        parts.append(((name, repeats.keys[mine], rows.labels[mine]), rows.number[mine]))
    found = {}
    for (source, _), (split, numbers) in combinations(parts, 2):
        overlap = find_overlap(source, split, numbers)
        found[f"{overlap.source}/{overlap.split}"] = {
            "exact": overlap.exact,
            "normalized": overlap.normalized,
            "conflicting": overlap.conflicting,
            "share": overlap.share,
        }
    return found


def _first_later(first: Indices, file: Indices) -> Indices:
    """Find the first row of a text in the last file that comes after a row's own; -1 if none."""
    found = np.full(file.size, -1, dtype=np.int64)
    for index in range(first.shape[1]):
        found = np.where((index > file) & (first[:, index] >= 0), first[:, index], found)
    return found


def _sameness(keys: TextKeys, row: int, other: int) -> str:
    if keys.exact[row] == keys.exact[other]:
        return "the same text as"
    return "the same but for case, punctuation, links or names as"


def _where(rows: AuditedRows, other: int) -> str:
    label = rows.label_of(other) or "no label"
    return f"{rows.names[rows.file[other]]} row {rows.number[other]} ({label})"


def _conflicts(rows: AuditedRows, repeats: Repeats) -> Iterator[Finding]:
    labelled = np.flatnonzero(rows.labels >= 0)
    if not labelled.size:
        return
    n_classes = len(rows.class_names)
    counts = np.zeros((len(repeats.folded), n_classes), dtype=np.int64)
    np.add.at(counts, (repeats.text[labelled], rows.labels[labelled]), 1)
    torn = (counts > 0).sum(axis=1) > 1
    example = np.full(counts.shape, -1, dtype=np.int64)
    back = labelled[::-1]
    example[repeats.text[back], rows.labels[back]] = back
    for row in labelled[torn[repeats.text[labelled]]].tolist():
        text, label = repeats.text[row], rows.labels[row]
        common = np.argsort(-counts[text], kind="stable")
        told = ", ".join(
            f"{rows.class_names[code]} {counts[text, code]:,}"
            for code in common[:_SHOWN_LABELS].tolist()
            if counts[text, code]
        )
        rival = next(code for code in common.tolist() if code != label)
        share = 1 - counts[text, label] / counts[text].sum()
        yield rows.finding(
            "conflict",
            row,
            f"this text is labelled: {told}",
            partner=int(example[text, rival]),
            score=float(share),
        )


def _near(rows: AuditedRows, repeats: Repeats, *, leaked: NDArray[np.bool_]) -> Iterator[Finding]:
    links = repeats.links.at_least(NEAR)
    one = np.concatenate([links.first, links.second])
    other = np.concatenate([links.second, links.first])
    share = np.concatenate([links.similarity, links.similarity])
    order = np.lexsort((other, -share, one))  # of each text the most similar ones first
    by_text: dict[int, list[tuple[int, float]]] = {}
    for at in order.tolist():
        by_text.setdefault(int(one[at]), []).append((int(other[at]), float(share[at])))
    n_files = len(rows.sources)
    for row in np.flatnonzero(np.isin(repeats.text, one)).tolist():
        text, file = int(repeats.text[row]), int(rows.file[row])
        likes = by_text[text]
        for kind, wanted in (("near_leak", range(file + 1, n_files)), ("near_duplicate", [file])):
            # A copy has been named as that already; of near duplicates the first one stays.
            if kind == "near_leak" and leaked[row]:
                continue
            if kind == "near_duplicate" and repeats.first[text, file] != row:
                continue
            found = [
                (similarity, partner)
                for like, similarity in likes
                for at in wanted
                if (partner := int(repeats.first[like, at])) >= 0 and (at > file or partner < row)
            ]
            if found:
                similarity, partner = found[0]
                evidence = f"{similarity:.0%} alike with {_where(rows, partner)}"
                yield rows.finding(kind, row, evidence, partner=partner, score=similarity)
