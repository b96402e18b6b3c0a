"""The page of models: training a new one, putting one to use, and putting one back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from roomtone.errors import DataError
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.versions import NoModelError, find_version, put_to_use
from roomtone_site.comments.models import YouTubeComment
from roomtone_site.jobs.queueing import give_up
from roomtone_site.labelling.models import Training
from roomtone_site.labelling.retraining import KINDS, LEAST, OPEN, start_training


class Models(LoginRequiredMixin, View):
    """The models that an account may use, its trainings, and a form for a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        return _page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Train."""
        try:
            start_training(
                request.user,
                kind=request.POST.get("kind", ""),
                name=request.POST.get("name", ""),
            )
        except DataError as error:
            return _page(request, str(error), 422)
        return redirect("models")


class Use(LoginRequiredMixin, View):
    """Putting a version to use; one of the site's by letting go of one's own."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put it to use."""
        version = get_object_or_404(ModelVersion.objects.usable_by(request.user), pk=pk)
        if version.owner_id is not None:
            put_to_use(version)
        elif version.active:
            ModelVersion.objects.owned_by(request.user).update(active=False)
        else:
            messages.error(request, "Of the site's models you can use the one in use there.")
            return redirect("models")
        messages.success(request, f"{version.name} is what new analyses use from now on.")
        return redirect("models")


class GiveUp(LoginRequiredMixin, View):
    """Ending a training that is under way."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give it up."""
        give_up(get_object_or_404(Training.objects.owned_by(request.user), pk=pk))
        return redirect("models")


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    user = request.user
    trainings = Training.objects.owned_by(user).select_related("version", "present")[:20]
    labelled = YouTubeComment.objects.owned_by(user).filter(sentiment__isnull=False).count()
    context: dict[str, Any] = {
        "versions": ModelVersion.objects.usable_by(user)[:200],
        "in_use": _in_use(user),
        "trainings": trainings,
        "under_way": any(training.state in OPEN for training in trainings),
        "kinds": KINDS.items(),
        "labelled": labelled,
        "least": LEAST,
        "problem": problem,
    }
    part = "HX-Request" in request.headers
    template = "labelling/parts/under_way.html" if part else "labelling/models.html"
    response = render(request, template, context, status=status)
    if part and not context["under_way"]:
        response["HX-Refresh"] = "true"  # what it ended in is all over the page
    return response


def _in_use(user: Any) -> ModelVersion | None:
    try:
        return find_version(user)
    except NoModelError:
        return None
