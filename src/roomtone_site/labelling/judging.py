"""Whether a new model is better than the present one, on comments that neither was fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.engines import SentimentEngine
from roomtone.labels import SENTIMENT
from roomtone.stats import SCORES, confusion_matrix
from roomtone.stats.choosing import NotComparable, Predictions, compare
from roomtone_site.analysis.versions import columns_of
from roomtone_site.labelling.evidence import Evidence

METRIC = "f1_macro"
GROUPS = 6
"""So many videos let them be drawn as wholes; with fewer no test of groups is possible."""


def judge(
    evidence: Evidence, new: SentimentEngine, present: SentimentEngine | None
) -> dict[str, Any]:
    """Compare two models on the held-out comments.

    Rows of one video are not independent: with `GROUPS` videos or more, whole videos are drawn.

    Parameters
    ----------
    evidence : Evidence
        What is labelled.
    new, present : SentimentEngine
        The models; None where none is in use yet.

    Returns
    -------
    dict
        As JSON can hold it: ``"rows"``, ``"scores"`` of each model, ``"comparison"`` (see
        `roomtone.stats.choosing.Comparison`) or None, and ``"notes"``.
    """
    rows, note = evidence.test()
    notes = [note] if note else []
    at = np.flatnonzero(rows)
    if not len(at):
        notes.append(
            "None of the labelled comments is among those that are held out (about three in ten), "
            "so nothing can be said of the model yet. Label more."
        )
        return {"rows": 0, "scores": {}, "comparison": None, "notes": notes}
    texts, labels, videos = (
        [evidence.texts[n] for n in at],
        evidence.labels[at],
        evidence.videos[at],
    )
    predicted = {"new": _predicted(new, texts)}
    if present is not None:
        predicted["present"] = _predicted(present, texts)
    found: dict[str, Any] = {
        "rows": len(at),
        "videos": len(set(videos.tolist())),
        "scores": {name: _scores(labels, codes) for name, codes in predicted.items()},
        "comparison": None,
        "notes": notes,
    }
    if present is not None:
        _compare(found, labels, predicted, videos)
    return found


def _compare(
    found: dict[str, Any],
    labels: NDArray[np.int64],
    predicted: dict[str, NDArray[np.int64]],
    videos: NDArray[np.int64],
) -> None:
    grouped = found["videos"] >= GROUPS
    if not grouped and found["videos"] > 1:
        found["notes"].append(
            f"The comments are of {found['videos']} videos, too few to draw whole videos from "
            f"({GROUPS} are needed), so the test takes comments of one video for independent."
        )
    evidence = Predictions(
        labels, predicted, len(SENTIMENT), metric=METRIC, groups=videos if grouped else None
    )
    try:
        (comparison,) = compare(evidence, reference="present")
    except NotComparable as error:
        found["notes"].append(f"No test is possible: {error}")
    else:
        found["comparison"] = comparison.to_dict()


def _predicted(engine: SentimentEngine, texts: list[str]) -> NDArray[np.int64]:
    shares = engine.predict_proba(texts)[:, columns_of(engine)]
    return np.asarray(shares.argmax(axis=1), dtype=np.int64)


def _scores(labels: NDArray[np.int64], codes: NDArray[np.int64]) -> dict[str, float]:
    matrix = confusion_matrix(labels, codes, len(SENTIMENT))
    return {name: float(SCORES[name](matrix)) for name in (METRIC, "accuracy")}
