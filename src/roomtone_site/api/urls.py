"""Addresses of the API and of the page of its tokens."""

from __future__ import annotations

from django.urls import path, re_path

from roomtone_site.api.endpoints import api
from roomtone_site.api.errors import not_found
from roomtone_site.api.views import RevokeToken, Tokens

urlpatterns = [
    path("accounts/tokens/", Tokens.as_view(), name="tokens"),
    path("accounts/tokens/<int:pk>/revoke/", RevokeToken.as_view(), name="revoke_token"),
    path("api/", api.urls),
    re_path("^api/(?P<rest>.*)$", not_found),
]
