"""The list of label sets, and what an owner does with one: inviting, settling, deleting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from roomtone.errors import DataError
from roomtone_site.comments.models import Sentiment
from roomtone_site.labelling.agreeing import agreement_of, progress
from roomtone_site.labelling.blindness import open_set
from roomtone_site.labelling.choosing import make_set
from roomtone_site.labelling.forms import AnnotatorForm, DecisionForm, SetForm
from roomtone_site.labelling.invitations import close, invite, invited_to, join
from roomtone_site.labelling.models import Label, LabelItem, LabelSet
from roomtone_site.labelling.settling import decide, disputed, opinions, remove_annotator

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
        user: Any = request.user
        sets = LabelSet.objects.open_to(user).select_related("video", "owner")
        sets = sets.annotate(
            size=_count(LabelItem.objects.all()),
            answered=_count(Label.objects.filter(annotator=user)),
        )
        return render(
            request, "labelling/sets.html", {"sets": sets[:200], "form": form}, status=status
        )


class Settle(LoginRequiredMixin, View):
    """How far annotators agree, and the comments on which they do not."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show both."""
        label_set = _own(request, pk)
        secret = label_set.invitation
        context = {
            "set": label_set,
            "progress": progress(label_set),
            "comments": label_set.items.count(),
            "link": secret and request.build_absolute_uri(reverse("join", args=[secret])),
        }
        if label_set.opened:
            context |= _said(label_set)
        return render(request, "labelling/settle.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Settle a comment."""
        label_set = get_object_or_404(_sets(request), pk=pk, opened=True)
        form = DecisionForm(request.POST)
        if form.is_valid():
            item = get_object_or_404(label_set.items, pk=form.cleaned_data["item"])
            decide(item, request.user, form.cleaned_data["value"])
        else:
            messages.error(request, "Choose one of the three labels.")
        return redirect("settle", pk)


class Open(LoginRequiredMixin, View):
    """The end of an owner's labelling, and the begin of their seeing what others said."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Open the set."""
        open_set(_own(request, pk))
        return redirect("settle", pk)


class RemoveAnnotator(LoginRequiredMixin, View):
    """The end of someone's part in a set."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Remove them, and what they said."""
        label_set = _own(request, pk)
        form = AnnotatorForm(request.POST)
        if form.is_valid():
            known = {row.annotator: row.name for row in progress(label_set)}
            annotator = form.cleaned_data["annotator"]
            if annotator not in known:
                raise Http404("nobody of this set")
            remove_annotator(label_set, annotator)
            messages.success(request, f"What {known[annotator]} said in this set is deleted.")
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


def _said(label_set: LabelSet) -> dict[str, Any]:
    items = disputed(label_set)
    shown = list(items[:_SHOWN])
    return {
        "agreement": agreement_of(label_set),
        "disputed": list(zip(shown, opinions(shown), strict=True)),
        "count": items.count(),
        "choices": Sentiment.choices,
    }


def _sets(request: HttpRequest) -> Any:
    return LabelSet.objects.owned_by(request.user)


def _own(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(_sets(request), pk=pk)


def _count(rows: QuerySet[Any]) -> Coalesce:
    of_set = rows.filter(label_set=OuterRef("pk")).order_by().values("label_set")
    return Coalesce(Subquery(of_set.annotate(n=Count("pk")).values("n")), 0)
