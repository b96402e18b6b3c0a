from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_youtube import FakeYouTube

from roomtone.baselines import TfidfOptions
from roomtone.engines.fitting import fit_pipeline
from roomtone_site.analysis.versions import install

TEXTS = (
    *("I love this, great and lovely", "great song, I love it", "what a lovely day"),
    *("this is awful, I hate it", "bad, awful, boring", "I hate this bad film"),
    *("it is on tuesday", "the film runs two hours", "recorded in may"),
)
LABELS = np.repeat([2, 0, 1], 3)


@pytest.fixture(scope="session")
def engine() -> Any:
    """A small model that knows a few words."""
    pytest.importorskip("sklearn", reason="needs roomtone[baselines]")
    names = ("negative", "neutral", "positive")
    options = TfidfOptions(min_df=1)
    return fit_pipeline("logreg", TEXTS, LABELS, names, options=options, seed=1)


@pytest.fixture
def models_folder(tmp_path: Path, settings: Any) -> Path:
    """The site's folder of models, empty."""
    settings.MODELS_FOLDER = tmp_path / "models"
    return settings.MODELS_FOLDER


@pytest.fixture
def version(db: Any, models_folder: Path, engine: Any) -> Any:
    """That model, installed for the site and in use."""
    return install(engine, "small", use=True)


@pytest.fixture
def server():
    """YouTube's API on this machine, without any video yet."""
    with FakeYouTube().serving() as fake:
        yield fake
