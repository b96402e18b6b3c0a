"""Counting in the database: one statement, so that no two processes miss each other's share.

Django's cache does not suffice: the one in memory is a process's own, and `incr` of the one in the
database reads, and then writes.
"""

from __future__ import annotations

import time

from django.db import connection, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from roomtone_site.limits.models import Use

_ADD = """
INSERT INTO limits_use (key, amount, ends) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET amount = limits_use.amount + excluded.amount
RETURNING amount
"""
_SWEPT = 1000


def count(what: str, amount: int, window: int) -> int:
    """Add to what was used in the present window.

    Parameters
    ----------
    what : str
        What is counted. A keyed hash of it is stored, so that the table tells no addresses and
        no names.
    amount : int
        How much is used now.
    window : int
        Length of the windows in seconds; they begin at multiples of it by the clock.

    Returns
    -------
    int
        How much that makes in this window, over all processes.
    """
    ends = _end(window)
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [_key(what, window, ends), amount, ends])
        # All rows, since SQLite ends a statement, and its lock, with the last one.
        ((total,),) = cursor.fetchall()
    if total == amount:  # the first in its window
        _sweep()
    return int(total)


def take_back(what: str, amount: int, window: int) -> None:
    """Let what `count` added not have been used."""
    row = Use.objects.filter(pk=_key(what, window, _end(window)))
    row.update(amount=F("amount") - amount)


def wait(window: int) -> int:
    """Tell in how many seconds the next window begins."""
    return max(1, _end(window) - int(time.time()))


def _end(window: int) -> int:
    return (int(time.time()) // window + 1) * window


def _key(what: str, window: int, ends: int) -> str:
    text = f"{what}\0{window}\0{ends}"
    return salted_hmac("roomtone_site.limits", text, algorithm="sha256").hexdigest()


def _sweep() -> None:
    """Delete what belongs to windows that are over, but for what another process deletes."""
    over = Use.objects.filter(ends__lt=int(time.time()))
    if over.exists():
        with transaction.atomic():
            rows = over.select_for_update(skip_locked=True).values_list("pk", flat=True)[:_SWEPT]
            Use.objects.filter(pk__in=list(rows)).delete()
