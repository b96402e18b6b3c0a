"""Two analyses side by side: of two videos, or of one video by two engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from roomtone.errors import DataError
from roomtone.labels import SENTIMENT
from roomtone.stats.comparing.mcnemar import mcnemar
from roomtone.stats.comparing.multiplicity import holm
from roomtone.stats.homogeneity import Homogeneity, compare_shares
from roomtone_site.analysis.models import Analysis, Removal
from roomtone_site.analysis.summary import Summary, kept_predictions, summary_of
from roomtone_site.pages.figures import Share, shares
from roomtone_site.pages.judging import Right, who_is_right

_CLASSES = len(SENTIMENT)


@dataclass(frozen=True)
class Shift:
    """How much more often one engine answers with a class than the other, on the same comments.

    Attributes
    ----------
    name : str
        The class.
    first, second : float
        Share of the comments that each engine gives it.
    difference, low, high : float or None
        The first less the second, and its interval (Bonett & Price 2012).
    p_value : float or None
        Of McNemar's test, corrected for the three classes by Holm's procedure.
    """

    name: str
    first: float
    second: float
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None


@dataclass(frozen=True)
class Paired:
    """Two engines on the same comments.

    Attributes
    ----------
    count : int
        Comments that both scored and no filter of either left out.
    table : list of list of int, shape [classes of the first, classes of the second]
        How often they answered what.
    agreement : float
        Share of comments with the same answer.
    shifts : list of Shift
        One for each class.
    right : Right
        Which of them people agree with.
    """

    count: int
    table: list[list[int]]
    agreement: float
    shifts: list[Shift]
    right: Right


@dataclass(frozen=True)
class SideBySide:
    """All that a page of two analyses shows.

    Attributes
    ----------
    summaries : tuple of Summary
        Of both.
    shares : tuple of list of Share
        Of both.
    apart : Homogeneity or None
        Whether two videos have the same shares; None for one video.
    paired : Paired or None
        For one video.
    note : str
        Why there is neither.
    """

    summaries: tuple[Summary, Summary]
    shares: tuple[list[Share], list[Share]]
    apart: Homogeneity | None
    paired: Paired | None
    note: str = ""


def side_by_side(first: Analysis, second: Analysis) -> SideBySide:
    """Compare two analyses by the test that fits them.

    Comments of two videos are two samples: shares are compared by a test of homogeneity, if one
    engine scored both. Two engines on one video answer to the same comments: they are compared
    comment by comment, and where people labelled enough of these, by who is right.
    """
    summaries = summary_of(first), summary_of(second)
    apart, paired, note = None, None, ""
    try:
        if first.video_id == second.video_id:
            paired = _paired(first, second)
        elif first.engine_version != second.engine_version:
            note = (
                "Two videos are compared where one model scored both: of these, a difference may "
                "come from the models. Analyse both videos by the same one."
            )
        else:
            apart = compare_shares([summary.counts for summary in summaries])
    except DataError as error:
        note = str(error)
    return SideBySide(summaries, (shares(summaries[0]), shares(summaries[1])), apart, paired, note)


def _paired(first: Analysis, second: Analysis) -> Paired:
    table = np.zeros((_CLASSES, _CLASSES), dtype=np.int64)
    both = _scored_by_both(first, second).order_by()
    rows = both.values_list("label", "comment__predictions__label").annotate(Count("pk"))
    for label, other, times in rows:
        table[label, other] += times
    count = int(table.sum())
    if not count:
        raise DataError("the two analyses have no comment in common")
    return Paired(
        count=count,
        table=table.tolist(),
        agreement=float(np.trace(table) / count),
        shifts=_shifts(table, count),
        right=who_is_right(first, second, _scored_by_both(first, second)),
    )


def _scored_by_both(first: Analysis, second: Analysis) -> QuerySet[Any]:
    removed = Removal.objects.filter(analysis=second, comment=OuterRef("comment"))
    found: QuerySet[Any] = kept_predictions(first).filter(
        ~Exists(removed), comment__predictions__analysis=second
    )
    return found


def _shifts(table: NDArray[np.int64], count: int) -> list[Shift]:
    found: list[dict[str, Any]] = []
    for code, name in enumerate(SENTIMENT):
        ours, theirs = int(table[code].sum()), int(table[:, code].sum())
        alone = ours - int(table[code, code]), theirs - int(table[code, code])
        values: dict[str, Any] = dict.fromkeys(("difference", "low", "high", "p_value"))
        if sum(alone):
            test = mcnemar(*alone, count, mid_p=True)
            values = {key: getattr(test, key) for key in values}
        found.append({"name": name, "first": ours / count, "second": theirs / count, **values})
    corrected = holm([np.nan if row["p_value"] is None else row["p_value"] for row in found])
    return [
        Shift(**row | {"p_value": None if row["p_value"] is None else float(value)})
        for row, value in zip(found, corrected, strict=True)
    ]
