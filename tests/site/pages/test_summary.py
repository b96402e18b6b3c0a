from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from roomtone.errors import DataError
from roomtone_site.analysis import counting
from roomtone_site.analysis.again import change_filters, keep_comment
from roomtone_site.analysis.models import SUMMARY, Analysis, Prediction, Removal
from roomtone_site.analysis.periods import MOST, periods
from roomtone_site.analysis.planning import know_sizes
from roomtone_site.analysis.running import run
from roomtone_site.analysis.summary import FORM, summarise, summary_of
from roomtone_site.jobs.claims import take
from roomtone_site.jobs.queueing import rescue

pytestmark = pytest.mark.django_db


def _as_stored(summary):
    return json.loads(json.dumps(asdict(summary)))


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
    assert summary_of(Analysis.objects.get(pk=analysis.pk)).total == first.total - 1
    assert run(analysis.pk) == "counted"
    assert _as_stored(summary_of(Analysis.objects.get(pk=analysis.pk))) == _as_stored(first)


def test_comments_that_come_back_while_it_is_counted_are_counted_the_next_time(
    analysed, monkeypatch
):
    analysis = analysed()
    first, second = (row.comment_id for row in analysis.predictions.all()[:2])
    for comment in (first, second):
        Removal.objects.create(analysis=analysis, comment_id=comment, reason="spam")
    assert summary_of(analysis).total == 58

    def meanwhile(row):
        found = summarise(row)
        monkeypatch.setattr(counting, "summarise", summarise)
        keep_comment(analysis, second)
        return found

    monkeypatch.setattr(counting, "summarise", meanwhile)
    keep_comment(analysis, first)
    assert run(analysis.pk) == "counted"
    counted = Analysis.objects.get(pk=analysis.pk)
    assert (summary_of(counted).total, counted.uncounted) == (59, 1)
    assert run(analysis.pk) == "counted"
    counted = Analysis.objects.get(pk=analysis.pk)
    assert (summary_of(counted).total, counted.uncounted) == (60, 0)
    assert run(analysis.pk).endswith("nothing is to be done")


def test_who_only_counts_gives_way_to_other_filters(analysed, version, monkeypatch):
    analysis = analysed()
    Analysis.objects.filter(pk=analysis.pk).update(engine_version=version.digest)
    comment = analysis.predictions.first().comment_id
    Removal.objects.create(analysis=analysis, comment_id=comment, reason="spam")
    keep_comment(analysis, comment)

    def meanwhile(row):
        change_filters(analysis, {"spam": False, "duplicates": False, "min_length": 10})
        return summarise(row)

    monkeypatch.setattr(counting, "summarise", meanwhile)
    assert run(analysis.pk) == "it is no longer this worker's"
    assert run(analysis.pk) == "done"
    done = Analysis.objects.get(pk=analysis.pk)
    short = [row.text for row in done.video.comments.all() if len(row.text) < 10]
    assert summary_of(done).total == 60 - len(short)
    assert (done.uncounted, done.options["kept"]) == (0, [comment])


def test_what_is_counted_when_a_worker_dies_is_counted_by_another(analysed):
    analysis = analysed()
    comment = analysis.predictions.first().comment_id
    Removal.objects.create(analysis=analysis, comment_id=comment, reason="spam")
    assert summary_of(analysis).total == 59
    keep_comment(analysis, comment)
    assert take(Analysis, analysis.pk)
    assert run(analysis.pk).startswith("another worker has it")
    Analysis.objects.update(heartbeat="2020-01-01T00:00Z")
    assert rescue() == 1
    assert run(analysis.pk) == "counted"
    counted = Analysis.objects.get(pk=analysis.pk)
    assert (summary_of(counted).total, counted.state) == (60, "done")


def test_a_comment_does_not_come_back_into_what_is_under_way(analysed):
    analysis = analysed()
    comment = analysis.predictions.first().comment_id
    Removal.objects.create(analysis=analysis, comment_id=comment, reason="spam")
    Analysis.objects.update(state="scoring")
    with pytest.raises(DataError, match="this analysis is scoring"):
        keep_comment(analysis, comment)
    assert analysis.removals.exists()


def test_one_of_an_older_form_is_made_anew(analysed):
    analysis = analysed()
    analysis.result = {"note": "kept", SUMMARY: {"form": FORM - 1}}
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


MANY = 100_000
NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
COMMENTS = """INSERT INTO comments_youtubecomment
(video_id, comment_id, text, author, likes, published, sentiment_source, engine, engine_version)
{numbers} SELECT {video}, 'n' || i, 'words w' || (i % 997) || ' and v' || (i % 4999), '',
i % 50, CURRENT_TIMESTAMP, '', '', '' FROM n"""
PREDICTIONS = """INSERT INTO analysis_prediction
(analysis_id, comment_id, label, known, p_negative, p_neutral, p_positive)
SELECT {analysis}, id, id % 3, TRUE, 0.2, 0.2, 0.6 FROM comments_youtubecomment
WHERE video_id = {video}"""


@pytest.mark.slow
def test_a_click_on_a_comment_of_100_000_waits_for_no_count(analysed, logged_in):
    analysis = analysed(30)
    analysis.predictions.all().delete()
    values = {"numbers": NUMBERS, "video": analysis.video_id, "analysis": analysis.pk}
    with connection.cursor() as cursor:
        cursor.execute(COMMENTS.format(**values))
        cursor.execute(PREDICTIONS.format(**values))
    chosen = analysis.predictions.all()[: MANY // 10]
    Removal.objects.bulk_create(
        (Removal(analysis=analysis, comment_id=row.comment_id, reason="spam") for row in chosen),
        batch_size=5000,
    )
    know_sizes()  # as a worker does at the end
    before = summary_of(analysis)
    page, back = (reverse(name, args=[analysis.pk]) for name in ("analysis", "bring_back"))
    for removal in list(Removal.objects.filter(analysis=analysis).order_by("-pk")[:3]):
        answer = logged_in.post(back, {"comment": removal.comment_id}, follow=True)
        shown = logged_in.get(page)
        assert b"a worker counts it in" in answer.content
        assert shown.context["summary"].total == before.total
        assert b"A worker is counting them again" in shown.content
    assert run(analysis.pk) == "counted"
    after = logged_in.get(page)
    assert _as_stored(after.context["summary"]) == _as_stored(summarise(analysis))
    assert after.context["summary"].total == before.total + 3
    assert b"A worker is counting them again" not in after.content
