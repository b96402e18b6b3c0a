"""Guessing passwords on the real page for logging in."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user, get_user_model
from django.db import connections
from django.test import Client
from django.urls import reverse

from roomtone_site.accounts.guessing import COOKIE, MOST_PER_ACCOUNT, MOST_PER_ADDRESS, WINDOW
from roomtone_site.accounts.views import MOST_SIGN_UPS
from roomtone_site.limits import counting
from roomtone_site.limits.models import Use

RIGHT, WRONG = "correct-horse-42", "guessed"
LOG_IN = "/accounts/log-in/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time, which stands still at the beginning of a window."""

    class Clock:
        now = 1000.0 * WINDOW

        def time(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(counting, "time", clock)
    return clock


def attempt(password=WRONG, *, name="ana", address="203.0.113.7", browser=None, **headers):
    form = {"username": name, "password": password}
    return (browser or Client()).post(LOG_IN, form, REMOTE_ADDR=address, headers=headers)


def use_up(most=MOST_PER_ACCOUNT, **options):
    for _ in range(most):
        assert attempt(**options).status_code == 200


def test_an_account_can_be_guessed_so_often_whatever_the_address_and_then_the_page_says_so(
    user, clock
):
    for n in range(MOST_PER_ACCOUNT):
        answer = attempt(address=f"203.0.113.{n}", name=["ana", "ANA"][n % 2])
        assert answer.status_code == 200
    clock.now += 100
    for password in (WRONG, RIGHT):
        answer = attempt(password, address="198.51.100.1")
        assert answer.status_code == 429
        assert answer["Retry-After"] == str(WINDOW - 100)
        assert "try again in 3 min 20 s" in answer.text
        assert "Nothing was tried" in answer.text
        assert not get_user(answer.client).is_authenticated
    clock.now += WINDOW - 100
    assert attempt(RIGHT).status_code == 302


def test_an_address_can_try_so_many_accounts(user):
    for n in range(MOST_PER_ADDRESS):
        assert attempt(name=f"name{n}").status_code == 200
    assert attempt(RIGHT).status_code == 429
    assert attempt(RIGHT, address="203.0.113.8").status_code == 302


def test_no_account_is_told_from_one_that_there_is_not(user):
    texts = []
    for name in ("ana", "nobody"):
        use_up(name=name)
        texts.append(re.sub(r'value="[^"]*"', "", attempt(name=name).text))
    assert texts[0] == texts[1]


def test_a_guesser_does_not_keep_out_a_browser_that_was_there_before(user):
    mine = Client()
    assert attempt(RIGHT, browser=mine).status_code == 302
    mine.post(reverse("accounts:logout"))
    use_up(address="198.51.100.1")
    assert attempt(RIGHT).status_code == 429, "unknown browsers have to wait"
    assert attempt(RIGHT, browser=mine).status_code == 302


def test_a_browser_that_was_there_before_can_guess_no_more_than_others(user, other):
    mine = Client()
    attempt(RIGHT, browser=mine)
    mine.post(reverse("accounts:logout"))
    use_up(browser=mine)
    assert attempt(RIGHT, browser=mine).status_code == 429
    # For another account it is as unknown as any.
    use_up(name="bob", address="198.51.100.1")
    assert attempt("battery-staple-42", name="bob", browser=mine).status_code == 429


def test_signing_up_makes_a_browser_known(client):
    password = "a-mild-evening-7"
    form = {"username": "carla", "password1": password, "password2": password}
    assert client.post(reverse("accounts:signup"), form).status_code == 302
    use_up(name="carla")
    client.post(reverse("accounts:logout"))
    assert attempt(password, name="carla", browser=client).status_code == 302


def test_an_address_can_make_so_many_accounts(clock):
    password = "a-mild-evening-7"

    def sign_up(number, address):
        form = {"username": f"name{number}", "password1": password, "password2": password}
        return Client().post(reverse("accounts:signup"), form, REMOTE_ADDR=address)

    for number in range(MOST_SIGN_UPS):
        assert sign_up(number, "203.0.113.7").status_code == 302
    answer = sign_up("x", "203.0.113.7")
    assert answer.status_code == 429
    assert f"try again in {int(answer['Retry-After']) // 60} min" in answer.text
    assert not get_user_model().objects.filter(username="namex").exists()
    assert sign_up("y", "203.0.113.8").status_code == 302
    clock.now += 3600
    assert sign_up("x", "203.0.113.7").status_code == 302


@pytest.mark.parametrize("forged", ["x:y", "", "a:b:c", "x" * 5000])
def test_a_cookie_that_was_made_up_helps_nobody(user, forged):
    use_up()
    browser = Client()
    browser.cookies[COOKIE] = forged
    assert attempt(RIGHT, browser=browser).status_code == 429


def test_the_cookie_is_for_the_site_alone_and_names_nobody(user, settings):
    settings.SESSION_COOKIE_SECURE = True
    cookie = attempt(RIGHT).cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert "ana" not in cookie.value.split(":")


def test_right_passwords_do_not_count(user):
    for _ in range(2 * MOST_PER_ACCOUNT):
        assert attempt(RIGHT).status_code == 302
    assert set(Use.objects.values_list("amount", flat=True)) == {0}


def test_behind_a_proxy_it_is_the_visitors_address_that_counts(user, settings):
    forwarded = {"X-Forwarded-For": "192.0.2.1, 203.0.113.9"}
    settings.BEHIND_PROXY = True
    for n in range(MOST_PER_ADDRESS):
        assert attempt(name=f"name{n}", address="10.0.0.2", **forwarded).status_code == 200
    assert attempt(RIGHT, address="10.0.0.2", **forwarded).status_code == 429
    changed = {"X-Forwarded-For": "192.0.2.99, 203.0.113.9"}
    assert attempt(RIGHT, address="10.0.0.2", **changed).status_code == 429
    elsewhere = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1"}
    assert attempt(RIGHT, address="10.0.0.2", **elsewhere).status_code == 302


def test_without_a_proxy_the_header_changes_nothing(user, settings):
    settings.BEHIND_PROXY = False
    for n in range(MOST_PER_ADDRESS):
        attempt(name=f"name{n}", **{"X-Forwarded-For": f"192.0.2.{n}"})
    assert attempt(RIGHT, **{"X-Forwarded-For": "192.0.2.250"}).status_code == 429


@pytest.mark.parametrize("name", ["", "\0", "a" * 1000, "é" * 150, "<script>alert(1)</script>"])
def test_names_that_are_none(name):
    for _ in range(MOST_PER_ACCOUNT + 1):
        answer = attempt(name=name)
    assert answer.status_code in (200, 429)
    assert "<script>alert" not in answer.text


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_no_way_around(user, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]

    def one(_):
        try:
            return attempt().status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(one, range(3 * MOST_PER_ACCOUNT)))
    assert found.count(200) == MOST_PER_ACCOUNT
    assert found.count(429) == 2 * MOST_PER_ACCOUNT
