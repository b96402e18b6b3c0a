"""Labelling by keys, retraining and comparing, in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from browsing import axe_source, expect, faults, new_page, settled, started_browser, watched
from django.urls import reverse
from small_model import TEXTS

from roomtone_site.analysis.versions import find_version
from roomtone_site.comments.incoming import Incoming
from roomtone_site.comments.storing import store_comments
from roomtone_site.labelling.choosing import make_set
from roomtone_site.labelling.models import Label, Training
from roomtone_site.labelling.retraining import run_training

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def browser():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the tests read the database beside it
        with started_browser() as found:
            yield found


WIDE, NARROW = {"width": 1400, "height": 800}, {"width": 375, "height": 740}


def looked_at(page, axe, name):
    """Look at a page as it is on a large screen, on a phone, and in the dark."""
    settled(page)
    for opened in page.locator("details").all():
        opened.evaluate("element => element.open = true")
    for scheme in ("light", "dark"):
        for width, size in (("wide", WIDE), ("narrow", NARROW)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            if folder := os.environ.get("ROOMTONE_SCREENSHOTS"):
                path = Path(folder) / f"{name}_{width}_{scheme}.png"
                page.screenshot(path=path, full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        assert faults(page, axe) == [], f"{name}, {scheme}"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)


def test_ten_labels_by_keys_become_a_model(
    browser, live_server, client, user, version, video, request
):
    store_comments(video, [Incoming("x", "so boring, I hate it")])
    label_set = make_set(user, "first", mode="random")
    client.force_login(user)
    page = new_page(browser)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    noted = watched(page, live_server.url)
    axe = axe_source(request.config.cache.mkdir("axe"))

    def seen(name):
        looked_at(page, axe, name)

    def press(key):
        settled(page)
        page.keyboard.press(key)

    page.goto(live_server.url + reverse("label", args=[label_set.pk]))
    seen("label")
    answers = {text: "312"[n // 3] for n, text in enumerate(TEXTS)} | {"so boring, I hate it": "1"}
    for number in range(10):
        press(answers[page.locator("#task blockquote").inner_text()])
        page.get_by_text(f"{number + 1} of 10", exact=True).wait_for()
        if number == 4:
            press("u")
            page.get_by_text("4 of 10", exact=True).wait_for()
            press("s")
            page.get_by_text("5 of 10", exact=True).wait_for()
    page.get_by_text("That was the last comment").wait_for()
    assert Label.objects.filter(value=None).count() == 1
    press("u")
    page.get_by_text("9 of 10", exact=True).wait_for()
    press(answers[page.locator("#task blockquote").inner_text()])
    page.get_by_text("That was the last comment").wait_for()
    assert page.locator("#said").inner_text() == "All 10 are answered."
    page.get_by_label("Answer by single keys").uncheck()
    press("u")
    page.reload()
    press("u")
    assert page.get_by_text("10 of 10", exact=True).is_visible()
    page.get_by_role("button", name="undo the last one").focus()
    press("Enter")
    page.get_by_text("9 of 10", exact=True).wait_for()
    settled(page)
    said = page.locator("#task blockquote").inner_text()
    assert page.locator("#said").inner_text() == f"9 of 10. {said}"
    expect(page.locator("#undo")).to_be_focused()
    page.locator(f"button[data-key='{answers[said]}']").focus()
    press("Enter")
    page.get_by_text("That was the last comment").wait_for()
    settled(page)
    expect(page.locator("#task")).to_be_focused()
    store_comments(video, [Incoming("y", "great, great", sentiment=2)])

    page.goto(live_server.url + reverse("settle", args=[label_set.pk]))
    seen("settle")
    page.get_by_role("button", name="Open the set").click()
    page.get_by_role("heading", name="Disputed comments").wait_for()
    seen("settle_opened")
    page.goto(live_server.url + reverse("label_sets"))
    seen("sets")
    page.goto(live_server.url + reverse("models"))
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Give it up").wait_for()
    training = Training.objects.get()
    run_training(training.pk)
    page.locator("#trainings").get_by_role("button", name="Put it to use").wait_for()
    assert page.get_by_role("button", name="Train", exact=True).is_enabled()
    page.get_by_role("button", name="Put to use trained on my labels").wait_for()
    seen("models")
    page.locator("#trainings").get_by_role("button", name="Put it to use").click()
    page.get_by_text("is what new analyses use from now on").wait_for()
    training.refresh_from_db()
    assert find_version(user) == training.version
    page.goto(live_server.url + reverse("tokens"))
    page.get_by_label("Name of the program").fill("laptop")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_text("Copy it now.").wait_for()
    seen("tokens")
    assert noted == []
    page.context.close()
