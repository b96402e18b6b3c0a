"""The model that a site begins with."""

from __future__ import annotations

import csv
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np

from roomtone.engines import SentimentEngine
from roomtone.errors import DataError
from roomtone.labels import SENTIMENT, LabelScheme
from roomtone_site.analysis.default_model import INVENTED, site_model, train_default
from roomtone_site.analysis.versions import install
from roomtone_site.comments.sample import corpus_folder

STOPGAP = "stopgap (invented comments)"


def prepare_model(folder: Path | None, say: Callable[[str], object]) -> None:
    """See to it that there is a model that every account may use.

    Without `folder` and without a model in use, logistic regression is fitted to the demo's
    corpus. Where that cannot be had, a stopgap is fitted to the few invented comments that come
    with the site, and replaced as soon as the corpus can be had.

    Parameters
    ----------
    folder : Path, optional
        A saved engine, or a finished run of a hybrid, to install and put to use.
    say : callable
        Gets a line before each step that takes time.

    Raises
    ------
    RoomtoneError
        If the folder holds no engine, or a run that is not finished.
    """
    if folder is not None:
        engine = _load(folder)
        install(engine, engine.name, use=True)
        return
    present = site_model()
    if present is not None and present.name != STOPGAP:
        return
    try:
        train_default(corpus_folder(), say=say)
    except DataError as error:
        say(f"The default model cannot be trained: {error}")
        if present is None:
            _install_stopgap()
        say(
            "Until then analyses use a stopgap that knows a few invented comments alone. Start "
            "again with a network, or name a model of your own with --model."
        )


def _load(folder: Path) -> SentimentEngine:
    from roomtone.engines import get_sentiment_engine, load_engine

    if (folder / "final_model.pt").is_file():
        return get_sentiment_engine("hybrid_dl", model_path=folder)
    if (folder / "config.yaml").is_file() and not (folder / "engine.json").is_file():
        raise DataError(
            f"--model {folder}: this run has no final_model.pt, so it is not finished; go on "
            f"with: roomtone train --resume {folder}"
        )
    return load_engine(folder)


def _install_stopgap() -> None:
    from roomtone.baselines import TfidfOptions
    from roomtone.engines.fitting import fit_pipeline

    content = (files("roomtone_site.comments") / "invented.csv").read_text("utf-8")
    rows = list(csv.DictReader(content.splitlines()))
    labels = np.array([LabelScheme().parse(row["label"]) for row in rows], dtype=np.int64)
    texts = [row["text"] for row in rows]
    engine = fit_pipeline("logreg", texts, labels, SENTIMENT, options=TfidfOptions(), seed=42)
    trained_on = {"train": {"rows": len(rows), "what": INVENTED}}
    install(engine, STOPGAP, trained_on=trained_on, use=True)
