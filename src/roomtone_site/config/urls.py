"""The site's addresses."""

from __future__ import annotations

from django.urls import include, path

from roomtone_site.config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/", include("roomtone_site.accounts.urls")),
    path("", include("roomtone_site.api.urls")),
    path("", include("roomtone_site.labelling.urls")),
    path("", include("roomtone_site.pages.urls")),
]
handler400 = "roomtone_site.config.bodies.bad_request"
