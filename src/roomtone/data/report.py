"""The data report before training: what the splits hold, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from roomtone.data import advice
from roomtone.data.duplicates import Overlap, TextKeys, find_overlap
from roomtone.data.split_report import SplitReport, report_split
from roomtone.data.tables import LabelledTexts
from roomtone.labels import LabelScheme
from roomtone.text import EncodedTexts, Vocabulary

_MOST_LINES = 25
_SHOWN_REASONS = 3
_SHOWN_CLASSES = 10


@dataclass(frozen=True)
class DataReport:
    """What stands in the splits.

    Attributes
    ----------
    splits : mapping of str to SplitReport
        By name, in the order given: ``train``, ``val``, ``test``.
    leakage : mapping of str to Overlap
        For each two splits, keyed ``"train/test"``: rows of the later one whose text also stands
        in the earlier one.
    warnings : tuple of str
        What is wrong, each with what to do about it.
    notes : tuple of str
        What is worth knowing and needs no action.
    class_names : tuple of str
        The class of each code.
    vocab_size : int
        Tokens in the vocabulary.
    max_len : int
        Tokens of a text that the model will see.
    """

    splits: Mapping[str, SplitReport]
    leakage: Mapping[str, Overlap]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    class_names: tuple[str, ...]
    vocab_size: int
    max_len: int

    def leakage_warnings(self, split: str) -> tuple[str, ...]:
        """Collect the warnings that the metrics of a split have to carry."""
        found = (advice.leakage_warning(o) for o in self.leakage.values() if o.split == split)
        return tuple(warning for warning in found if warning)

    def to_dict(self) -> dict[str, Any]:
        """Turn the report into what JSON can hold."""
        return {
            "splits": {name: _split_dict(split) for name, split in self.splits.items()},
            "leakage": {pair: _plain(asdict(overlap)) for pair, overlap in self.leakage.items()},
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "class_names": list(self.class_names),
            "vocab_size": self.vocab_size,
            "max_len": self.max_len,
        }

    def lines(self) -> list[str]:
        """Write the report for the console, in at most 25 lines of plain text."""
        described = [
            line for name, split in self.splits.items() for line in self._split_lines(name, split)
        ]
        remarks = [f"⚠️  {warning}" for warning in self.warnings]
        remarks += [f"   Note: {note}" for note in self.notes]
        room = max(_MOST_LINES - len(described), 1)
        if len(remarks) > room:
            hidden = len(remarks) - room + 1
            remarks[room - 1 :] = [f"   … and {hidden} more in the data report file"]
        return described + remarks

    def _split_lines(self, name: str, split: SplitReport) -> Iterator[str]:
        shares = [
            f"{self.class_names[code]} {count:,} ({split.label_shares[code]:.1%})"
            for code, count in split.label_counts.items()
        ]
        more = ", …" if len(shares) > _SHOWN_CLASSES else ""
        yield f"   {name}: {split.rows:,} rows: {', '.join(shares[:_SHOWN_CLASSES])}{more}"
        length = split.lengths
        points = ", ".join(f"{key[1:]}% {value:.0f}" for key, value in length.percentiles.items())
        yield (
            f"      tokens in a text: {points}, longest {length.max:,}; "
            f"{length.cut:.1%} cut at {self.max_len}; {split.unknown:.1%} of tokens unknown"
        )
        repeated = split.duplicates
        yield (
            f"      repeated rows: {repeated.exact:,} exact, {repeated.normalized:,} after "
            f"normalising; texts with conflicting labels: {repeated.conflicting_texts:,}"
        )
        if split.rejected:
            total = sum(rows.count for rows in split.rejected.values())
            reasons = "; ".join(
                f"{rows.count:,} × {reason} ({advice.list_lines(rows.lines, rows.count)})"
                for reason, rows in list(split.rejected.items())[:_SHOWN_REASONS]
            )
            yield f"      left out {total:,}: {reasons}"


def data_report(
    splits: Mapping[str, LabelledTexts],
    vocabulary: Vocabulary,
    encoded: Mapping[str, EncodedTexts],
    *,
    max_len: int,
    labels: LabelScheme,
) -> DataReport:
    """Look at the splits before training.

    Parameters
    ----------
    splits : mapping of str to LabelledTexts
        The rows of each split, earlier ones first: ``train``, ``val``, ``test``.
    vocabulary : Vocabulary
        The one that gave the codes.
    encoded : mapping of str to EncodedTexts
        The texts of each split as token codes, not cut.
    max_len : int
        Tokens of a text that the model will see.
    labels : LabelScheme
        The classes.

    Returns
    -------
    DataReport
        Counts, leakage between splits, and warnings that say what to do.
    """
    keys = {name: TextKeys.of(split.texts) for name, split in splits.items()}
    reports = {
        name: report_split(split, keys[name], encoded[name], max_len=max_len)
        for name, split in splits.items()
    }
    leakage = {
        f"{source}/{name}": find_overlap(
            (source, keys[source], splits[source].labels),
            (name, keys[name], splits[name].labels),
            splits[name].lines,
        )
        for source, name in combinations(splits, 2)
    }
    return DataReport(
        splits=reports,
        leakage=leakage,
        warnings=tuple(_warnings(reports, leakage, max_len=max_len, labels=labels)),
        notes=tuple(advice.gather_notes(reports, max_len=max_len)),
        class_names=labels.names,
        vocab_size=len(vocabulary),
        max_len=max_len,
    )


def _warnings(
    reports: Mapping[str, SplitReport],
    leakage: Mapping[str, Overlap],
    *,
    max_len: int,
    labels: LabelScheme,
) -> Iterator[str]:
    # The gravest come first: the console shows as many as there is room for.
    for overlap in sorted(leakage.values(), key=lambda overlap: overlap.split != "test"):
        if warning := advice.leakage_warning(overlap):
            yield warning
    for name, report in reports.items():
        yield from advice.split_warnings(name, report, labels=labels)
    if "train" in reports:
        yield from advice.train_warnings(reports["train"], labels=labels)
    yield from advice.vocabulary_warnings(reports, max_len=max_len)


def _split_dict(split: SplitReport) -> dict[str, Any]:
    lengths = split.lengths
    return {
        "path": split.path,
        "encoding": split.encoding,
        "rows": split.rows,
        "label_counts": {str(code): count for code, count in split.label_counts.items()},
        "label_shares": {str(code): share for code, share in split.label_shares.items()},
        "length": {**lengths.percentiles, "max": lengths.max},
        "length_histogram": {"edges": list(lengths.edges), "counts": list(lengths.counts)},
        "cut": lengths.cut,
        "unknown": split.unknown,
        "html": split.html,
        "longest_row": dict(zip(("line", "lines"), split.longest_row, strict=True)),
        "duplicates": _plain(asdict(split.duplicates)),
        "rejected": {reason: _plain(asdict(rows)) for reason, rows in split.rejected.items()},
    }


def _plain(value: Any) -> Any:
    """Turn tuples into lists, so that a report read back from JSON equals the one written."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
