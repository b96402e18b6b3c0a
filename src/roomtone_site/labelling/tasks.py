"""The task that workers are called for."""

from __future__ import annotations

from django_tasks import task


@task()
def train(pk: int) -> str:
    """Train a model on labels; says what became of it."""
    from roomtone_site.labelling.retraining import run_training

    return run_training(pk)
