"""The page of an analysis: how far it is, and what it found."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from roomtone.errors import RoomtoneError
from roomtone.labels import SENTIMENT
from roomtone_site.analysis.again import retry as start_again
from roomtone_site.analysis.models import READABLE, Analysis, State
from roomtone_site.analysis.retention import first_expiry
from roomtone_site.analysis.summary import summary_of
from roomtone_site.pages import figures
from roomtone_site.pages.charts import stacked_bar
from roomtone_site.pages.table import KINDS, SORTS, Choice, matching, page_of
from roomtone_site.pages.views.found import is_fragment, own_analysis

_EXAMPLES = 5


@login_required
@require_safe
def analysis(request: HttpRequest, key: int) -> HttpResponse:
    """Show what was found; or, before that, how far it is."""
    found = own_analysis(request, key)
    if found.state not in READABLE:
        return render(request, "pages/progress.html", {"analysis": found})
    return render(request, "pages/analysis.html", result_context(found, request))


@login_required
@require_safe
def progress(request: HttpRequest, key: int) -> HttpResponse:
    """Show how far an analysis is; once it has ended, htmx loads the whole page anew."""
    found = own_analysis(request, key)
    counting = found.state in READABLE and found.uncounted
    part = "counting" if counting else "progress"
    response = render(request, f"pages/parts/{part}.html", {"analysis": found})
    if found.state in (*READABLE, State.FAILED) and not counting:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def retry(request: HttpRequest, key: int) -> HttpResponse:
    """Let an analysis that stopped go on."""
    found = own_analysis(request, key)
    try:
        start_again(found)
    except RoomtoneError as error:
        messages.warning(request, str(error))
    return redirect("analysis", key=found.pk)


@login_required
@require_safe
def comments(request: HttpRequest, key: int) -> HttpResponse:
    """Show the table of comments: as a part of the page above, or alone."""
    found = own_analysis(request, key, readable=True)
    context = table_context(found, request)
    if not is_fragment(request):
        return render(request, "pages/comments.html", context)
    response = render(request, "pages/parts/table_alone.html", context)
    # The browser shows the address at which the page around the table has the same one.
    around = urlsplit(request.headers.get("HX-Current-URL", "")).path
    here = around if around == reverse("analysis", args=[key]) else request.path
    query = context["table"].choice.address()
    response["HX-Push-Url"] = f"{here}?{query}" if query else here
    return response


def table_context(found: Analysis, request: HttpRequest) -> dict[str, Any]:
    """Gather one page of the table."""
    total = summary_of(found).total
    table = page_of(found, Choice.read(request.GET.dict()), total)
    return {
        "analysis": found,
        "table": table,
        "sorts": {key: name for key, (name, _) in SORTS.items()},
        "kinds": KINDS,
        "classes": SENTIMENT,
        "total": total,
        "turns": {
            "previous": table.choice.address(page=table.choice.page - 1),
            "next": table.choice.address(page=table.choice.page + 1),
        },
    }


def result_context(found: Analysis, request: HttpRequest) -> dict[str, Any]:
    """Gather all that the page of an analysis shows."""
    summary = summary_of(found)
    rows = figures.shares(summary)
    liked, effective = figures.liked_shares(summary)
    others = (
        Analysis.objects.owned_by(request.user)
        .filter(state__in=READABLE)
        .exclude(pk=found.pk)
        .select_related("video")
        .defer("result")[:50]
    )
    return table_context(found, request) | {
        "video": found.video,
        "summary": summary,
        "headline": figures.headline(rows),
        "shares": rows,
        "liked": liked,
        "effective": effective,
        "likes": sum(summary.weights) - summary.total,
        "time": figures.over_time(summary),
        "threads": figures.threads(summary),
        "parts": [_part("Openings", summary.opening), _part("Replies", summary.replies)],
        "telling": figures.telling(summary),
        "most_liked": _examples(found, "likes"),
        "unsure": _examples(found, "unsure"),
        "others": others,
        "expires": first_expiry(found.video) if found.state == State.PARTIAL else None,
    }


def _examples(found: Analysis, sort: str) -> list[Any]:
    return list(matching(found, Choice(sort=sort)).select_related("comment")[:_EXAMPLES])


def _part(name: str, counts: list[int]) -> dict[str, Any]:
    total = sum(counts)
    return {
        "name": name,
        "total": total,
        "bar": stacked_bar(counts),
        "counts": [
            (kind, count, 100 * count / total if total else 0)
            for kind, count in zip(SENTIMENT, counts, strict=True)
        ],
    }
