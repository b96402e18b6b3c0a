"""Finding what an address names, for its owner alone."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from roomtone_site.analysis.models import READABLE, Analysis, Prediction
from roomtone_site.comments.models import YouTubeVideo


def own_video(request: HttpRequest, key: int) -> YouTubeVideo:
    """Find a video of the visitor's; another's is not found, as one that does not exist."""
    video: YouTubeVideo = get_object_or_404(YouTubeVideo.objects.owned_by(request.user), pk=key)
    return video


def own_analysis(request: HttpRequest, key: int, *, readable: bool = False) -> Analysis:
    """Find an analysis of the visitor's, and its video.

    Parameters
    ----------
    request : HttpRequest
        Whose.
    key : int
        Which.
    readable : bool
        Whether it has to be one that has something to show.
    """
    found = Analysis.objects.owned_by(request.user).select_related("video")
    analysis: Analysis = get_object_or_404(found, pk=key)
    if readable and analysis.state not in READABLE:
        raise Http404("this analysis is not done")
    return analysis


def own_prediction(analysis: Analysis, comment: int) -> Any:
    """Find what an analysis says of a comment."""
    found = Prediction.objects.filter(analysis=analysis).select_related("comment")
    return get_object_or_404(found, comment=comment)


def is_fragment(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a part; when it restores a page it asks for the whole."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )
