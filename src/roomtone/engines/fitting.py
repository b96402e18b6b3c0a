"""Fitting a TF-IDF baseline, with all that its folder is to say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from roomtone.baselines import BASELINES, TfidfOptions, build_baseline
from roomtone.data.advice import leakage_warning
from roomtone.data.duplicates import TextKeys, find_overlap
from roomtone.data.tables import LabelledTexts
from roomtone.engines.calibrating import calibrate_engine
from roomtone.engines.measuring import measure
from roomtone.engines.tfidf import TfidfEngine
from roomtone.errors import DataError


def fit_baseline(
    name: str,
    splits: Mapping[str, LabelledTexts],
    class_names: Sequence[str],
    *,
    options: TfidfOptions | None = None,
    seed: int = 42,
    say: Callable[[str], object] = lambda _: None,
) -> TfidfEngine:
    """Fit a baseline on the training rows, calibrate it on the validation rows, test it.

    Parameters
    ----------
    name : str
        ``"logreg"``, ``"svm"`` or ``"tfidf"``.
    splits : mapping of str to LabelledTexts
        ``"train"``, and where there are such rows ``"validation"`` and ``"test"``.
    class_names : sequence of str
        The classes, in the order of their codes.
    options : TfidfOptions, optional
        Choices other than the defaults.
    seed : int
        Of the solvers, the choice of the calibration, and the intervals.
    say : callable
        Gets a line before each step that takes time.

    Raises
    ------
    DataError
        If the training rows have fewer than two classes, or no word at all.
    RoomtoneError
        If there is no baseline of this name.
    MissingExtraError
        If scikit-learn is not installed.
    """
    train = splits["train"]
    chosen = options or TfidfOptions()
    warnings = _leakage(splits)
    for warning in warnings:
        say(f"⚠️  {warning}")
    build_baseline(name, seed=seed, options=chosen)  # a name that is none is told before the rest
    say(f"Fitting {BASELINES[name].title}, on {len(train.texts):,} rows ...")
    try:
        engine = fit_pipeline(
            name, train.texts, train.labels, class_names, options=chosen, seed=seed
        )
    except DataError as error:
        raise DataError(f"{train.path}: {error}") from error
    engine.record = {
        "data": {split: rows.facts(class_names) for split, rows in splits.items()},
        "warnings": warnings,
    }
    if (validation := splits.get("validation")) is not None:
        say(f"Calibrating on {len(validation.texts):,} rows ...")
        report = calibrate_engine(engine, validation.texts, validation.labels, seed=seed)
        engine.record["calibration"] = {"report": report.to_dict()}
    engine.record["metrics"] = metrics = {}
    for split in ("validation", "test"):
        if split in splits:
            say(f"Scoring the {len(splits[split].texts):,} {split} rows ...")
            metrics[split] = measure(engine, splits[split].texts, splits[split].labels, seed=seed)
    return engine


def fit_pipeline(
    name: str,
    texts: Sequence[str],
    labels: NDArray[np.int64],
    class_names: Sequence[str],
    *,
    options: TfidfOptions,
    seed: int,
) -> TfidfEngine:
    """Fit a baseline as an engine, uncalibrated.

    Parameters
    ----------
    name : str
        ``"logreg"``, ``"svm"`` or ``"tfidf"``.
    texts, labels : sequence of str and ndarray of int64, shape [n]
        Training rows and their class codes.
    class_names : sequence of str
        The classes, in the order of their codes.
    options : TfidfOptions
        Its features and its strength.
    seed : int
        Of the solver.

    Raises
    ------
    DataError
        If the rows have fewer than two classes, or no word at all.
    """
    pipeline = build_baseline(name, seed=seed, options=options)
    counts = np.bincount(labels, minlength=len(class_names))
    if (counts > 0).sum() < 2:
        (only,) = np.flatnonzero(counts)
        raise DataError(f"all rows are {class_names[int(only)]}, and two classes are needed")
    try:
        pipeline.fit(texts, labels)
    except ValueError as error:
        raise DataError(f"{name} cannot be fitted: {error}") from error
    return TfidfEngine.from_pipeline(
        pipeline,
        name,
        class_names,
        prior=counts / counts.sum(),
        details={"baseline": name, "seed": seed, **asdict(options)},
    )


def _leakage(splits: Mapping[str, LabelledTexts]) -> list[str]:
    """Warn of rows of one file that stand in an earlier one, too."""
    keyed = [
        ((name, TextKeys.of(rows.texts), rows.labels), rows.lines) for name, rows in splits.items()
    ]
    found = (
        leakage_warning(find_overlap(source, split, lines))
        for (source, _), (split, lines) in combinations(keyed, 2)
    )
    return [warning for warning in found if warning is not None]
