"""What an account has labelled, split so that models can be judged fairly again and again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roomtone.data.duplicates import TextKeys
from roomtone.data.tables import LabelledTexts
from roomtone.labels import SENTIMENT
from roomtone_site.analysis.models import ModelVersion
from roomtone_site.comments.held_out import SHARE, drawn_places
from roomtone_site.comments.models import YouTubeComment
from roomtone_site.labelling.models import LabelItem, LabelSet

VALIDATION_SHARE = 0.1
ENOUGH = 30
"""Held-out comments chosen without a model's help, from which on they alone are used."""

CHOSEN_BY_MODEL = (
    "Held-out comments were chosen because a model was unsure of them, which makes that model look "
    "worse than it is on comments at large. Label a random sample for a fair comparison."
)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Labelled comments of an account.

    Attributes
    ----------
    texts : list of str
        The comments.
    labels, videos : ndarray of int64, shape [n]
        Their classes, and the videos that they belong to.
    place : ndarray of float64, shape [n]
        Between 0 and 1, decided by the text alone.
    by_model : ndarray of bool, shape [n]
        Whether a comment was chosen because a model was unsure of it.
    """

    texts: list[str]
    labels: NDArray[np.int64]
    videos: NDArray[np.int64]
    place: NDArray[np.float64]
    by_model: NDArray[np.bool_]

    @property
    def train(self) -> NDArray[np.bool_]:
        """The comments to fit on."""
        return self.place >= SHARE + VALIDATION_SHARE

    @property
    def validation(self) -> NDArray[np.bool_]:
        """The comments to calibrate on."""
        return (self.place >= SHARE) & ~self.train

    def test(self) -> tuple[NDArray[np.bool_], str]:
        """Choose the comments to judge by, and say what is to be known of that choice."""
        held_out = self.place < SHARE
        fair = held_out & ~self.by_model
        if fair.sum() >= ENOUGH:
            return fair, ""
        return held_out, CHOSEN_BY_MODEL if (held_out & self.by_model).any() else ""

    def table(self, rows: NDArray[np.bool_], name: str) -> LabelledTexts:
        """Make of some rows what the fitting of engines takes."""
        at = np.flatnonzero(rows)
        texts, labels = [self.texts[index] for index in at], self.labels[at]
        content = "\0".join(f"{label}{text}" for label, text in zip(labels, texts, strict=True))
        return LabelledTexts(
            path=Path(name),
            texts=texts,
            labels=labels,
            lines=at + 1,
            rejected=(),
            encoding="utf-8",
            delimiter=",",
            sha256=hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest(),
            num_classes=len(SENTIMENT),
        )


@dataclass(frozen=True, eq=False)
class Unseen:
    """Some labelled comments, and which of them no model that was trained here has seen.

    Attributes
    ----------
    rows : ndarray of int64
        Places of those that may judge, one of each wording.
    note : str
        What is to be known of that choice.
    """

    rows: NDArray[np.int64]
    note: str


def trained_here(version: ModelVersion) -> bool:
    """Tell whether a version learned from what its owner labelled on this site."""
    return "labelled" in version.trained_on


def unseen_among(owner: Any, comments: Sequence[int], texts: Sequence[str]) -> Unseen:
    """Choose, of labelled comments of an account, those by which trained models may be judged."""
    keys = TextKeys.of(texts)
    _, first = np.unique(keys.normalized, return_index=True)
    first = np.sort(first[drawn_places(keys)[first] < SHARE])
    unsure = _chosen_by_model(owner)
    by_model = np.array([comments[at] in unsure for at in first], dtype=bool)
    return Unseen(first, CHOSEN_BY_MODEL if by_model.any() else "")


def labelled_by(owner: Any) -> Evidence:
    """Collect what is labelled below the videos of an account.

    Of comments whose words are the same, the first labelled one counts.
    """
    rows = YouTubeComment.objects.owned_by(owner).filter(sentiment__isnull=False)
    found = list(rows.order_by("pk").values_list("pk", "text", "sentiment", "video"))
    by_model = _chosen_by_model(owner)
    keys = TextKeys.of([text for _, text, _, _ in found])
    _, first = np.unique(keys.normalized, return_index=True)
    first.sort()
    kept = [found[at] for at in first]
    return Evidence(
        texts=[text for _, text, _, _ in kept],
        labels=np.array([label for _, _, label, _ in kept], dtype=np.int64),
        videos=np.array([video for _, _, _, video in kept], dtype=np.int64),
        place=drawn_places(keys)[first],
        by_model=np.array([pk in by_model for pk, _, _, _ in kept], dtype=bool),
    )


def _chosen_by_model(owner: Any) -> set[int]:
    """Find the comments that a model chose, and that no random sample holds, too."""
    chosen: dict[str, set[int]] = {mode: set() for mode in LabelSet.Mode.values}
    items = LabelItem.objects.owned_by(owner).values_list("label_set__mode", "comment")
    for mode, comment in items:
        chosen[mode].add(comment)
    return chosen[LabelSet.Mode.UNCERTAIN] - chosen[LabelSet.Mode.RANDOM]
