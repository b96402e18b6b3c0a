"""Single comments: why one was answered so, and those that the filters left out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from roomtone.errors import RoomtoneError
from roomtone_site.analysis.again import change_filters, keep_comment
from roomtone_site.analysis.models import Analysis, Removal
from roomtone_site.analysis.options import Options
from roomtone_site.pages.explaining import explain
from roomtone_site.pages.forms import FilterForm
from roomtone_site.pages.views.found import is_fragment, own_analysis, own_prediction

_PAGE = 50


@login_required
@require_safe
def why(request: HttpRequest, key: int, comment: int) -> HttpResponse:
    """Explain what an engine says of a comment."""
    analysis = own_analysis(request, key, readable=True)
    prediction = own_prediction(analysis, comment)
    context = {"analysis": analysis, "prediction": prediction}
    try:
        context |= {"why": explain(analysis, prediction.comment.text)}
    except RoomtoneError as error:
        context |= {"problem": str(error)}
    template = "pages/parts/why.html" if is_fragment(request) else "pages/why.html"
    return render(request, template, context)


@login_required
@require_safe
def removed(request: HttpRequest, key: int) -> HttpResponse:
    """List the comments that the filters left out."""
    analysis = own_analysis(request, key, readable=True)
    options = Options.read(analysis.options).model_dump()
    form = FilterForm(initial=options | {"languages": ", ".join(options["languages"])})
    return render(request, "pages/removed.html", _removed(request, analysis, form))


@login_required
@require_POST
def bring_back(request: HttpRequest, key: int) -> HttpResponse:
    """Bring back one comment, which no filter leaves out again."""
    analysis = own_analysis(request, key, readable=True)
    comment = request.POST.get("comment", "")
    try:
        keep_comment(analysis, int(comment[:18]) if comment.isascii() and comment.isdigit() else 0)
        messages.success(request, "The comment is back; a worker counts it in.")
    except RoomtoneError as error:
        messages.warning(request, str(error))
    place = {name: request.POST[name] for name in ("reason", "page") if request.POST.get(name)}
    back = reverse("removed", args=[analysis.pk])
    return redirect(f"{back}?{urlencode(place)}" if place else back)


@login_required
@require_POST
def filters(request: HttpRequest, key: int) -> HttpResponse:
    """Set other filters, or none."""
    analysis = own_analysis(request, key, readable=True)
    form = FilterForm(request.POST)
    if form.is_valid():
        try:
            change_filters(analysis, form.filters())
        except RoomtoneError as error:
            form.add_error(None, str(error))
        else:
            return redirect("analysis", key=analysis.pk)
    return render(request, "pages/removed.html", _removed(request, analysis, form), status=400)


def _removed(request: HttpRequest, analysis: Analysis, form: FilterForm) -> dict[str, Any]:
    everything = Removal.objects.filter(analysis=analysis)
    counts = dict(everything.order_by().values_list("reason").annotate(Count("pk")))
    reason = request.GET.get("reason", "")
    reason = reason if reason in Removal.Reason.values else ""
    chosen = everything.filter(reason=reason) if reason else everything
    page = Paginator(chosen.select_related("comment").order_by("pk"), _PAGE)
    return {
        "analysis": analysis,
        "video": analysis.video,
        "form": form,
        "page": page.get_page(request.GET.get("page")),
        "reason": reason,
        "keep": f"&reason={reason}" if reason else "",
        "reasons": [(name, counts.get(name, 0)) for name in Removal.Reason.values],
    }
