"""Counting an analysis again whose comments are others than when its summary was made.

A worker does so, since it takes seconds where there are many; what a page shows meanwhile are the
figures from before.
"""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction
from django.db.models import F

from roomtone_site.analysis.models import Analysis
from roomtone_site.analysis.summary import KEY, summarise
from roomtone_site.jobs.claims import Claim
from roomtone_site.jobs.queueing import enqueue


def count_again(claim: Claim[Analysis]) -> str:
    """Make the summary anew; changes that come while it is made are counted the next time."""
    with claim.step() as before:
        pass
    summary = summarise(before)
    with claim.step() as row:
        row.claim = ""
        row.result = {**(row.result or {}), KEY: asdict(summary)}
        row.uncounted -= before.uncounted
        row.save()
        if row.uncounted:
            enqueue(row)
    return "counted"


def forget(analysis: Analysis) -> None:
    """Drop a summary, which may quote comments that are no longer there, and have it made anew."""
    with transaction.atomic():
        row = Analysis.objects.filter(pk=analysis.pk)
        row.update(result=None, uncounted=F("uncounted") + 1)
        enqueue(analysis)
