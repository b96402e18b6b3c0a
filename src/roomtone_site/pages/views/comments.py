"""Single comments: why one was answered so, and those that the filters left out."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from roomtone.errors import RoomtoneError
from roomtone_site.analysis.models import Removal
from roomtone_site.analysis.summary import forget_summary
from roomtone_site.pages.explaining import explain
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
    everything = Removal.objects.filter(analysis=analysis)
    reason = request.GET.get("reason", "")
    chosen = everything.filter(reason=reason) if reason in Removal.Reason.values else everything
    page = Paginator(chosen.select_related("comment").order_by("pk"), _PAGE)
    counts = dict(everything.order_by().values_list("reason").annotate(Count("pk")))
    context = {
        "analysis": analysis,
        "video": analysis.video,
        "page": page.get_page(request.GET.get("page")),
        "reason": reason if reason in Removal.Reason.values else "",
        "keep": f"&reason={reason}" if reason in Removal.Reason.values else "",
        "reasons": [(name, counts.get(name, 0)) for name in Removal.Reason.values],
    }
    return render(request, "pages/removed.html", context)


@login_required
@require_POST
def bring_back(request: HttpRequest, key: int) -> HttpResponse:
    """Bring back one comment, or all that one filter left out."""
    analysis = own_analysis(request, key, readable=True)
    chosen = Removal.objects.filter(analysis=analysis)
    comment, reason = request.POST.get("comment", ""), request.POST.get("reason", "")
    if comment.isascii() and comment.isdigit():
        chosen = chosen.filter(comment=int(comment[:18]))
    elif reason in Removal.Reason.values:
        chosen = chosen.filter(reason=reason)
    else:
        chosen = chosen.none()
    count = chosen.values("comment").distinct().count()
    chosen.delete()
    if count:
        forget_summary(analysis)
        plural = "" if count == 1 else "s"
        messages.success(request, f"{count:,} comment{plural} brought back.")
    return redirect("removed", key=analysis.pk)
