"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path

from roomtone_site.pages.views import home

urlpatterns = [path("", home, name="home")]
