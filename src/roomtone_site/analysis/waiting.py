"""Where YouTube fails an analysis for a reason that passes, it waits, and tries again by itself."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from roomtone.sources.failures import QuotaExceededError, YouTubeError
from roomtone_site.analysis.models import REASON, Analysis
from roomtone_site.jobs.claims import Claim

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""How long it waits after a first failure, a second and so on, if nothing came in between."""


def wait(claim: Claim[Analysis], error: YouTubeError) -> None:
    """Note when a fetch is to go on that could not, or why it does not; what it brought stays.

    Raises
    ------
    YouTubeError
        The same, or one of its class that tells of all attempts, if it does not go on by itself
        and nothing was found before that could be shown.
    """
    with claim.step() as row:
        row.message = str(error)
        if isinstance(error, QuotaExceededError):
            row.resume_at = error.resets_at
        elif error.temporary and row.tries < len(PAUSES):
            row.resume_at = timezone.now() + PAUSES[row.tries]
            row.tries += 1
        else:
            if error.temporary:
                minutes = sum(PAUSES, timedelta()) // timedelta(minutes=1)
                error = type(error)(
                    f"YouTube was asked {row.tries + 1} times in {minutes} minutes, in vain; what "
                    f"was fetched before is kept. At last: {error}"
                )
            if not row.has_findings:
                raise error
            row.message, row.result = str(error), {**(row.result or {}), REASON: error.reason}
        row.save()
