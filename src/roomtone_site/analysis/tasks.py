"""The tasks that workers are called for."""

from __future__ import annotations

from django_tasks import task


@task()
def run_analysis(pk: int) -> str:
    """Go on with an analysis as far as it goes; says what became of it."""
    from roomtone_site.analysis.running import run

    return run(pk)
