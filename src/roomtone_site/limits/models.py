"""Counts that all processes share."""

from __future__ import annotations

from django.db import models


class Use(models.Model):
    """How much of something was used in one window of time."""

    key = models.CharField(
        max_length=64, primary_key=True, help_text="Keyed hash of what is counted and the window."
    )
    amount = models.BigIntegerField()
    ends = models.BigIntegerField(db_index=True, help_text="When it may go: seconds since 1970.")

    def __str__(self) -> str:
        return f"{self.key[:12]}: {self.amount}"
