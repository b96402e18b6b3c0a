"""What an audit finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from roomtone.data.audit.kinds import KINDS


class Place(NamedTuple):
    """Where a row stands.

    Attributes
    ----------
    file : int
        Which file, from 0.
    row : int
        Its number as a spreadsheet shows it: the header is row 1.
    """

    file: int
    row: int


@dataclass(frozen=True)
class Finding:
    """One fault of one row.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    place : Place
        The row.
    evidence : str
        What speaks for it.
    partner : Place, optional
        The other row that it is about.
    score : float
        How sure or grave it is, 0 to 1; the highest come first.
    text, label : str
        The row's own.
    """

    kind: str
    place: Place
    evidence: str
    partner: Place | None = None
    score: float = 1.0
    text: str = ""
    label: str = ""


@dataclass(frozen=True)
class FileFacts:
    """What a file holds.

    Attributes
    ----------
    name, path, encoding, sha256 : str
        What the audit calls it, where it is, how it was read, hash of its bytes.
    rows : int
        Rows that have a text.
    unusable : int
        Rows that have none, or cannot be read.
    labels : mapping of str to int
        Rows of each class.
    lengths : mapping of str to float
        Percentiles of the lengths in characters: ``p5``, ``p50``, ``p95``, ``p99``, ``max``.
    length_histogram : mapping of str to tuple of int
        ``edges``, the same for all files, and ``counts``.
    lengths_by_class : mapping of str to float
        The median length of each class.
    repeats : mapping of str to int
        Rows that repeat an earlier one: ``exact``, ``normalized``; ``conflicting_texts``.
    """

    name: str
    path: str
    encoding: str
    sha256: str
    rows: int
    unusable: int
    labels: Mapping[str, int]
    lengths: Mapping[str, float]
    length_histogram: Mapping[str, tuple[int, ...]]
    lengths_by_class: Mapping[str, float]
    repeats: Mapping[str, int]


@dataclass(frozen=True)
class Shift:
    """A comparison of two files.

    Attributes
    ----------
    first, second : str
        The files.
    what : str
        ``"labels"`` or ``"lengths"``.
    statistic, p_value, effect : float
        Of the test, and how large the difference is.
    method, effect_name, size : str
        Names of the test and of the effect, and what the effect amounts to in a word.
    """

    first: str
    second: str
    what: str
    statistic: float
    p_value: float
    effect: float
    method: str
    effect_name: str
    size: str


@dataclass(frozen=True)
class Imbalance:
    """A fault of how the rows of a file are dealt out among the classes.

    Attributes
    ----------
    file : str
        What the audit calls the file.
    kind : str
        ``"no_label"``, ``"one_class"``, ``"absent_class"``, ``"rare_class"`` or ``"majority"``.
    classes : tuple of str
        The classes that it is about.
    told : str
        It in a sentence, with what follows from it.
    """

    file: str
    kind: str
    classes: tuple[str, ...]
    told: str


@dataclass(frozen=True)
class Template:
    """Texts that were made from one template.

    Attributes
    ----------
    pattern : str
        The words that they share; ``…`` stands for those that differ.
    texts, rows : int
        Different texts, and rows.
    labels : mapping of str to int
        Rows of each class.
    """

    pattern: str
    texts: int
    rows: int
    labels: Mapping[str, int]


@dataclass(frozen=True)
class Audit:
    """All that an audit finds.

    Attributes
    ----------
    files : tuple of FileFacts
        The files, training rows first.
    class_names : tuple of str
        The classes.
    findings : tuple of Finding
        By kind, the gravest first; then by file and row.
    overlaps : mapping of str to mapping
        For each two files, keyed ``"train.csv/test.csv"``: rows of the later one that stand in
        the earlier one: ``exact``, ``normalized``, ``conflicting`` and their ``share``.
    templates : tuple of Template
        The largest first.
    shifts : tuple of Shift
        Comparisons of each two files.
    imbalances : tuple of Imbalance
        Faults of the balance of the classes, by file.
    languages : mapping of str to int
        Texts that were judged, by language; empty if languages were not looked at.
    noise : mapping
        What confident learning estimates: for each class the share of its rows that are
        mislabelled; empty if it did not run.
    skipped : tuple of str
        What was not looked at, each with the reason.
    settings : mapping
        What decided the findings.
    """

    files: tuple[FileFacts, ...]
    class_names: tuple[str, ...]
    findings: tuple[Finding, ...]
    overlaps: Mapping[str, Mapping[str, float]]
    templates: tuple[Template, ...] = ()
    shifts: tuple[Shift, ...] = ()
    imbalances: tuple[Imbalance, ...] = ()
    languages: Mapping[str, int] = field(default_factory=dict)
    noise: Mapping[str, float] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def counts(self) -> dict[str, list[int]]:
        """Count the rows of each kind in each file, kinds without any left out."""
        found = Counter((finding.kind, finding.place.file) for finding in self.findings)
        return {
            kind: counts
            for kind in KINDS
            if any(counts := [found[kind, file] for file in range(len(self.files))])
        }

    def to_dict(self) -> dict[str, Any]:
        """Turn it into what JSON can hold; the texts stay in the CSV file of the findings."""
        return {
            "files": [asdict(file) for file in self.files],
            "class_names": list(self.class_names),
            "counts": {
                kind: dict(zip((file.name for file in self.files), counts, strict=True))
                for kind, counts in self.counts().items()
            },
            "overlaps": {pair: dict(overlap) for pair, overlap in self.overlaps.items()},
            "templates": [asdict(template) for template in self.templates],
            "shifts": [asdict(shift) for shift in self.shifts],
            "imbalances": [asdict(imbalance) for imbalance in self.imbalances],
            "languages": dict(self.languages),
            "noise": dict(self.noise),
            "skipped": list(self.skipped),
            "settings": dict(self.settings),
        }


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Sort findings: the gravest kind first, then by file, score and row."""
    rank = {kind: place for place, kind in enumerate(KINDS)}
    return tuple(
        sorted(
            findings, key=lambda f: (rank[f.kind], f.place.file, -f.score, f.place.row, f.evidence)
        )
    )
