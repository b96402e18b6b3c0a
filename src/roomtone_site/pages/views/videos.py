"""Videos: the list of them, adding, and deleting one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from roomtone.errors import DataError, RoomtoneError
from roomtone_site.accounts.deleting import delete
from roomtone_site.analysis.again import fetch_again as fetch_anew
from roomtone_site.analysis.fetching import expected_units
from roomtone_site.analysis.models import READABLE, Analysis, State
from roomtone_site.analysis.options import Options
from roomtone_site.analysis.starting import add_video, fetched_with, start_analysis
from roomtone_site.comments.models import Import, Source, YouTubeComment, YouTubeVideo
from roomtone_site.comments.sample import load_sample
from roomtone_site.comments.uploads import receive
from roomtone_site.config.bodies import takes_files
from roomtone_site.pages.forms import MOST_WITH_FORM, AnalyseForm, FileForm, LinkForm
from roomtone_site.pages.listing import listed_videos
from roomtone_site.pages.views.found import own_video

_IMPORTS = 10  # the newest, which the page lists


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """List the videos of the account."""
    context = {"page": listed_videos(request.user, request.GET.get("page"))}
    return render(request, "pages/home.html", context)


@login_required
@require_safe
def add(request: HttpRequest) -> HttpResponse:
    """Offer the ways to add a video."""
    return render(request, "pages/add.html", _forms(request))


@login_required
@require_POST
def add_link(request: HttpRequest) -> HttpResponse:
    """Add a video of YouTube's by a link to it, and begin to fetch and analyse it."""
    form = LinkForm(request.POST)
    if form.is_valid():
        try:
            found = add_video(request.user, form.cleaned_data["link"])
            started = start_analysis(request.user, found, options=form.options())
        except RoomtoneError as error:
            form.add_error("link", str(error))
        else:
            return redirect("analysis", key=started.pk)
    return render(request, "pages/add.html", _forms(request, link_form=form), status=400)


@takes_files(MOST_WITH_FORM)
@login_required
@require_POST
def add_file(request: HttpRequest) -> HttpResponse:
    """Take a file, which a worker imports."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = receive(
                request.user, file.name or "", file.chunks(), form.cleaned_data["title"]
            )
        except RoomtoneError as error:
            form.add_error("file", str(error))
        else:
            return redirect("import", key=found.pk)
    return render(request, "pages/add.html", _forms(request, file_form=form), status=400)


@login_required
@require_POST
def sample(request: HttpRequest) -> HttpResponse:
    """Load the sample."""
    found = load_sample(request.user)
    messages.success(request, f"The sample is here, with {found.comments:,} comments.")
    return redirect("video", key=found.video.pk)


@login_required
@require_safe
def video(request: HttpRequest, key: int) -> HttpResponse:
    """Show a video's analyses, and offer to make another."""
    found = own_video(request, key)
    return render(request, "pages/video.html", _shown(found, _analyse_form(request, found)))


@login_required
@require_POST
def analyse(request: HttpRequest, key: int) -> HttpResponse:
    """Start an analysis."""
    found = own_video(request, key)
    form = _analyse_form(request, found, request.POST)
    if form.is_valid():
        try:
            started = start_analysis(
                request.user, found, version=form.cleaned_data["model"], options=form.options()
            )
        except RoomtoneError as error:
            form.add_error(None, str(error))
        else:
            return redirect("analysis", key=started.pk)
    return render(request, "pages/video.html", _shown(found, form), status=400)


@login_required
@require_POST
def fetch_again(request: HttpRequest, key: int) -> HttpResponse:
    """Fetch the comments anew, and go through the newest analysis with what is new of them."""
    found = own_video(request, key)
    newest = Analysis.objects.filter(video=found).first()
    try:
        if newest is None:
            raise DataError("there is no analysis yet; start one, which fetches the comments")
        fetch_anew(newest)
    except RoomtoneError as error:
        messages.warning(request, str(error))
        return redirect("video", key=found.pk)
    return redirect("analysis", key=newest.pk)


@login_required
@require_POST
def delete_video(request: HttpRequest, key: int) -> HttpResponse:
    """Delete a video and all that hangs on it."""
    found = own_video(request, key)
    try:
        delete(YouTubeVideo.objects.filter(pk=found.pk), owner=found.owner_id)
    except RoomtoneError as error:
        messages.warning(request, f"The video is not deleted: {error}")
        return redirect("video", key=found.pk)
    messages.success(request, f"“{found}” and its comments are deleted.")
    return redirect("home")


def _forms(request: HttpRequest, **given: Any) -> dict[str, Any]:
    link_form = LinkForm() if settings.YOUTUBE_API_KEY else None
    imports = Import.objects.owned_by(request.user).defer("rejected")[:_IMPORTS]
    return {"file_form": FileForm(), "link_form": link_form, "imports": imports} | given


def _analyse_form(request: HttpRequest, found: YouTubeVideo, data: Any = None) -> AnalyseForm:
    initial = Options().model_dump() | {"languages": "", "fetch": False} | fetched_with(found)
    from_youtube = found.source == Source.API
    return AnalyseForm(data, user=request.user, from_youtube=from_youtube, initial=initial)


def _shown(found: YouTubeVideo, form: AnalyseForm) -> dict[str, Any]:
    analyses = list(Analysis.objects.filter(video=found).defer("result")[:50])
    stored = YouTubeComment.objects.filter(video=found).count()
    context = {"video": found, "stored": stored, "analyses": analyses, "form": form}
    ended = analyses and analyses[0].state in (*READABLE, State.FAILED) and not analyses[0].waits
    if ended and found.source == Source.API and settings.YOUTUBE_API_KEY:
        options = Options.read(fetched_with(found))
        context |= {"replies": options.replies, "units": expected_units(stored, options)}
    return context
