"""The task that workers are called for."""

from __future__ import annotations

from django_tasks import task


@task()
def run_import(pk: int) -> str:
    """Go on with an import; says what became of it."""
    from roomtone_site.comments.importing_job import run

    return run(pk)
