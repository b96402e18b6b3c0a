"""Deleting what an account owns while workers, and other requests, may be at it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import IntegrityError, OperationalError, transaction

from roomtone.errors import RoomtoneError
from roomtone_site.jobs.job import Job
from roomtone_site.ownership import OwnedQuerySet

_TRIES = 3
_log = logging.getLogger("roomtone_site.accounts")


class InUseError(RoomtoneError):
    """Something new came each time that it was tried to delete the rest."""


def delete(rows: Any, *, owner: int) -> int:
    """Delete rows, and all that hangs on them, wholly or not at all.

    Whoever stores something for the account waits until this is done, and then finds its job or
    its video gone. Locks are taken in the order in which workers take theirs.

    Parameters
    ----------
    rows : QuerySet
        What to delete; looked at again once all is locked.
    owner : int
        The account to which they belong, or that they are.

    Returns
    -------
    int
        How many there were, not counting what hung on them.

    Raises
    ------
    InUseError
        If it did not succeed in some attempts; nothing is deleted then.
    """
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                for owned in _owned(owner):
                    _lock(owned)
                keys = _lock(rows)
                rows.model._default_manager.filter(pk__in=keys).delete()
            return len(keys)
        # A row that came meanwhile, or another that waits for this while this waits for it.
        except (IntegrityError, OperationalError) as error:
            _log.warning("%s: not deleted yet: %s", rows.model.__name__, error)
    raise InUseError("something of it is being changed all the time; try again in a moment")


def _owned(owner: int) -> Iterator[Any]:
    """Give all that belongs to an account directly, jobs first."""
    for model in sorted(apps.get_models(), key=lambda kind: not issubclass(kind, Job)):
        everything = model._default_manager.all()
        direct = getattr(model, "owner_path", "owner") == "owner"
        if direct and isinstance(everything, OwnedQuerySet):
            yield everything.filter(owner=owner)


def _lock(rows: Any) -> list[Any]:
    return list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
