"""Letting the database know how large its tables have become."""

from __future__ import annotations

from django.db import connection

from roomtone_site.analysis.models import Prediction, Removal
from roomtone_site.comments.models import YouTubeComment


def know_sizes() -> None:
    """Let PostgreSQL look at the tables that an analysis has filled.

    It does so by itself a minute later. Until then it plans for tables as small as they were, and
    took 20 seconds, where it now takes a quarter of one, for the page of 100,000 comments.
    """
    if connection.vendor == "postgresql":
        tables = (model._meta.db_table for model in (YouTubeComment, Prediction, Removal))
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, tables))}")
