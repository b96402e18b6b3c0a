"""What each file holds: classes and lengths, texts that stand out, and shifts between files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from roomtone.data.audit.reading import AuditedRows
from roomtone.data.audit.repeats import Repeats
from roomtone.data.audit.result import FileFacts, Finding, Shift
from roomtone.data.duplicates import find_duplicates
from roomtone.stats.homogeneity import Homogeneity, compare_shares, compare_values
from roomtone.text import EMPTY, UNK, Vocabulary

LONG = 5.0
"""So many times the 99th percentile of its file's lengths is far longer than the others."""
_LONG_AT_LEAST = 400  # characters; short files have short percentiles
_POINTS = {"p5": 5, "p50": 50, "p95": 95, "p99": 99, "max": 100}
_BINS = 40
_CHUNK = 16_384


def lengths_of(rows: AuditedRows) -> NDArray[np.int64]:
    """Count the characters of each text."""
    return np.fromiter(map(len, rows.texts), np.int64, len(rows.texts))


def describe_files(rows: AuditedRows, repeats: Repeats) -> tuple[FileFacts, ...]:
    """Describe each file."""
    lengths = lengths_of(rows)
    edges = _edges(lengths)
    described = []
    for index, source in enumerate(rows.sources):
        mine = rows.file == index
        labels, sizes = rows.labels[mine], lengths[mine]
        known = labels >= 0
        # As the report of a training run counts them: among the rows that have a label.
        usable = mine.copy()
        usable[mine] = known
        found = find_duplicates(repeats.keys[usable], labels[known], rows.number[usable])
        described.append(
            FileFacts(
                name=source.name,
                path=str(source.file.path),
                encoding=source.file.encoding,
                sha256=source.file.sha256,
                rows=int(mine.sum()),
                unusable=rows.counts[index] - int(mine.sum()),
                labels={
                    name: int((labels == code).sum()) for code, name in enumerate(rows.class_names)
                },
                lengths={
                    name: float(np.percentile(sizes, level)) if sizes.size else 0.0
                    for name, level in _POINTS.items()
                },
                length_histogram={
                    "edges": tuple(edges.tolist()),
                    "counts": tuple(np.histogram(sizes, bins=edges)[0].tolist()),
                },
                lengths_by_class={
                    name: float(np.median(sizes[labels == code]))
                    for code, name in enumerate(rows.class_names)
                    if (labels == code).any()
                },
                repeats={
                    "exact": found.exact,
                    "normalized": found.normalized,
                    "conflicting_texts": found.conflicting_texts,
                },
            )
        )
    return tuple(described)


def _edges(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Choose bins that show nearly all texts; the last one takes in all longer ones."""
    usual = int(np.percentile(lengths, 99.5))
    step = -(-(usual + 1) // _BINS)
    edges = np.arange(0, usual + step + 1, step)
    edges[-1] = max(int(edges[-1]), int(lengths.max()) + 1)
    return edges


def long_texts(rows: AuditedRows) -> Iterator[Finding]:
    """Name the texts that are far longer than those of their file."""
    lengths = lengths_of(rows)
    for index in range(len(rows.sources)):
        mine = np.flatnonzero(rows.file == index)
        if not mine.size:
            continue
        usual = float(np.percentile(lengths[mine], 99))
        limit = max(LONG * usual, _LONG_AT_LEAST)
        for row in mine[lengths[mine] > limit].tolist():
            lines = rows.texts[row].count("\n") + 1
            evidence = f"{lengths[row]:,} characters in {lines:,} line{'s' if lines > 1 else ''}; "
            evidence += f"99% of the texts have at most {usual:,.0f}"
            yield rows.finding("long", row, evidence, score=1 - usual / float(lengths[row]))


def unknown_texts(rows: AuditedRows) -> Iterator[Finding]:
    """Name the texts without any token that the vocabulary of the first file holds.

    The vocabulary is what a training run would make of that file: tokens that occur twice. So a
    training text whose words all occur in it alone is named, too.
    """
    first = [text for text, file in zip(rows.texts, rows.file, strict=True) if file == 0]
    if not first:
        return
    vocabulary = Vocabulary().build_from_texts(first)
    for start in range(0, len(rows.texts), _CHUNK):
        encoded = vocabulary.encode_batch(rows.texts[start : start + _CHUNK])
        known = (encoded.ids != UNK) & (encoded.ids != EMPTY)
        found = np.concatenate([[0], np.cumsum(known)])[encoded.offsets]
        for place in np.flatnonzero(np.diff(found) == 0).tolist():
            size = int(encoded.offsets[place + 1] - encoded.offsets[place])
            empty = size == 1 and encoded.ids[encoded.offsets[place]] == EMPTY
            evidence = "nothing visible" if empty else f"{size} tokens, none of them known"
            yield rows.finding("no_token", start + place, evidence.replace("1 tokens", "1 token"))


def find_shifts(rows: AuditedRows) -> tuple[Shift, ...]:
    """Compare the shares of the classes, and the lengths, of each two files."""
    lengths = lengths_of(rows)
    n_classes = len(rows.class_names)
    shifts = []
    for first, second in combinations(range(len(rows.sources)), 2):
        groups = [rows.file == first, rows.file == second]
        counts = np.array(
            [
                np.bincount(rows.labels[group & (rows.labels >= 0)], minlength=n_classes)
                for group in groups
            ]
        )
        names = rows.names[first], rows.names[second]
        if (counts.sum(axis=1) > 0).all() and (counts.sum(axis=0) > 0).sum() > 1:
            shifts.append(_shift(names, "labels", compare_shares(counts)))
        if all(group.any() for group in groups):
            values = compare_values(*(lengths[group] for group in groups))
            shifts.append(_shift(names, "lengths", values))
    return tuple(shifts)


def _shift(names: tuple[str, str], what: str, found: Homogeneity) -> Shift:
    return Shift(
        first=names[0],
        second=names[1],
        what=what,
        statistic=found.statistic,
        p_value=found.p_value,
        effect=found.effect,
        method=found.method,
        effect_name=found.effect_name,
        size=found.size,
    )
