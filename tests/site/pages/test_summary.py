from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from roomtone_site.analysis.models import Analysis, Prediction, Removal
from roomtone_site.analysis.periods import MOST, periods
from roomtone_site.analysis.starting import keep_comment
from roomtone_site.analysis.summary import FORM, KEY, summarise, summary_of

pytestmark = pytest.mark.django_db


def test_its_counts_are_those_of_the_rows(analysed):
    analysis = analysed(90)
    rows = list(Prediction.objects.filter(analysis=analysis).select_related("comment"))
    removed = rows[3].comment, rows[40].comment
    for comment, reason in zip(
        (*removed, removed[0]), ("spam", "length", "duplicate"), strict=True
    ):
        Removal.objects.create(analysis=analysis, comment=comment, reason=reason)
    kept = [row for row in rows if row.comment not in removed]
    found = summarise(analysis)
    assert found.total == 88
    assert found.counts == [sum(row.label == code for row in kept) for code in range(3)]
    weights = [1 + row.comment.likes for row in kept]
    assert sum(found.weights) == sum(weights)
    assert sum(found.squares) == sum(weight**2 for weight in weights)
    assert sum(found.replies) == sum(row.comment.parent_id is not None for row in kept)
    assert sum(found.opening) + sum(found.replies) == 88
    threads = Counter(row.comment.parent_id for row in kept if row.comment.parent_id)
    assert [sum(counts) for _, counts in found.threads] == sorted(threads.values(), reverse=True)
    days = Counter(row.comment.published.date() for row in kept)
    assert (found.unit, found.undated) == ("day", 0)
    assert {start: sum(counts) for start, counts in found.periods if sum(counts)} == {
        day.isoformat(): count for day, count in days.items()
    }
    assert found.removed == {"spam": 1, "length": 1, "duplicate": 1}
    assert found.removed_comments == 2


def test_it_is_made_once_and_again_when_the_filters_change(analysed, django_assert_num_queries):
    analysis = analysed()
    first = summary_of(analysis)
    analysis = Analysis.objects.get(pk=analysis.pk)
    with django_assert_num_queries(0):
        assert summary_of(analysis).counts == first.counts
    comment = analysis.predictions.first().comment_id
    Removal.objects.create(analysis=analysis, comment_id=comment, reason="spam")
    stale = Analysis.objects.get(pk=analysis.pk)
    Analysis.objects.filter(pk=analysis.pk).update(result=None)
    assert summary_of(Analysis.objects.get(pk=analysis.pk)).total == first.total - 1
    keep_comment(analysis, comment)
    stale.result = None
    assert summary_of(stale).total == first.total
    # The one that counted while the comment came back has stored nothing.
    assert Analysis.objects.get(pk=analysis.pk).result is None


def test_one_of_an_older_form_is_made_anew(analysed):
    analysis = analysed()
    analysis.result = {"note": "kept", KEY: {"form": FORM - 1}}
    analysis.save()
    assert summary_of(analysis).total == 60
    assert Analysis.objects.get(pk=analysis.pk).result["note"] == "kept"


@pytest.mark.parametrize(
    ("last", "unit"), [(0, "day"), (47, "day"), (60, "week"), (400, "month"), (5000, "year")]
)
def test_periods_are_the_shortest_of_which_a_chart_shows_all(last, unit):
    first = date(2020, 2, 28)
    days = {first: (1, 0, 0), first + timedelta(days=last): (0, 0, 2)}
    found, rows = periods(days)
    assert found == unit
    assert len(rows) <= MOST
    assert [row.start for row in rows] == sorted({row.start for row in rows})
    assert sum(row.total for row in rows) == (2 if last == 0 else 3)
    assert rows[0].start <= first < (rows[1].start if len(rows) > 1 else date.max)


def test_the_calendar_ends(analysed):
    unit, rows = periods({date.max: (1, 0, 0), date(9000, 1, 1): (0, 1, 0)})
    assert unit == "year"
    assert sum(row.total for row in rows) == 2
    assert periods({}) == ("day", [])
