"""How far the annotators of a set agree."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.errors import DataError
from roomtone.labels import SENTIMENT
from roomtone.stats.agreement import MISSING, Agreement, agreement
from roomtone_site.labelling.models import LabelSet


@dataclass(frozen=True)
class Progress:
    """How far someone is.

    Attributes
    ----------
    annotator : int
        Key of the account.
    name : str
        Its name.
    labelled, skipped : int
        Comments.
    """

    annotator: int
    name: str
    labelled: int
    skipped: int


def progress(label_set: LabelSet) -> list[Progress]:
    """Tell of everyone who joined or labelled how far they are, in the order of their names."""
    found: dict[tuple[str, int], list[int]] = {}
    for person in label_set.annotators.values_list("user__username", "user"):
        found[person] = [0, 0]
    rows = label_set.labels.values_list("annotator__username", "annotator", "value")
    for name, annotator, value in rows:
        found.setdefault((name, annotator), [0, 0])[value is None] += 1
    return [Progress(key, name, *counts) for (name, key), counts in sorted(found.items())]


def agreement_of(label_set: LabelSet, *, resamples: int = 1000) -> Agreement | None:
    """Measure the agreement of the annotators of a set.

    Returns
    -------
    Agreement or None
        None as long as no comment has the labels of two.
    """
    places = {
        comment: at for at, comment in enumerate(label_set.items.values_list("comment", flat=True))
    }
    ratings: dict[str, list[int]] = {}
    rows = label_set.labels.filter(value__isnull=False).order_by("annotator__username")
    for name, comment, value in rows.values_list("annotator__username", "comment", "value"):
        codes = ratings.setdefault(name, [MISSING] * len(places))
        codes[places[comment]] = value
    try:
        return agreement(ratings, len(SENTIMENT), resamples=resamples)
    except DataError:
        return None
