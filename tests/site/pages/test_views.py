from __future__ import annotations

import re

import pytest
from django.urls import reverse

from roomtone_site.analysis.models import Analysis, Prediction, Removal
from roomtone_site.analysis.running import run
from roomtone_site.comments.models import Import, YouTubeComment, YouTubeVideo
from roomtone_site.pages.urls import urlpatterns

pytestmark = pytest.mark.django_db

CHANGING = (
    *("delete_video", "fetch_again", "analyse", "give_up_import"),
    *("bring_back", "filters", "retry"),
)
SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def _addresses(analysis):
    """Every address of the pages that names something of an account."""
    given = {
        "key": analysis.pk,
        "comment": analysis.predictions.first().comment_id,
        "form": "csv",
    }
    for pattern in urlpatterns:
        names = pattern.pattern.converters or pattern.pattern.regex.groupindex
        wanted = {name: given[name] for name in names}
        if "videos/" in str(pattern.pattern):
            wanted["key"] = analysis.video_id
        elif "imports/" in str(pattern.pattern):
            made, _ = Import.objects.get_or_create(owner=analysis.owner, name="a.csv", state="done")
            wanted["key"] = made.pk
        yield pattern.name, reverse(pattern.name, kwargs=wanted)


@pytest.fixture
def analysis(analysed):
    return analysed()


def test_each_page_answers_its_owner_and_is_not_found_by_others(
    analysis, logged_in, client, other, user, django_user_model
):
    asked = {"compare": f"?a={analysis.pk}&b={analysis.pk}"}
    owned = [
        (name, address + asked.get(name, ""))
        for name, address in _addresses(analysis)
        if re.search(r"\d", address) or name in asked
    ]
    assert len(owned) >= 10
    for name, address in owned:
        client.force_login(user)
        if name not in CHANGING:
            assert client.get(address).status_code == 200, name
        client.force_login(other)
        answer = client.post(address) if name in CHANGING else client.get(address)
        assert answer.status_code == 404, name
    assert YouTubeVideo.objects.filter(pk=analysis.video_id).exists()


def test_a_visitor_is_sent_to_log_in(analysis, client):
    for name, address in _addresses(analysis):
        answer = client.get(address)
        assert answer.status_code == 302, name
        assert answer["Location"].startswith(reverse("accounts:login")), name


def test_numbers_that_no_database_holds_are_not_found(logged_in):
    for address in (f"/analyses/{10**30}/", f"/videos/{10**30}/", f"/compare/?a={10**30}&b=1"):
        assert logged_in.get(address).status_code == 404


def test_what_changes_anything_wants_a_token(analysis, user):
    from django.test import Client

    careful = Client(enforce_csrf_checks=True)
    careful.force_login(user)
    for name in CHANGING:
        address = dict(_addresses(analysis))[name]
        assert careful.post(address).status_code == 403
        assert careful.get(address).status_code == 405


