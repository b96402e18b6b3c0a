"""What becomes of each row of audited files in their cleaned copies.

- Rows of the last file, the test rows, are never removed: what is tested on stays what it was.
- Of a text that stands in two files, the earlier file loses it.
- Of a text with two labels in one file, the rows of the rarer labels go where three rows in four
  or more have the same one; else all go: which of the labels is right is not known.
- What a text has of wrong characters is repaired in all files alike.
- Rows that cannot be read are left out, as a training run leaves them out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from roomtone.data.audit.kinds import REMOVED, REMOVED_IF_ASKED, REPAIRED
from roomtone.data.audit.result import Audit, Finding, Place
from roomtone.data.duplicates import fold
from roomtone.errors import DataError, nearest

CLEAR = 0.75
"""The share of a text's rows from which on a label is taken for the right one."""


@dataclass(frozen=True)
class Fix:
    """What is done to the rows of some files.

    Attributes
    ----------
    removed : mapping of Place to Finding
        Rows that are left out, and why.
    repaired : mapping of Place to tuple of str
        Rows whose text is repaired, and the kinds of their faults.
    kept : tuple of Finding
        Test rows that would have gone.
    """

    removed: Mapping[Place, Finding]
    repaired: Mapping[Place, tuple[str, ...]]
    kept: tuple[Finding, ...] = field(default=())


def check_kinds(kinds: Collection[str]) -> None:
    """Make sure that rows of some kinds can be removed.

    Raises
    ------
    DataError
        If one is no such kind.
    """
    for kind in kinds:
        if kind not in REMOVED_IF_ASKED:
            raise DataError(
                f"--fix_also: {kind!r} is no kind of finding whose rows can be removed "
                f"(known: {', '.join(REMOVED_IF_ASKED)}){nearest(kind, REMOVED_IF_ASKED)}"
            )


def plan_fix(audit: Audit, also: Collection[str] = ()) -> Fix:
    """Decide what happens to each row.

    Parameters
    ----------
    audit : Audit
        What was found.
    also : collection of str
        Kinds whose rows are removed besides, of `REMOVED_IF_ASKED`.
    """
    last = len(audit.files) - 1
    removed: dict[Place, Finding] = {}
    repairs: dict[Place, tuple[str, ...]] = {}
    kept: list[Finding] = []
    heirs: dict[Place | None, Place] = {}
    leaving = {found.place for found in audit.findings if found.kind == "leak"}
    torn = _torn(audit, leaving)
    for found in audit.findings:  # the gravest first, so that a row goes for its gravest fault
        place = found.place
        if found.kind in REPAIRED:
            repairs[place] = (*repairs.get(place, ()), found.kind)
            continue
        goes = found.kind in also or found.kind in REMOVED or found.kind == "broken"
        if found.kind == "conflict" and place not in torn:
            continue  # its label is the clear one, or the other left with a row of an earlier file
        if not goes or place in removed:
            continue
        again = found.kind == "duplicate" and found.partner in removed
        if again and heirs.setdefault(found.partner, place) == place:
            continue  # the first row of its text has gone, so that this one is no copy now
        if last > 0 and place.file == last and found.kind != "broken":
            kept.append(found)
        else:
            removed[place] = found
    repairs = {place: kinds for place, kinds in repairs.items() if place not in removed}
    return Fix(removed, repairs, tuple(kept))


def _torn(audit: Audit, leaving: Collection[Place]) -> set[Place]:
    """Find the rows to be removed of texts that have two labels in one file.

    Rows that leave for another reason do not count.
    """
    found = [f for f in audit.findings if f.kind == "conflict" and f.place not in leaving]
    groups: dict[tuple[int, str], list[Finding]] = {}
    for finding, text in zip(found, fold([f.text for f in found]), strict=True):
        groups.setdefault((finding.place.file, text), []).append(finding)
    torn: set[Place] = set()
    for group in groups.values():
        label, rows = Counter(finding.label for finding in group).most_common(1)[0]
        clear = rows >= CLEAR * len(group)
        torn.update(f.place for f in group if not (clear and f.label == label))
    return torn
