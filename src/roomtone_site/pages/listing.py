"""The list of an account's videos, each with its newest analysis."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Subquery

from roomtone_site.analysis.models import Analysis
from roomtone_site.analysis.summary import stored_summary
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.pages import figures
from roomtone_site.pages.charts import stacked_bar

_PAGE = 24


def listed_videos(user: Any, page: str | None) -> Page[Any]:
    """Read a page of videos in a number of queries that does not depend on them.

    Parameters
    ----------
    user : User
        Whose.
    page : str or None
        Which page; the nearest where there is no such.

    Returns
    -------
    Page of YouTubeVideo
        Each has ``stored`` (comments), ``newest`` (an analysis or None), and where that has a
        summary a ``bar`` and a ``sentence``.
    """
    newest = Analysis.objects.filter(video=OuterRef("pk")).order_by("-created", "-pk")
    comments = (
        YouTubeComment.objects.filter(video=OuterRef("pk"))
        .order_by()
        .values("video")
        .annotate(n=Count("pk"))
        .values("n")
    )
    videos = YouTubeVideo.objects.owned_by(user).annotate(
        stored=Subquery(comments), newest_id=Subquery(newest.values("pk")[:1])
    )
    found = Paginator(videos, _PAGE).get_page(page)
    rows = list(found.object_list)
    analyses = Analysis.objects.in_bulk([row.newest_id for row in rows if row.newest_id])
    for row in rows:
        row.stored = row.stored or 0
        row.newest = analyses.get(row.newest_id)
        summary = stored_summary(row.newest) if row.newest else None
        if summary is not None:
            row.sentence = figures.headline(figures.shares(summary))
            row.bar = stacked_bar(summary.counts)
    found.object_list = rows
    return found
