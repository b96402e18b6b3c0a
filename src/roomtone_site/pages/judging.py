"""Which of two engines people agree with, on comments that neither was trained on here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet

from roomtone.labels import SENTIMENT
from roomtone.stats.choosing import Comparison, NotComparable, Predictions, compare
from roomtone_site.analysis.models import Analysis, ModelVersion
from roomtone_site.labelling.evidence import trained_here, unseen_among

_LEAST = 10


@dataclass(frozen=True)
class Right:
    """Who is right by the labels of people.

    Attributes
    ----------
    labelled : int
        Comments that are labelled.
    judging : int
        Those of them that the engines are judged by.
    accuracy : Comparison or None
        By these, where there are enough.
    notes : list of str
        What is to be known of it, or why there is no comparison.
    """

    labelled: int
    judging: int
    accuracy: Comparison | None
    notes: list[str]


def who_is_right(first: Analysis, second: Analysis, both: QuerySet[Any]) -> Right:
    """Compare two engines on one video by the labels of people.

    Where one of them was trained here, the comments that training never sees are the only judges:
    on the others it has been told the answers.

    Parameters
    ----------
    first, second : Analysis
        Both of one video.
    both : QuerySet of Prediction
        The first one's, of the comments that both scored.
    """
    rows = both.filter(comment__sentiment__isnull=False).order_by("comment")
    found = list(
        rows.values_list(
            "comment", "comment__text", "label", "comment__predictions__label", "comment__sentiment"
        )
    )
    labelled, notes = len(found), []
    versions = ModelVersion.objects.usable_by(first.owner).filter(
        digest__in=(first.engine_version, second.engine_version)
    )
    if any(map(trained_here, versions)):
        unseen = unseen_among(first.owner, [row[0] for row in found], [row[1] for row in found])
        found = [found[at] for at in unseen.rows]
        notes = [unseen.note] if unseen.note else []
    elif labelled:
        notes = ["An engine that was trained elsewhere on these labels is favoured by them."]
    if len(found) < _LEAST:
        notes = [_too_few(labelled, len(found))]
        return Right(labelled, len(found), None, notes)
    ours, theirs, truth = (np.array([row[at] for row in found]) for at in (2, 3, 4))
    names = _names(first, second)
    evidence = Predictions(
        truth, {names[0]: ours, names[1]: theirs}, num_classes=len(SENTIMENT), metric="accuracy"
    )
    try:
        (accuracy,) = compare(evidence, reference=names[1])
    except NotComparable as error:
        return Right(labelled, len(found), None, [f"No test is possible: {error}"])
    return Right(labelled, len(found), accuracy, notes)


def _too_few(labelled: int, judging: int) -> str:
    said = f"People labelled {labelled:,} of these comments"
    if judging < labelled:
        said += f", of which {judging:,} are such that no model trained here has seen them"
    return f"{said}; from {_LEAST} on, the engines are compared by who is right."


def _names(first: Analysis, second: Analysis) -> tuple[str, str]:
    if first.engine != second.engine:
        return first.engine, second.engine
    return f"{first.engine} (analysis {first.pk})", f"{second.engine} (analysis {second.pk})"
