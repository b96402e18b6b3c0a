from __future__ import annotations

import csv
import io
import json

import pytest
from django.urls import reverse

from roomtone_site.analysis.models import Removal
from roomtone_site.comments.models import YouTubeComment
from roomtone_site.labelling.blindness import open_set
from roomtone_site.labelling.choosing import make_set
from roomtone_site.labelling.settling import record

pytestmark = pytest.mark.django_db


def _content(client, analysis, form):
    answer = client.get(reverse("export_rows", args=[analysis.pk, form]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1"])
def test_a_formula_is_text_in_csv_and_as_it_was_in_json(analysed, logged_in, text):
    analysis = analysed(10)
    YouTubeComment.objects.filter(video=analysis.video).update(text=text, author=text)
    table = _content(logged_in, analysis, "csv")
    assert table.startswith("\ufeff")
    for row in csv.DictReader(io.StringIO(table[1:])):
        assert row["text"] == row["author"] == f"'{text}"
    assert json.loads(_content(logged_in, analysis, "json"))["comments"][0]["text"] == text


def test_both_forms_hold_the_same_rows_without_those_left_out(analysed, logged_in):
    analysis = analysed(70)
    gone = analysis.predictions.first().comment
    Removal.objects.create(analysis=analysis, comment=gone, reason="spam")
    rows = list(csv.DictReader(io.StringIO(_content(logged_in, analysis, "csv")[1:])))
    document = json.loads(_content(logged_in, analysis, "json"))
    assert len(rows) == len(document["comments"]) == 69
    assert gone.comment_id not in {row["comment_id"] for row in rows}
    assert [row["text"] for row in rows] == [row["text"] for row in document["comments"]]
    assert sum(document["counts"].values()) == 69
    assert document["removed"] == {"spam": 1}
    named = {comment.comment_id: comment for comment in analysis.video.comments.all()}
    for row in rows:
        comment = named[row["comment_id"]]
        assert int(row["likes"]) == comment.likes
        assert row["reply_to"] == (comment.parent.comment_id if comment.parent else "")
        total = sum(float(row[f"p_{name}"]) for name in ("negative", "neutral", "positive"))
        assert total == pytest.approx(1, abs=1e-5)


def test_what_an_annotator_said_is_kept_from_an_owner_who_has_still_to_label(
    analysed, logged_in, user, other
):
    analysis = analysed(10)
    label_set = make_set(user, "a set", mode="random")
    first, second = label_set.items.all()[:2]
    record(first, other, 2)
    record(second, other, 2)
    record(second, user, 2)

    def seen():
        document = json.loads(_content(logged_in, analysis, "json"))
        exported = {row["comment_id"] for row in document["comments"] if row["labelled"]}
        shown = logged_in.get(reverse("comments", args=[analysis.pk])).text
        return exported, shown.count("people: positive")

    assert seen() == ({second.comment.comment_id}, 1)
    open_set(label_set)
    assert seen() == ({first.comment.comment_id, second.comment.comment_id}, 2)


def test_comments_of_youtubes_api_stay_unless_the_site_lets_them_go(analysed, logged_in, settings):
    analysis = analysed(20, source="api")
    address = reverse("export_rows", args=[analysis.pk, "csv"])
    refused = logged_in.get(address)
    assert refused.status_code == 403
    assert b"refreshed or deleted after 30 days" in refused.content
    report = logged_in.get(reverse("report", args=[analysis.pk])).content.decode()
    texts = set(analysis.video.comments.values_list("text", flat=True))
    assert not any(text in report for text in texts)
    settings.EXPORT_API_DATA = True
    assert logged_in.get(address).status_code == 200
    report = logged_in.get(reverse("report", args=[analysis.pk])).content.decode()
    assert any(text in report for text in texts)


def test_the_report_needs_no_other_file_and_runs_nothing(analysed, logged_in):
    answer = logged_in.get(reverse("report", args=[analysed(60).pk]))
    page = answer.content.decode()
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    for outside in ("<script", "<link", 'src="', "href=", "url(", "hx-"):
        assert outside not in page, outside
    assert "<style>" in page
    assert "color-scheme" in page


def test_a_file_is_named_without_what_a_header_could_misread(analysed, logged_in):
    analysis = analysed(10, video_id='a"\r\nX: y;é')
    answer = logged_in.get(reverse("export_rows", args=[analysis.pk, "json"]))
    assert (
        answer["Content-Disposition"] == f'attachment; filename="roomtone_a_X_y_{analysis.pk}.json"'
    )
