"""What to do about what the data report found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from roomtone.data.duplicates import Overlap
from roomtone.data.split_report import SplitReport
from roomtone.labels import LabelScheme

IMBALANCE = 3.0
"""A class with this many times the rows of another is worth a warning."""
CUT = 0.05
"""As is this share of texts that are cut,"""
UNKNOWN = 0.10
"""this share of tokens that are unknown,"""
REPEATED = 0.05
"""this share of training rows that repeat an earlier one,"""
LONG_ROW = 50
"""and a row that spans this many lines of its file."""
SPARE = 2
"""`max_len` is called far too long from this many times the longest text on."""


def list_lines(lines: Iterable[int], total: int) -> str:
    """Write the first line numbers of some rows: ``lines 3, 8, …``."""
    shown = list(lines)
    more = ", …" if total > len(shown) else ""
    return f"line{'s' if total != 1 else ''} {', '.join(map(str, shown))}{more}"


def leakage_warning(overlap: Overlap) -> str | None:
    """Say which rows of a split have leaked from an earlier one, and what to do."""
    if overlap.normalized == 0:
        return None
    target, source = overlap.split, overlap.source
    return (
        f"leakage: {_count(overlap.normalized, f'{target} row')} ({overlap.share:.1%}) "
        f"found in {source} too "
        f"({list_lines(overlap.lines, overlap.normalized)} of the {target} file); remove them from "
        f"one of the two: the {target} metrics carry this warning"
    )


def split_warnings(name: str, report: SplitReport, *, labels: LabelScheme) -> Iterator[str]:
    """Say what is wrong with one split, and what to do."""
    absent = [labels.names[code] for code, count in report.label_counts.items() if count == 0]
    if absent:
        consequence = "cannot be learned" if name == "train" else "cannot be judged"
        yield (
            f"{name}: no row of class {', '.join(absent)}, which {consequence} without; "
            "add rows, or draw the splits anew with equal class shares"
        )
    if report.encoding == "cp1252":
        yield (
            f"{name}: {report.path} is not UTF-8 and was read as Windows-1252; if its accents "
            "look wrong, state data.encoding or save the file as UTF-8"
        )
    line, span = report.longest_row
    if span >= LONG_ROW:
        yield f"{name}: the row at line {line} spans {span:,} lines; look for an open quote there"
    torn = report.duplicates
    if torn.conflicting_texts:
        first = list_lines(torn.conflicting_lines[0], len(torn.conflicting_lines[0]))
        yield (
            f"{name}: {_count(torn.conflicting_texts, 'text')} with more than one label "
            f"({torn.conflicting_rows:,} rows; the first at {first}); "
            "settle on one label or remove the rows"
        )


def train_warnings(report: SplitReport, *, labels: LabelScheme) -> Iterator[str]:
    """Say what training settings the training split calls for."""
    counts = {code: count for code, count in report.label_counts.items() if count}
    if counts:
        most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
        if counts[most] > IMBALANCE * counts[least]:
            yield (
                f"class imbalance: {counts[most] / counts[least]:.1f} {labels.names[most]} rows "
                f"for each {labels.names[least]} one; set training.class_weights: balanced "
                "(--class_weights balanced)"
            )
    repeated = report.duplicates.normalized
    if repeated > REPEATED * report.rows:
        yield (
            f"train: {_count(repeated, 'row')} ({repeated / report.rows:.1%}) only repeating an "
            "earlier one, which so weighs double; remove them unless that is meant"
        )


def vocabulary_warnings(splits: Mapping[str, SplitReport], *, max_len: int) -> Iterator[str]:
    """Say whether the length limit and the vocabulary fit the texts."""
    cut = {name: split.lengths.cut for name, split in splits.items() if split.lengths.cut > CUT}
    if cut:
        needed = max(split.lengths.percentiles["p99"] for split in splits.values())
        yield (
            f"{_shares(cut)} of the texts are longer than max_len = {max_len} and are cut; "
            f"raise it (--max_len {round(needed)} keeps 99% whole)"
        )
    unknown = {name: split.unknown for name, split in splits.items() if split.unknown > UNKNOWN}
    if unknown:
        yield (
            f"{_shares(unknown)} of the tokens are unknown; lower data.vocab_min_freq "
            "(--vocab_min_freq 1) or raise data.vocab_max_size (--vocab_max_size)"
        )


def gather_notes(splits: Mapping[str, SplitReport], *, max_len: int) -> Iterator[str]:
    """Mention what needs no action."""
    html = sum(split.html for split in splits.values())
    if html:
        yield f"{_count(html, 'text')} with entities or tags of HTML; the tokeniser handles them"
    longest = max((split.lengths.max for split in splits.values()), default=0)
    if longest and max_len >= SPARE * longest:
        yield (
            f"max_len = {max_len} is far above the longest text ({longest} tokens); it can be "
            "lowered, but costs nothing: batches are only as long as their longest text"
        )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def _shares(values: Mapping[str, float]) -> str:
    return ", ".join(f"{share:.1%} ({name})" for name, share in values.items())
