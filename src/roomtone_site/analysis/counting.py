"""Counting an analysis again whose comments are others than when its summary was made.

A worker does so, since it takes seconds where there are many; what a page shows meanwhile are the
figures from before.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction

from roomtone_site.analysis.models import READABLE, SUMMARY, Analysis, Prediction
from roomtone_site.analysis.summary import summarise
from roomtone_site.jobs.claims import Claim
from roomtone_site.jobs.queueing import enqueue


def count_again(claim: Claim[Analysis]) -> str:
    """Make the summary anew; changes that come while it is made are counted the next time."""
    with claim.step() as before:
        pass
    summary = summarise(before)
    with claim.step() as row:
        row.claim = ""
        row.result = {**(row.result or {}), SUMMARY: asdict(summary)}
        row.uncounted -= before.uncounted
        row.save()
        if row.uncounted:
            enqueue(row)
    return "counted"


def forget(key: int) -> None:
    """Drop a summary, which may quote comments that are no longer there, and have it made anew."""
    with transaction.atomic():
        row = Analysis.objects.select_for_update().filter(pk=key).first()
        if row is None:
            return
        if row.has_findings:
            row.result[SUMMARY] = None
        row.uncounted += 1  # also where its first summary may be under way, as what was counted
        row.save(update_fields=["result", "uncounted"])
        if row.state in READABLE:  # else it is counted at the end of what is under way
            enqueue(row)


def drop_predictions(keys: list[int], **_signal: Any) -> None:
    """Drop what every analysis says of texts that have changed; they are scored the next time."""
    stale = Prediction.objects.filter(comment__in=keys)
    analyses = sorted(set(stale.values_list("analysis", flat=True)))
    stale.delete()
    for key in analyses:
        forget(key)