@pytest.mark.parametrize("count", [20, 400])
def test_the_number_of_queries_does_not_depend_on_the_comments(
    analysed, logged_in, count, django_assert_num_queries
):
    analysis = analysed(count)
    Removal.objects.bulk_create(
        Removal(analysis=analysis, comment=row.comment, reason="spam")
        for row in analysis.predictions.all()[: count // 4]
    )
    page = reverse("analysis", args=[analysis.pk])
    logged_in.get(page)  # which stores the summary, as a worker does
    with django_assert_num_queries(8):
        logged_in.get(page)
    with django_assert_num_queries(5):
        logged_in.get(reverse("comments", args=[analysis.pk]) + "?q=love&page=2")
    with django_assert_num_queries(6):
        logged_in.get(reverse("removed", args=[analysis.pk]))
    with django_assert_num_queries(5):
        logged_in.get(reverse("home"))


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_of_videos_takes_the_same_queries_for_any_number(
    analysed, logged_in, count, django_assert_num_queries
):
    for seed in range(count):
        logged_in.get(reverse("analysis", args=[analysed(10, seed=seed).pk]))
    with django_assert_num_queries(5):
        answer = logged_in.get(reverse("home"))
    assert answer.content.count(b"<svg") == count


def test_scripts_in_comments_and_titles_are_text(analysed, logged_in):
    analysis = analysed(30, title=SCRIPT, channel=SCRIPT)
    YouTubeComment.objects.filter(video=analysis.video).update(text=f"love {SCRIPT}")
    Analysis.objects.filter(pk=analysis.pk).update(engine=SCRIPT[:90], message=SCRIPT)
    first = analysis.predictions.first().comment
    Removal.objects.create(analysis=analysis, comment=first, reason="spam", detail=SCRIPT)
    Analysis.objects.create(
        owner=analysis.owner, video=analysis.video, engine=SCRIPT[:90], state="failed",
        message=SCRIPT,
    )  # fmt: skip
    other = analysed(10, seed=2, title=SCRIPT)
    addresses = [address for name, address in _addresses(analysis) if name != "export_rows"]
    addresses.append(f"{reverse('compare')}?a={analysis.pk}&b={other.pk}")
    pages = 0
    for address in addresses:
        answer = logged_in.get(address)
        if answer.status_code != 200:
            continue
        pages += 1
        body = answer.content.decode()
        assert "<script>alert" not in body, address
        assert "<img" not in body, address
        policy = answer["Content-Security-Policy"]
        assert "'unsafe-eval'" not in policy
        assert "script-src" not in policy or "'unsafe-inline'" not in policy
    assert pages >= 10


def test_the_table_filters_sorts_and_pages(analysed, logged_in):
    analysis = analysed(130)
    address = reverse("comments", args=[analysis.pk])
    rows = Prediction.objects.filter(analysis=analysis)

    def shown(query):
        return logged_in.get(f"{address}?{query}").context["table"]

    assert shown("").count == 130
    assert [len(shown(f"page={page}").rows) for page in (1, 2, 6, 99)] == [25, 25, 5, 5]
    loved = shown("q=LOVE+this&label=positive&sort=unsure")
    assert loved.count == rows.filter(comment__text__icontains="love this", label=2).count() > 0
    assert all("love this" in row.comment.text and row.label == 2 for row in loved.rows)
    confidences = [row.confidence for row in loved.rows]
    assert confidences == sorted(confidences)
    likes = [row.comment.likes for row in shown("sort=likes&likes=2").rows]
    assert likes == sorted(likes, reverse=True)
    assert min(likes) >= 2
    assert shown("kind=replies").count + shown("kind=opening").count == 130
    everything = [row.pk for page in range(1, 7) for row in shown(f"sort=sure&page={page}").rows]
    assert len(set(everything)) == 130


@pytest.mark.parametrize(
    "query",
    ["page=-1", "page=x", "sort=;drop", "label=9", "likes=-5", "q=%00", "likes=" + "9" * 40],
)
def test_a_query_that_makes_no_sense_is_no_error(analysis, logged_in, query):
    assert logged_in.get(reverse("comments", args=[analysis.pk]) + "?" + query).status_code == 200


def test_htmx_gets_the_table_alone(analysis, logged_in):
    address = reverse("comments", args=[analysis.pk])
    part = logged_in.get(address, headers={"HX-Request": "true"}).content
    assert part.strip().startswith(b'<div id="comments"')
    whole = logged_in.get(
        address, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )
    assert b"<html" in whole.content


@pytest.mark.parametrize("page", ["analysis", "comments", None])
def test_the_browser_shows_the_address_of_what_it_shows(analysis, logged_in, page):
    table = reverse("comments", args=[analysis.pk])
    around = f"http://testserver{reverse(page, args=[analysis.pk])}" if page else "//else.where/x"
    part = logged_in.get(
        f"{table}?q=love", headers={"HX-Request": "true", "HX-Current-URL": around}
    )
    pushed = part["HX-Push-Url"]
    assert pushed == f"{reverse(page or 'comments', args=[analysis.pk])}?q=love"
    assert logged_in.get(pushed).context["table"].choice.q == "love"


def test_a_search_knows_no_case_in_any_script(analysis, logged_in):
    rows = list(analysis.predictions.select_related("comment")[:2])
    for row, text in zip(rows, ("ÜBER cool (100 %)", "über. cool"), strict=True):
        row.comment.text = text
        row.comment.save()
    address = reverse("comments", args=[analysis.pk])
    for query, found in (("über", 2), ("ÜBER.", 1), ("r cool (100", 1)):
        assert logged_in.get(address, {"q": query}).context["table"].count == found, query


def test_bringing_back_stays_at_its_place(analysis, logged_in):
    back = reverse("bring_back", args=[analysis.pk])
    answer = logged_in.post(back, {"comment": "1", "reason": "spam", "page": "2"})
    assert answer.url == reverse("removed", args=[analysis.pk]) + "?reason=spam&page=2"


def test_what_a_filter_left_out_is_brought_back(analysis, logged_in):
    comments = [row.comment for row in analysis.predictions.all()[:5]]
    for number, comment in enumerate(comments):
        reason = "spam" if number < 3 else "length"
        Removal.objects.create(analysis=analysis, comment=comment, reason=reason)
    page, back = (reverse(name, args=[analysis.pk]) for name in ("removed", "bring_back"))

    def total():
        return logged_in.get(reverse("analysis", args=[analysis.pk])).context["summary"].total

    def counted():
        assert total() in (55, 56), "the figures from before, until a worker has counted"
        progress = reverse("progress", args=[analysis.pk])
        assert b'hx-trigger="every 2s"' in logged_in.get(progress).content
        assert run(analysis.pk) == "counted"
        assert logged_in.get(progress)["HX-Refresh"] == "true"
        return total()

    assert total() == 55
    assert len(logged_in.get(page + "?reason=length").context["page"].object_list) == 2
    logged_in.post(back, {"comment": comments[4].pk})
    assert total() == 55
    assert counted() == 56
    for nothing in ({"comment": comments[4].pk}, {"comment": "x"}, {"comment": "9" * 40}, {}):
        logged_in.post(back, nothing)
    assert total() == 56
    analysis.refresh_from_db()
    assert analysis.options["kept"] == [comments[4].pk]


def test_other_filters_are_put_before_a_worker(analysis, logged_in):
    address = reverse("filters", args=[analysis.pk])
    wrong = logged_in.post(address, {"min_length": 90, "max_length": 3})
    assert wrong.status_code == 400
    assert b"leaves no comment" in wrong.content
    logged_in.post(address, {"languages": "EN, de", "min_length": 3})
    analysis.refresh_from_db()
    assert analysis.state == "scoring"
    chosen = {key: analysis.options[key] for key in ("spam", "languages", "min_length")}
    assert chosen == {"spam": False, "languages": ["en", "de"], "min_length": 3}


@pytest.mark.parametrize("state", ["queued", "fetching", "scoring", "failed"])
def test_before_it_is_done_an_analysis_shows_how_far_it_is(analysis, logged_in, state):
    Analysis.objects.filter(pk=analysis.pk).update(
        state=state, done=1200, total=3400, message="The key is wrong.", quota_used=12
    )
    answer = logged_in.get(reverse("analysis", args=[analysis.pk]))
    assert b"The key is wrong." in answer.content
    assert (b"1,200 of 3,400" in answer.content) == (state in ("fetching", "scoring"))
    polls = b'hx-trigger="every 2s"' in answer.content
    assert polls == (state != "failed")
    part = logged_in.get(reverse("progress", args=[analysis.pk]))
    assert ("HX-Refresh" in part) == (state == "failed")
    assert logged_in.get(reverse("export", args=[analysis.pk])).status_code == 404


def test_when_it_is_done_the_page_loads_itself_anew(analysis, logged_in):
    assert logged_in.get(reverse("progress", args=[analysis.pk]))["HX-Refresh"] == "true"


def test_a_partial_analysis_says_that_it_is_not_complete(analysis, logged_in):
    rows, page = Analysis.objects.filter(pk=analysis.pk), reverse("analysis", args=[analysis.pk])
    at = "2026-03-01T12:34Z"
    rows.update(state="partial", message="Quota used up.", resume_at=at)
    answer = logged_in.get(page).content
    assert b"Not complete." in answer
    assert b"Quota used up. It goes on at 2026-03-01 12:34 UTC." in answer
    assert b"Go on now" in answer
    rows.update(message="YouTube cannot be reached.", tries=1)
    answer = logged_in.get(page).content
    assert b"YouTube cannot be reached. It tries again at 2026-03-01 12:34 UTC." in answer
    assert b"Try now" in answer
    logged_in.post(reverse("retry", args=[analysis.pk]))
    assert rows.values_list("state", "tries", "resume_at").get() == ("queued", 0, None)


def test_the_comments_of_a_video_of_youtubes_are_fetched_again(analysed, logged_in, settings):
    settings.YOUTUBE_API_KEY = "k"
    analysis = analysed(230, source="api")
    page, button = (reverse(name, args=[analysis.video_id]) for name in ("video", "fetch_again"))
    shown = logged_in.get(page).text
    assert f'action="{button}"' in shown
    assert "about 4 units of the day’s quota" in shown
    assert "thread with more than" not in shown
    options = {"fetch": True, "replies": True, "limit": 100}
    Analysis.objects.update(options=options, page_token="end")
    shown = logged_in.get(page).text
    assert "about 2 units" in shown
    assert "one more for each thread with more than a few replies" in shown
    assert logged_in.get(button).status_code == 405
    answer = logged_in.post(button)
    assert answer.url == reverse("analysis", args=[analysis.pk])
    analysis.refresh_from_db()
    assert (analysis.state, analysis.page_token, analysis.options["fetch"]) == ("queued", "", True)
    assert f'action="{button}"' not in logged_in.get(page).text
    again = logged_in.post(button, follow=True)
    assert b"this analysis is queued" in again.content


def test_the_page_tells_what_fetching_has_taken_of_the_quota(analysed, logged_in):
    page = reverse("analysis", args=[analysed(source="api").pk])
    assert "quota" not in logged_in.get(page).text
    for state in ("done", "partial", "fetching"):
        Analysis.objects.update(state=state, quota_used=3)
        assert "Fetching has taken 3 units of YouTube’s quota in all." in logged_in.get(page).text


def test_only_what_youtube_has_can_be_fetched_again(analysed, logged_in, settings, user):
    settings.YOUTUBE_API_KEY = "k"
    imported = analysed().video
    new = YouTubeVideo.objects.create(owner=user, video_id="n", title="New", source="api")
    for video, told in ((imported, b"come from imported file"), (new, b"there is no analysis yet")):
        address = reverse("fetch_again", args=[video.pk])
        assert address not in logged_in.get(reverse("video", args=[video.pk])).text
        assert told in logged_in.post(address, follow=True).content
    settings.YOUTUBE_API_KEY = ""
    kept = analysed(seed=3, source="api").video
    assert "fetch-again" not in logged_in.get(reverse("video", args=[kept.pk])).text


def test_an_analysis_of_nothing_has_a_page(logged_in, user):
    video = YouTubeVideo.objects.create(owner=user, video_id="e", title="Empty", source="import")
    empty = Analysis.objects.create(owner=user, video=video, engine="m", state="done")
    answer = logged_in.get(reverse("analysis", args=[empty.pk]))
    assert b"No comment is left to count." in answer.content
    assert logged_in.get(reverse("report", args=[empty.pk])).status_code == 200
