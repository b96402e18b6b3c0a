"""One walk through the whole site in a real browser, with a real worker behind it."""

from __future__ import annotations

import csv

import pytest
from browsing import new_page, settled, started_browser, watched
from worker_processes import running_worker, worker_environment

from roomtone_site.labelling.models import Label, Training

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def browser():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the tests read the database beside it
        with started_browser() as found:
            yield found


def test_from_signing_up_to_a_better_model_and_an_export(browser, live_server, version, tmp_path):
    page = new_page(browser, accept_downloads=True)
    noted = watched(page, live_server.url)
    with running_worker(worker_environment(tmp_path, OMP_NUM_THREADS="1")):
        _sign_up(page, live_server.url)
        _analyse(page)
        _filter(page)
        _label_ten(page, live_server.url)
        _retrain(page, live_server.url)
        _compare(page, live_server.url)
        _export(page, tmp_path / "comments.csv")
    assert noted == []


def _sign_up(page, site):
    page.goto(site + "/accounts/sign-up/")
    page.get_by_label("Username").fill("cleo")
    for field in page.locator("input[type=password]").all():
        field.fill("a-long-enough-1-password")
    page.get_by_role("button", name="Sign up").click()


def _analyse(page):
    page.get_by_role("button", name="Load the sample").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="Telling words").wait_for()


def _filter(page):
    page.get_by_role("link", name="See them and bring them back").click()
    page.locator("details summary", has_text="Change the filters").click()
    for box in page.locator("details input[type=checkbox]").all():
        box.uncheck()
    page.get_by_role("button", name="Filter anew").click()
    left_out = page.get_by_role("region", name="Left out by the filters")
    left_out.get_by_text("None.").wait_for()


def _label_ten(page, site):
    page.goto(site + "/labels/")
    page.get_by_label("Name").fill("ten")
    page.get_by_label("How many at most").fill("10")
    page.get_by_role("button", name="Make the set").click()
    for number in range(10):
        settled(page)
        page.locator("#task").get_by_role("button", name=f"{number % 3 + 1} ").click()
        page.get_by_text(f"{number + 1} of 10", exact=True).wait_for()
    page.get_by_text("That was the last comment").wait_for()
    assert Label.objects.count() == 10


def _retrain(page, site):
    page.goto(site + "/models/")
    page.get_by_label("Name").fill("of cleo")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Put it to use").click()
    page.get_by_text("is what new analyses use from now on").wait_for()
    assert Training.objects.get().state == "done"


def _compare(page, site):
    page.goto(site)
    page.get_by_role("link", name="All analyses").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name="Telling words").wait_for()
    page.get_by_text("with the model “of cleo”").wait_for()
    page.get_by_role("button", name="Compare").click()
    page.get_by_text("The engines agree on").wait_for()
    page.get_by_role("heading", name="Which one is right more often?").wait_for()
    page.go_back()


def _export(page, path):
    page.get_by_role("link", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Comments (CSV)").click()
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 10
    assert all(row["text"] for row in rows)
