"""The page on which people label, one comment after the other."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from roomtone_site.comments.models import Sentiment
from roomtone_site.labelling.blindness import may_label
from roomtone_site.labelling.forms import AnswerForm
from roomtone_site.labelling.models import LabelSet
from roomtone_site.labelling.settling import next_item, record, undo


class Annotate(LoginRequiredMixin, View):
    """The next comment; nobody sees what others, or a model, made of it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show it."""
        return _page(request, _open(request, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store an answer, and show the one after it."""
        label_set = _open(request, pk)
        if not may_label(label_set, request.user):
            return _page(request, label_set, status=409)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return _page(request, label_set, "Choose one of the three labels, or skip.", 422)
        item = get_object_or_404(label_set.items, pk=form.cleaned_data["item"])
        record(item, request.user, form.cleaned_data["value"])
        return _next(request, label_set)


class Undo(LoginRequiredMixin, View):
    """Taking the newest answer back."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take it back, and ask again."""
        label_set = _open(request, pk)
        if not may_label(label_set, request.user):
            return _page(request, label_set, status=409)
        undo(label_set, request.user)
        return _next(request, label_set)


def _open(request: HttpRequest, pk: int) -> LabelSet:
    found: LabelSet = get_object_or_404(LabelSet.objects.open_to(request.user), pk=pk)
    return found


def _next(request: HttpRequest, label_set: LabelSet) -> HttpResponse:
    """Give a script the next comment at once; without one the browser loads the page again."""
    if "HX-Request" in request.headers:
        return _page(request, label_set)
    return redirect("label", label_set.pk)


def _page(
    request: HttpRequest, label_set: LabelSet, problem: str = "", status: int = 200
) -> HttpResponse:
    user: Any = request.user
    context = {
        "set": label_set,
        "item": next_item(label_set, user),
        "answered": label_set.labels.filter(annotator=user).count(),
        "total": label_set.items.count(),
        "choices": Sentiment.choices,
        "problem": problem,
        "part": "HX-Request" in request.headers,
        "closed": not may_label(label_set, user),
    }
    template = "labelling/parts/task.html" if context["part"] else "labelling/label.html"
    return render(request, template, context, status=status)
