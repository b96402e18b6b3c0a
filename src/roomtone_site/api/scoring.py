"""Scoring texts that are not stored."""

from __future__ import annotations

from typing import Any

from roomtone.labels import SENTIMENT
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.analysis.versions import columns_of, load_version


def score_texts(version: ModelVersion, texts: list[str]) -> list[dict[str, Any]]:
    """Give each text its label and the probabilities of all.

    Parameters
    ----------
    version : ModelVersion
        The model.
    texts : list of str
        Comments as they were written.

    Raises
    ------
    RoomtoneError
        If the model cannot be loaded.
    """
    engine = load_version(version)
    shares, known = engine.scores(texts)
    shares = shares[:, columns_of(engine)]
    return [
        {
            "label": SENTIMENT[best],
            "confidence": row[best],
            "probabilities": dict(zip(SENTIMENT, row, strict=True)),
            "known": is_known,
        }
        for best, row, is_known in zip(
            shares.argmax(axis=1).tolist(), shares.tolist(), known.tolist(), strict=True
        )
    ]
