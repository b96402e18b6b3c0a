"""How much of the API an account may use in a minute."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.throttling import BaseThrottle

from roomtone_site.api.auth import account
from roomtone_site.limits.counting import count, wait

WINDOW = 60
TEXTS_PER_REQUEST = 256
LONGEST_TEXT = 10_000


def spend(user: Any, what: str, amount: int, most: int) -> bool:
    """Count what an account uses, over all processes that answer requests.

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
    return count(f"api:{what}:{user.pk}", amount, WINDOW) <= most


def spend_texts(user: Any, count: int) -> None:
    """Count texts that an account lets score.

    Raises
    ------
    Throttled
        If they are too many for one minute.
    """
    if not spend(user, "texts", count, settings.API_TEXTS_PER_MINUTE):
        raise Throttled(wait(WINDOW))


class PerAccount(BaseThrottle):
    """So many requests of one account in one minute."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Count a request."""
        return spend(account(request), "requests", 1, settings.API_REQUESTS_PER_MINUTE)

    def wait(self) -> float:
        """Tell in how many seconds the next request is welcome."""
        return wait(WINDOW)
