"""Views of the pages."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from roomtone_site.comments.models import YouTubeVideo


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """List the videos of the account."""
    videos = YouTubeVideo.objects.owned_by(request.user)
    return render(request, "pages/home.html", {"videos": videos})
