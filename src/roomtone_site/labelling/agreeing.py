"""How far the annotators of a set agree."""

from __future__ import annotations

from roomtone.errors import DataError
from roomtone.labels import SENTIMENT
from roomtone.stats.agreement import MISSING, Agreement, agreement
from roomtone_site.labelling.models import LabelSet


def progress(label_set: LabelSet) -> list[tuple[str, int, int]]:
    """List each annotator's name, how many comments are labelled, and how many skipped."""
    found: dict[str, list[int]] = {}
    rows = label_set.labels.values_list("annotator__username", "value")
    for name, value in rows:
        found.setdefault(name, [0, 0])[value is None] += 1
    return sorted((name, labelled, skipped) for name, (labelled, skipped) in found.items())


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
