"""Where YouTube fails an analysis for a reason that passes, it waits, and tries again by itself."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from roomtone.sources.failures import QuotaExceededError, YouTubeError
from roomtone_site.analysis.models import Analysis
from roomtone_site.jobs.claims import Claim

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""How long it waits after a first failure, a second and so on, if nothing came in between."""


def wait(claim: Claim[Analysis], error: YouTubeError) -> None:
    """Note when a fetch is to go on that could not; what it brought stays.

    Raises
    ------
    YouTubeError
        The same, if it will not pass; of the same class, if it did not pass in all `PAUSES`.
    """
    if not error.temporary:
        raise error
    with claim.step() as row:
        if isinstance(error, QuotaExceededError):
            row.resume_at = error.resets_at
        elif row.tries < len(PAUSES):
            row.resume_at = timezone.now() + PAUSES[row.tries]
            row.tries += 1
        else:
            minutes = sum(PAUSES, timedelta()) // timedelta(minutes=1)
            raise type(error)(
                f"YouTube was asked {row.tries + 1} times in {minutes} minutes, in vain; what was "
                f"fetched before is kept. At last: {error}"
            ) from error
        row.message = str(error)
        row.save()
