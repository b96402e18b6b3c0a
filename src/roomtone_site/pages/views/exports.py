"""Exports of an analysis."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from importlib.resources import files

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from roomtone_site.analysis.models import Analysis
from roomtone_site.pages.exports import csv_lines, json_parts, texts_may_leave
from roomtone_site.pages.views.analyses import result_context
from roomtone_site.pages.views.found import own_analysis

_FORMS: dict[str, tuple[str, Callable[[Analysis], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", csv_lines),
    "json": ("application/json", json_parts),
}


@login_required
@require_safe
def export(request: HttpRequest, key: int) -> HttpResponse:
    """Say what can be exported, and what cannot."""
    analysis = own_analysis(request, key, readable=True)
    return render(request, "pages/export.html", _context(analysis))


@login_required
@require_safe
def rows(request: HttpRequest, key: int, form: str) -> HttpResponseBase:
    """Send the comments as a file, in a stream."""
    analysis = own_analysis(request, key, readable=True)
    if not texts_may_leave(analysis):
        return render(request, "pages/export.html", _context(analysis), status=403)
    kind, write = _FORMS[form]
    response = StreamingHttpResponse(write(analysis), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{_name(analysis)}.{form}"'
    return response


@login_required
@require_safe
def report(request: HttpRequest, key: int) -> HttpResponse:
    """Send the findings as one page that can be printed; it needs no other file."""
    analysis = own_analysis(request, key, readable=True)
    style = (files("roomtone_site.pages") / "static/pages/site.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    # It brings this one style with it, and neither runs nor loads anything.
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    context = result_context(analysis, request) | {
        "style": mark_safe(style),
        "policy": policy,
        "made": timezone.now(),
        "hide_texts": not texts_may_leave(analysis),
    }
    response = HttpResponse(render_to_string("pages/report.html", context))
    response["Content-Disposition"] = f'attachment; filename="{_name(analysis)}.html"'
    response["Content-Security-Policy"] = f"{policy}; frame-ancestors 'none'"
    return response


def _context(analysis: Analysis) -> dict[str, object]:
    return {
        "analysis": analysis,
        "video": analysis.video,
        "texts_may_leave": texts_may_leave(analysis),
    }


def _name(analysis: Analysis) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", analysis.video.video_id).strip("_") or "video"
    return f"roomtone_{plain}_{analysis.pk}"
