"""The page of an import: how far it is, what became of the file's rows, and giving it up."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from roomtone_site.comments.models import Import
from roomtone_site.comments.uploads import OPEN
from roomtone_site.jobs.queueing import give_up as end
from roomtone_site.pages.views.found import is_fragment


@login_required
@require_safe
def shown(request: HttpRequest, key: int) -> HttpResponse:
    """Show an import; once it has ended, htmx loads the whole page anew."""
    found = get_object_or_404(Import.objects.owned_by(request.user), pk=key)
    context: dict[str, Any] = {"found": found, "open": found.state in OPEN}
    if not is_fragment(request):
        context |= {
            "videos": found.videos.all(),
            "more": found.rejections - len(found.rejected),
        }
        return render(request, "pages/import.html", context)
    response = render(request, "pages/parts/import.html", context)
    if not context["open"]:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def give_up(request: HttpRequest, key: int) -> HttpResponse:
    """End an import that is under way; what was stored of it stays."""
    found = get_object_or_404(Import.objects.owned_by(request.user), pk=key)
    end(found, "You gave it up; comments that were stored before are still there.")
    return redirect("import", key=found.pk)
