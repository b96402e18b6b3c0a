"""Taking parts away from a model one at a time, and measuring what each was worth."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roomtone.config import Config
from roomtone.experiments.ablation_analysis import Analysis, trial_name
from roomtone.experiments.ablation_result import AblationResult
from roomtone.experiments.ablations import Settings
from roomtone.experiments.progress import run_all
from roomtone.experiments.study import Study, StudyPlan, make_plan
from roomtone.experiments.subsets import FORMAT, write_folds
from roomtone.experiments.trial import Trial
from roomtone.files import write_json
from roomtone.stats import SCORES
from roomtone.training.console import Console
from roomtone.training.preparation import split_files

KIND, RESULT = "ablation", "ablation.json"


def plan_ablation(
    config: Config, variants: Mapping[str, Settings], seeds: int, folds: int | None
) -> StudyPlan:
    """Lay an ablation down.

    Parameters
    ----------
    config : Config
        The full model.
    variants : mapping of str to dict
        As from `roomtone.experiments.ablations.choose`.
    seeds : int
        How many seeds each variant is trained with; the configuration's is the first.
    folds : int or None
        Cross-validate over so many folds of the training and validation rows.
    """
    files = split_files(config)
    if folds is not None:
        files.pop("test", None)
    return make_plan(
        KIND,
        config,
        files,
        {
            "variants": {name: dict(settings) for name, settings in variants.items()},
            "seeds": [config.seed + number for number in range(seeds)],
            "folds": folds,
            "metric": measured(config),
        },
    )


def measured(config: Config) -> str:
    """Name the score that models are compared by: the monitored one, or else macro-F1."""
    metric = config.training.early_stopping.monitor.partition("_")[2]
    return metric if metric in SCORES else "f1_macro"


def run_ablation(study: Study, console: Console, *, keep: bool = False) -> AblationResult:
    """Train every variant with every seed (on every fold), compare, and write the result.

    Runs that have ended already are not repeated. Seeds come outermost, so that what there is
    after an interruption compares all variants.

    Raises
    ------
    TrainingError
        If no run of the full model was finished.
    """
    choices = study.plan.choices
    files: list[dict[str, Path]] = [{}]
    rows: list[NDArray[np.int64]] | None = None
    if choices["folds"]:
        files, rows = write_folds(study, choices["folds"], study.base.seed)
    trials = [
        Trial(
            trial_name(name, seed, fold if rows else None),
            {**settings, "seed": seed, **(FORMAT if rows else {})},
            files[fold],
        )
        for seed in choices["seeds"]
        for fold in range(len(files))
        for name, settings in choices["variants"].items()
    ]
    records = run_all(study, trials, console, keep=keep)
    result = Analysis(study, records, rows).result()
    write_json(study.root / RESULT, result.to_dict())
    return result
