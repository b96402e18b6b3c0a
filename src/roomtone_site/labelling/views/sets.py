"""The list of label sets, and what an owner does with one: inviting, settling, deleting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from roomtone.errors import DataError
from roomtone_site.comments.models import Sentiment
from roomtone_site.labelling.agreeing import agreement_of, progress
from roomtone_site.labelling.choosing import make_set
from roomtone_site.labelling.forms import DecisionForm, SetForm
from roomtone_site.labelling.invitations import close, invite, invited_to, join
from roomtone_site.labelling.models import LabelSet
from roomtone_site.labelling.settling import decide, disputed, opinions

_SHOWN = 50


class Sets(LoginRequiredMixin, View):
    """The sets in which an account may label, and a form for a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        return self._page(request, SetForm(user=request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one."""
        form = SetForm(request.POST, user=request.user)
        if form.is_valid():
            try:
                made = make_set(request.user, **form.cleaned_data)
                return redirect("label", made.pk)
            except DataError as error:
                form.add_error(None, str(error))
        return self._page(request, form, status=422)

    def _page(self, request: HttpRequest, form: SetForm, status: int = 200) -> HttpResponse:
        sets = LabelSet.objects.open_to(request.user).select_related("video", "owner")
        return render(
            request, "labelling/sets.html", {"sets": sets[:200], "form": form}, status=status
        )


class Settle(LoginRequiredMixin, View):
    """How far annotators agree, and the comments on which they do not."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show both."""
        label_set = _own(request, pk)
        items = disputed(label_set, request.user)
        shown = list(items[:_SHOWN])
        secret = label_set.invitation
        context = {
            "set": label_set,
            "agreement": agreement_of(label_set),
            "progress": progress(label_set),
            "comments": label_set.items.count(),
            "disputed": [(item, opinions(item)) for item in shown],
            "count": items.count(),
            "choices": Sentiment.choices,
            "link": secret and request.build_absolute_uri(reverse("join", args=[secret])),
        }
        return render(request, "labelling/settle.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Settle a comment."""
        label_set = _own(request, pk)
        form = DecisionForm(request.POST)
        if form.is_valid():
            item = get_object_or_404(label_set.items, pk=form.cleaned_data["item"])
            decide(item, request.user, form.cleaned_data["value"])
        else:
            messages.error(request, "Choose one of the three labels.")
        return redirect("settle", pk)


class Invite(LoginRequiredMixin, View):
    """The link by which others join; a new one ends the one before."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a link, or close the one there is."""
        label_set = _own(request, pk)
        if "close" in request.POST:
            close(label_set)
        else:
            invite(label_set)
        return redirect("settle", pk)


class Join(LoginRequiredMixin, View):
    """What someone sees who follows such a link."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Ask; a link that is only looked at must not join."""
        context = {"set": invited_to(secret)}
        return render(
            request, "labelling/join.html", context, status=200 if context["set"] else 404
        )

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Join."""
        label_set = invited_to(secret)
        if label_set is None:
            return self.get(request, secret)
        join(label_set, request.user)
        return redirect("label", label_set.pk)


class DeleteSet(LoginRequiredMixin, View):
    """The end of a set; labels that were settled stay with their comments."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Delete it."""
        label_set = _own(request, pk)
        label_set.delete()
        messages.success(request, f"The set {label_set.name} is deleted.")
        return redirect("label_sets")


def _own(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(LabelSet.objects.owned_by(request.user), pk=pk)
