"""A row that stands for work to be done, and says which run of a worker it belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

FAILED = "failed"


class Job(models.Model):
    """Work that a worker does, in steps each of which can be its last.

    Models that inherit have an ``owner`` and a ``state``, one of whose values is `FAILED`.

    Attributes
    ----------
    task : str
        Where the task is by which a worker is called; it takes the row's key.
    related : tuple of str
        What is read with a row of it.
    """

    task: ClassVar[str]
    related: ClassVar[tuple[str, ...]] = ("owner",)
    state: models.CharField[str, str]

    message = models.TextField(blank=True, help_text="Why it stopped, for its owner to read.")
    created = models.DateTimeField(default=timezone.now, editable=False)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    claim = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Which run of a worker it belongs to."
    )
    rescues = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How often its worker was gone."
    )

    class Meta:
        abstract = True

    @classmethod
    def due(cls, now: datetime) -> Q:
        """Say for which rows there is something to do."""
        raise NotImplementedError

    def fail(self, message: str, reason: str) -> None:
        """Let it have failed; the row is not saved yet.

        Parameters
        ----------
        message : str
            For its owner to read.
        reason : str
            A short name that programs can branch on.
        """
        self.claim, self.state, self.finished = "", FAILED, timezone.now()
        self.message = storable(message)


def storable(text: str, most: int = 2000) -> str:
    """Leave out of a text what a database or a page cannot hold, and what is too much of it.

    What is told of a file may quote it: null characters, halves of characters, or all of it.
    """
    kept = text.replace("\0", "").encode("utf-8", "replace").decode()
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"
