"""How much of the API an account may use in a minute."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.throttling import BaseThrottle

from roomtone_site.api.auth import account

WINDOW = 60
TEXTS_PER_REQUEST = 256
LONGEST_TEXT = 10_000


def spend(user: Any, what: str, amount: int, most: int) -> bool:
    """Count what an account uses, in the cache, which each server process may have for itself.

    Parameters
    ----------
    user : User
        The account.
    what : str
        What is counted.
    amount : int
        How much of it is used now.
    most : int
        How much may be used in one minute by the clock.

    Returns
    -------
    bool
        Whether that was still within the limit.
    """
    key = f"api:{what}:{user.pk}:{int(time.time() // WINDOW)}"
    if cache.add(key, amount, timeout=2 * WINDOW):
        return amount <= most
    try:
        return int(cache.incr(key, amount)) <= most
    except ValueError:  # dropped by the cache in between
        return True


def wait() -> int:
    """Tell in how many seconds the next minute begins."""
    return WINDOW - int(time.time()) % WINDOW


def spend_texts(user: Any, count: int) -> None:
    """Count texts that an account lets score.

    Raises
    ------
    Throttled
        If they are too many for one minute.
    """
    if not spend(user, "texts", count, settings.API_TEXTS_PER_MINUTE):
        raise Throttled(wait())


class PerAccount(BaseThrottle):
    """So many requests of one account in one minute."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Count a request."""
        return spend(account(request), "requests", 1, settings.API_REQUESTS_PER_MINUTE)

    def wait(self) -> float:
        """Tell in how many seconds the next request is welcome."""
        return wait()
