"""The pages in a real browser, from signing up to the export."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from browsing import axe_source, expect, faults, new_page, settled, started_browser, watched

from roomtone_site.analysis.models import Analysis
from roomtone_site.analysis.running import run
from roomtone_site.analysis.starting import start_analysis
from roomtone_site.analysis.summary import kept_predictions
from roomtone_site.comments.models import Import, YouTubeComment, YouTubeVideo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NARROW = {"width": 360, "height": 740}
SCRIPT = '<script>alert("title")</script><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def _in_one_thread():
    # Playwright runs a loop in this thread; the tests read the database beside it, not in it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="module", autouse=True)
def browser(_in_one_thread):
    with started_browser() as found:
        yield found


@pytest.fixture(scope="module")
def axe(request):
    return axe_source(request.config.cache.mkdir("axe"))


@pytest.fixture
def visit(browser, live_server, client, user):
    """A function that opens a page as somebody who is logged in, on a screen of some kind."""
    contexts = []

    def open_page(path: str, **screen: Any):
        client.force_login(user)
        page = new_page(browser, **screen)
        contexts.append(page.context)
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.noted = watched(page, live_server.url)
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def _paths(analysis, other):
    ended, begun = (
        Import.objects.create(
            owner=analysis.owner, name=f"{name}.csv", state=state, fraction=0.3, rows=1200
        )
        for name, state in (("w" * 90, "done"), ("begun", "running"))
    )
    ended.rejected, ended.rejections = [[1200, "empty text"], [1300, "w" * 400]], 2
    ended.save()
    ended.videos.add(analysis.video)
    prediction = analysis.predictions.first()
    return {
        "videos": "/",
        "add": "/add/",
        "video": f"/videos/{analysis.video_id}/",
        "analysis": f"/analyses/{analysis.pk}/",
        "comments": f"/analyses/{analysis.pk}/comments/?q=love",
        "why": f"/analyses/{analysis.pk}/comments/{prediction.comment_id}/",
        "removed": f"/analyses/{analysis.pk}/removed/",
        "export": f"/analyses/{analysis.pk}/export/",
        "engines": f"/compare/?a={analysis.pk}&b={other.pk}",
        "import": f"/imports/{ended.pk}/",
        "import under way": f"/imports/{begun.pk}/",
        "account": "/accounts/",
    }


@pytest.fixture
def paths(analysed, version):
    analysis = analysed(80)
    Analysis.objects.filter(pk=analysis.pk).update(engine_version=version.digest)
    long = YouTubeComment.objects.filter(video=analysis.video).first()
    long.text = "w" * 400
    long.save()
    analysis.removals.create(comment=long, reason="spam", detail="the same letter 400 times")
    return _paths(analysis, analysed(80, seed=5, again=analysis))


def test_from_signing_up_to_the_export(browser, live_server, version, tmp_path):
    page = new_page(browser, accept_downloads=True)
    noted = watched(page, live_server.url)
    page.goto(live_server.url + "/accounts/sign-up/")
    page.get_by_label("Username").fill("cleo")
    for field in page.locator("input[type=password]").all():
        field.fill("a-long-enough-1-password")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("button", name="Load the sample").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_text("queued").wait_for()
    first = Analysis.objects.get()
    assert run(first.pk) == "done"
    # The page asks by itself, and shows what was found.
    page.get_by_role("heading", name="Telling words").wait_for()
    headline = page.get_by_role("heading", level=2).first.inner_text()
    kept = kept_predictions(first).count()
    assert headline.startswith(f"Of {kept:,} comments")

    table = page.locator("#comments")

    def click(role, name):
        settled(page)
        table.get_by_role(role, name=name).first.click()

    table.get_by_label("Class").select_option("positive")
    click("button", "Show")
    positive = kept_predictions(first).filter(label=2).count()
    table.get_by_text(f"of {positive:,} comment").wait_for()
    settled(page)
    table.get_by_label("Text contains").fill("zzzz-nowhere")
    click("button", "Show")
    table.get_by_text("No comment matches.").wait_for()
    click("link", "Show all")
    table.locator("tbody tr").first.wait_for()
    click("link", "Likes")
    table.locator("th[aria-sort=descending]").wait_for()
    click("link", "Why")
    why = table.locator(".why").first
    why.wait_for()
    assert "Contributions to the linear model" in why.inner_text()
    click("link", "Why")
    why.wait_for(state="detached")
    address = f"{live_server.url}/analyses/{first.pk}/"
    assert page.url == address  # the order that pages begin with
    table.get_by_label("Class").select_option("negative")
    click("button", "Show")
    page.wait_for_url(f"{address}?label=negative")
    settled(page)
    page.go_back()
    page.wait_for_url(address)
    # The page is fetched again, and until then shows what it showed.
    expect(table.get_by_label("Class")).to_have_value("")
    page.get_by_role("heading", name="Telling words").wait_for()

    second = start_analysis(first.owner, first.video, version=version, options={"spam": False})
    run(second.pk)
    page.reload()
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("The engines agree on 100 %").wait_for()
    page.go_back()
    page.get_by_role("link", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Comments (CSV)").click()
    download.value.save_as(tmp_path / "comments.csv")
    with (tmp_path / "comments.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == kept
    assert noted == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(visit, live_server, paths, axe, scheme):
    page = visit("/", color_scheme=scheme)
    for name, path in paths.items():
        page.goto(live_server.url + path)
        for opened in page.locator("details").all():
            opened.evaluate("element => element.open = true")
        assert faults(page, axe) == [], name
    page.context.clear_cookies()
    for path in ("/accounts/log-in/", "/accounts/sign-up/"):
        page.goto(live_server.url + path)
        assert faults(page, axe) == [], path


def test_on_a_phone_no_page_is_wider_than_the_screen(visit, live_server, paths):
    page = visit("/", viewport=NARROW)
    for name, path in paths.items():
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], name


def test_the_keyboard_alone_is_enough(visit, paths):
    page = visit(paths["analysis"])
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.locator("#comments").get_by_role("link", name="Why").first.focus()
    page.keyboard.press("Enter")
    page.locator("#comments .why").first.wait_for()
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(width.removesuffix("px")) >= 2
    for kept in ("sort-newest", "turn-next"):
        settled(page)
        page.locator(f"#{kept}").focus()
        with page.expect_response("**/comments/**"):
            page.keyboard.press("Enter")
        settled(page)
        expect(page.locator(f"#{kept}")).to_be_focused()
    expect(page.locator("#said")).to_have_text("26 to 50 of 79 comments, newest first")
    assert page.noted == []


def test_scripts_that_somebody_wrote_do_nothing(visit, live_server, analysed):
    analysis = analysed(30, title=SCRIPT, channel=SCRIPT)
    YouTubeComment.objects.filter(video=analysis.video).update(text=f"love {SCRIPT}")
    YouTubeVideo.objects.filter(pk=analysis.video_id).update(title=SCRIPT)
    page = visit("/")
    for path in _paths(analysis, analysed(30, seed=2, again=analysis)).values():
        page.goto(live_server.url + path)
        settled(page)
    assert page.noted == []


def test_without_scripts_the_same_can_be_done(visit, live_server, paths):
    page = visit(paths["analysis"], java_script_enabled=False)
    page.locator("#comments").get_by_label("Text contains").fill("love")
    page.locator("#comments").get_by_role("button", name="Show").click()
    page.wait_for_url("**q=love**")
    page.get_by_role("link", name="Why").first.click()
    page.get_by_role("heading", name="Its words").wait_for()
