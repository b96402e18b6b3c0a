"""What an ablation shows: each variant's score, and its difference from the full model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from roomtone.experiments.json_record import Record
from roomtone.experiments.study import StudyPlan


@dataclass(frozen=True)
class Variant(Record):
    """What a model is worth without one thing.

    Attributes
    ----------
    name, title : str
        As in `ABLATIONS`; the model itself is ``"full"``.
    settings : dict
        The keys in which it differs from the full model.
    parameters, trainable_parameters : int or None
        Numbers in the network of the first run; None where no run was finished.
    scores : list of list of float or None
        For each seed the score of each fold (or of the one test set); None where a run failed.
    mean, sd : float or None
        Over the seeds of the score on all test rows; the sd is None with a single seed.
    low, high : float or None
        Interval of the mean, over rows and seeds.
    difference, difference_low, difference_high : float or None
        Of the mean from that of the full model, on the same rows and seeds; where the comparison
        is of these, its interval.
    comparison : dict or None
        What `roomtone.stats.choosing.compare` says of it against the full model.
    seconds : float
        Mean time of a run.
    failures : list of str
        Why runs have failed.
    order : dict or None
        What `compare` says of the scores of its seeds, each on all test rows, against those of the
        full model: almost stochastic order. None with fewer than five seeds.
    """

    name: str
    title: str
    settings: dict[str, Any]
    parameters: int | None
    trainable_parameters: int | None
    scores: list[list[float | None]]
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    comparison: dict[str, Any] | None
    seconds: float
    failures: list[str]
    order: dict[str, Any] | None = None


@dataclass(frozen=True)
class AblationResult(Record):
    """The result of an ablation: ``ablation.json``.

    Attributes
    ----------
    plan : StudyPlan
    metric : str
        A key of `roomtone.stats.SCORES`.
    split : str
        What was measured on: ``"test"``, ``"val"``, or ``"folds"`` of both other files.
    rows : int
        How many rows were measured on.
    seeds : list of int
    folds : int or None
    variants : list of Variant
        The full model first.
    decision : list of str
        Which test was chosen, and why.
    notes : list of str
        What a reader has to know.
    """

    plan: StudyPlan
    metric: str
    split: str
    rows: int
    seeds: list[int]
    folds: int | None
    variants: list[Variant]
    decision: list[str]
    notes: list[str]
