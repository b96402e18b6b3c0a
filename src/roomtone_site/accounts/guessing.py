"""Limits to guessing passwords, which cannot be used to keep an account's owner out.

Attempts are counted for each account and for each address, before the password is looked at, so
that many at once are no way around. A browser that has logged in to the account before carries a
signed cookie, and has a count of its own: whoever guesses elsewhere uses up what unknown browsers
may try, and not what the owner's may. (OWASP calls it a device cookie; django-axes locks an account
for all browsers alike.)
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from roomtone_site.limits.addresses import client_address
from roomtone_site.limits.counting import count, take_back, wait

WINDOW = 300
MOST_PER_ACCOUNT = 10
MOST_PER_ADDRESS = 50
COOKIE = "known_browser"
_COOKIE_AGE = 180 * 24 * 3600
_SALT = "roomtone_site.accounts.guessing"


@dataclass(frozen=True)
class Attempt:
    """An attempt to log in.

    Attributes
    ----------
    counts : tuple of (str, int)
        What it counts for, and how many of such there may be in a window.
    """

    counts: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, request: HttpRequest, name: str) -> Attempt:
        """Find out what an attempt to log in as `name` counts for."""
        account = _hashed(name)
        browser, _, known = _cookie(request).partition(":")
        if browser and constant_time_compare(known, account):
            return cls(((f"log-in:browser:{browser}:{account}", MOST_PER_ACCOUNT),))
        address = client_address(request)
        of_account = (f"log-in:account:{account}", MOST_PER_ACCOUNT)
        of_address = (f"log-in:address:{address}", MOST_PER_ADDRESS)
        return cls((of_address, of_account) if address else (of_account,))

    def begin(self) -> int:
        """Count it; tell in how many seconds another is welcome if it is one too many, else 0."""
        # What an address may not try does not count for the account.
        allowed = all(count(what, 1, WINDOW) <= most for what, most in self.counts)
        return 0 if allowed else wait(WINDOW)

    def succeeded(self) -> None:
        """Let it not count: the password was right."""
        for what, _ in self.counts:
            take_back(what, 1, WINDOW)


def remember_browser(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Let a browser that has logged in be known when it does so again."""
    browser, _, known = _cookie(request).partition(":")
    account = _hashed(name)
    if not browser or not constant_time_compare(known, account):
        browser = secrets.token_urlsafe(16)
    response.set_signed_cookie(
        COOKIE,
        f"{browser}:{account}",
        salt=_SALT,
        max_age=_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _cookie(request: HttpRequest) -> str:
    return request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=_COOKIE_AGE) or ""


def _hashed(name: str) -> str:
    # Names that differ in case alone are one account's, since no two may.
    return salted_hmac(_SALT, name.casefold(), algorithm="sha256").hexdigest()
