"""Two analyses side by side."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from roomtone.labels import SENTIMENT
from roomtone_site.analysis.models import READABLE, Analysis
from roomtone_site.pages.comparing import SideBySide, side_by_side
from roomtone_site.pages.views.found import own_analysis


@login_required
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Compare two analyses, or let the visitor choose them."""
    choices = (
        Analysis.objects.owned_by(request.user)
        .filter(state__in=READABLE)
        .select_related("video")
        .defer("result")[:200]
    )
    keys = [request.GET.get(name, "") for name in ("a", "b")]
    context: dict[str, Any] = {
        "choices": choices,
        "names": [("a", "First"), ("b", "Second")],
        "classes": SENTIMENT,
    }
    if all(keys):
        first, second = (own_analysis(request, _number(key), readable=True) for key in keys)
        context |= {"first": first, "second": second}
        if first.pk == second.pk:
            context |= {"problem": "These are the same analysis; choose two different ones."}
        else:
            context |= _shown(side_by_side(first, second), first, second)
    return render(request, "pages/compare.html", context)


def _shown(result: SideBySide, first: Analysis, second: Analysis) -> dict[str, Any]:
    return {
        "result": result,
        "sides": [
            {"analysis": analysis, "summary": summary, "shares": shares}
            for analysis, summary, shares in zip(
                (first, second), result.summaries, result.shares, strict=True
            )
        ],
        "answers": list(zip(SENTIMENT, result.paired.table, strict=True)) if result.paired else [],
    }


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404("no such analysis")
    return int(text)
