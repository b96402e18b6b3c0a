"""What a site has to do once a day; each worker does it, and a second time does no harm."""

from __future__ import annotations

import logging
from importlib import import_module

from django.conf import settings
from django.core.management import call_command

from roomtone_site.analysis.retention import expire, refresh

_log = logging.getLogger("roomtone_site.analysis")


def daily_round() -> None:
    """Refresh or delete what is old of YouTube's, and drop ended sessions and old jobs."""
    gone = expire()
    if gone.comments or gone.videos:
        _log.info(
            "deleted %s comments and %s videos that YouTube sent too long ago",
            *(gone.comments, gone.videos),
        )
    if settings.YOUTUBE_API_KEY:
        refresh()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    call_command("prune_db_task_results", verbosity=0)
