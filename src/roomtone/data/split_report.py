"""What one split holds: classes, lengths, unknown tokens, duplicates and unusable rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from roomtone.data.duplicates import Duplicates, TextKeys, find_duplicates
from roomtone.data.rows import Rejection
from roomtone.data.tables import LabelledTexts
from roomtone.text import UNK, EncodedTexts
from roomtone.text.markup import has_html

PERCENTILES = (50, 90, 95, 99)

_BINS = 40
_SHOWN_LINES = 5


@dataclass(frozen=True)
class Lengths:
    """Lengths of the texts in tokens, before any cut.

    Attributes
    ----------
    percentiles : mapping of str to float
        ``p50``, ``p90``, ``p95`` and ``p99``.
    max : int
        The longest text.
    edges, counts : tuple of int
        A histogram: texts of ``edges[i]`` to below ``edges[i + 1]`` tokens.
    cut : float
        Share of the texts that are longer than `max_len`, 0 to 1.
    """

    percentiles: dict[str, float]
    max: int
    edges: tuple[int, ...]
    counts: tuple[int, ...]
    cut: float


@dataclass(frozen=True)
class RejectedRows:
    """Rows that were left out for one reason: how many, and the first lines."""

    count: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class SplitReport:
    """What one split holds.

    Attributes
    ----------
    path : str
        The file.
    encoding : str
        How it was read.
    rows : int
        Usable rows.
    label_counts : mapping of int to int
        Rows of each class.
    label_shares : mapping of int to float
        The same as shares of all rows, 0 to 1.
    lengths : Lengths
        In tokens.
    unknown : float
        Share of the tokens that the vocabulary does not hold, 0 to 1.
    html : int
        Texts with entities or tags of HTML.
    longest_row : tuple of int
        Line and number of lines of the row that spans the most lines of the file.
    duplicates : Duplicates
        Texts that occur more than once.
    rejected : mapping of str to RejectedRows
        Unusable rows by reason, the most common first.
    """

    path: str
    encoding: str
    rows: int
    label_counts: dict[int, int]
    label_shares: dict[int, float]
    lengths: Lengths
    unknown: float
    html: int
    longest_row: tuple[int, int]
    duplicates: Duplicates
    rejected: dict[str, RejectedRows]


def report_split(
    split: LabelledTexts, keys: TextKeys, encoded: EncodedTexts, *, max_len: int
) -> SplitReport:
    """Describe one split.

    Parameters
    ----------
    split : LabelledTexts
        Its rows.
    keys : TextKeys
        Of its texts.
    encoded : EncodedTexts
        Its texts as token codes, not cut.
    max_len : int
        Tokens of a text that the model will see.
    """
    counts = split.label_counts
    n_rows = len(split.texts)
    return SplitReport(
        path=str(split.path),
        encoding=split.encoding,
        rows=n_rows,
        label_counts=counts,
        label_shares={code: count / max(n_rows, 1) for code, count in counts.items()},
        lengths=_lengths(np.diff(encoded.offsets), max_len),
        unknown=float((encoded.ids == UNK).mean()) if len(encoded.ids) else 0.0,
        html=sum(map(has_html, split.texts)),
        longest_row=_longest_row(split),
        duplicates=find_duplicates(keys, split.labels, split.lines),
        rejected=_by_reason(split.rejected),
    )


def _lengths(lengths: NDArray[np.int64], max_len: int) -> Lengths:
    values = lengths if len(lengths) else np.zeros(1, dtype=np.int64)
    longest = int(values.max())
    step = -(-(longest + 1) // _BINS)
    edges = np.arange(0, longest + step + 1, step)
    return Lengths(
        percentiles={f"p{level}": float(np.percentile(values, level)) for level in PERCENTILES},
        max=longest,
        edges=tuple(edges.tolist()),
        counts=tuple(np.histogram(lengths, bins=edges)[0].tolist()),
        cut=float((values > max_len).mean()),
    )


def _longest_row(split: LabelledTexts) -> tuple[int, int]:
    starts = np.sort(np.concatenate([split.lines, [row.line for row in split.rejected]]))
    if len(starts) < 2:
        return (int(starts[0]) if len(starts) else 0, 1)
    spans = np.diff(starts)
    at = int(spans.argmax())
    return int(starts[at]), int(spans[at])


def _by_reason(rejected: tuple[Rejection, ...]) -> dict[str, RejectedRows]:
    lines: dict[str, list[int]] = {}
    for row in rejected:
        lines.setdefault(row.reason, []).append(row.line)
    order = Counter({reason: len(found) for reason, found in lines.items()}).most_common()
    return {reason: RejectedRows(n, tuple(lines[reason][:_SHOWN_LINES])) for reason, n in order}
