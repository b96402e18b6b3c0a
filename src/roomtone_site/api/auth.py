"""Who asks: a program with a token, or a page of the site with its session."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.errors import AuthenticationError, HttpError
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from roomtone_site.api.tokens import account_of


class Token(HttpBearer):
    """``Authorization: Bearer rt_…``."""

    openapi_description = "A token of your account, from the page API tokens."

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Find the token's account."""
        account = account_of(token)
        if account is None:
            raise AuthenticationError(message="This token is unknown or revoked.")
        return account


class Session(SessionAuth):
    """The session of a browser, which has to show its CSRF token for whatever changes something."""

    def __call__(self, request: HttpRequest) -> Any:
        """Find the session's account; without one there is no CSRF token to miss."""
        if not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise HttpError(403, "The CSRF token is missing or wrong: send it as X-CSRFToken.")
        return request.user


def account(request: HttpRequest) -> Any:
    """Return the account that a request was found to come from."""
    return request.auth  # type: ignore[attr-defined]
