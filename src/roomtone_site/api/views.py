"""The page on which an account makes and revokes its tokens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from roomtone.errors import DataError
from roomtone_site.api.models import ApiToken
from roomtone_site.api.tokens import issue, revoke


@method_decorator(never_cache, name="dispatch")
class Tokens(LoginRequiredMixin, View):
    """The tokens of an account, and a new one, shown in the answer to the form and never again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them."""
        return self._page(request)

    @method_decorator(sensitive_variables("secret"))
    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one."""
        try:
            _, secret = issue(request.user, request.POST.get("name", ""))
        except DataError as error:
            return self._page(request, problem=str(error), status=422)
        return self._page(request, secret=secret)

    def _page(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        tokens = ApiToken.objects.owned_by(request.user)
        return render(request, "api/tokens.html", {"tokens": tokens, **context}, status=status)


class RevokeToken(LoginRequiredMixin, View):
    """The end of a token."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Revoke it."""
        token = get_object_or_404(ApiToken.objects.owned_by(request.user), pk=pk)
        revoke(token)
        messages.success(request, f"The token {token.name} opens nothing any more.")
        return redirect("tokens")
