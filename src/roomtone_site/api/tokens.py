"""Tokens: made once, stored as hashes, revocable."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from roomtone.errors import DataError
from roomtone_site.api.models import ApiToken

START = "rt_"
MOST = 20
_SHOWN = len(START) + 6
_NOTED = timedelta(minutes=1)


def issue(owner: Any, name: str) -> tuple[ApiToken, str]:
    """Make a token for an account.

    Parameters
    ----------
    owner : User
        Whom the token speaks for.
    name : str
        What its owner knows it by.

    Returns
    -------
    token : ApiToken
        What is stored of it.
    secret : str
        The token itself, which nobody can find out again.

    Raises
    ------
    DataError
        If the name is empty or too long, or the account has `MOST` tokens in force.
    """
    name = name.replace("\0", "").strip()
    if not 1 <= len(name) <= 100:
        raise DataError(f"the name has {len(name)} characters, expected 1 to 100")
    if ApiToken.objects.owned_by(owner).filter(revoked=None).count() >= MOST:
        raise DataError(f"you have {MOST} tokens in force; revoke one that is not needed any more")
    secret = START + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        owner=owner, name=name, prefix=secret[:_SHOWN], hash=_hash(secret)
    )
    return token, secret


def revoke(token: ApiToken) -> None:
    """Let a token open nothing from now on; its row stays, to say that it was."""
    ApiToken.objects.filter(pk=token.pk, revoked=None).update(revoked=timezone.now())


def account_of(secret: str) -> Any:
    """Find the account that a token speaks for.

    Returns
    -------
    User or None
        None for a token that is unknown or revoked, or whose account is closed.
    """
    if not secret.startswith(START) or not secret.isascii():
        return None
    known = ApiToken.objects.select_related("owner")
    token = known.filter(hash=_hash(secret), revoked=None, owner__is_active=True).first()
    if token is None:
        return None
    now = timezone.now()
    # Noted once a minute, so that reading does not always write.
    seldom = Q(last_used=None) | Q(last_used__lt=now - _NOTED)
    if token.last_used is None or token.last_used < now - _NOTED:
        ApiToken.objects.filter(seldom, pk=token.pk).update(last_used=now)
    return token.owner


def _hash(secret: str) -> str:
    # 256 random bits cannot be guessed, so that a slow hash would only cost time.
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
