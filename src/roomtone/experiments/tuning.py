"""Searching for better settings on the validation rows alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from roomtone.config import Config, to_tree
from roomtone.config.tree import get
from roomtone.errors import ConfigError, TrainingError
from roomtone.experiments.progress import Pace
from roomtone.experiments.study import Study, StudyPlan, make_plan
from roomtone.experiments.trial import Trial
from roomtone.experiments.trial_record import TrialRecord
from roomtone.experiments.tuning_result import BASE, Account, TuningResult
from roomtone.experiments.tuning_space import Group, Settings, settled_groups
from roomtone.files import write_json
from roomtone.training.console import Console

KIND = "tuning"
NO_TEST = {"test": None}


def plan_tuning(config: Config, search: str, *, find_rate: bool, one_by_one: bool) -> StudyPlan:
    """Lay a search down; of the files it reads the training and the validation rows.

    Parameters
    ----------
    config : Config
        Where the search begins.
    search : str
        ``"guide"`` or ``"optuna"``.
    find_rate : bool
        Try the learning rate that a range test suggests besides the guide's.
    one_by_one : bool
        As of `guide_groups`.

    Raises
    ------
    ConfigError
        If what is monitored is no metric of the validation rows.
    """
    monitor = config.training.early_stopping.monitor
    if not monitor.startswith("val_"):
        raise ConfigError(
            [
                f"training.early_stopping.monitor: found {monitor!r}; settings are chosen on the "
                "validation rows, expected a metric that begins with val_"
            ]
        )
    choices = {"search": search, "find_rate": find_rate, "one_by_one": one_by_one}
    files = {"train": config.train_csv, "val": config.val_csv}
    return make_plan(KIND, config, files, choices)


def wanted_trials(study: Study, asked: int | None, default: int) -> int:
    """Settle how many trials are wanted; the number may grow while a search goes on."""
    path = study.root / "target.json"
    if asked is not None or not path.is_file():
        write_json(path, {"trials": asked or default})
    return int(json.loads(path.read_text(encoding="utf-8"))["trials"])


def run_tuning(study: Study, console: Console, *, trials: int, keep: bool = False) -> TuningResult:
    """Search, or go on searching.

    Parameters
    ----------
    study : Study
        What to search.
    console : Console
        Where to say how it goes.
    trials : int
        How many settings Optuna tries besides the configuration as it is; the guide's grid has
        its own number.
    keep : bool
        Keep the weights of each run.

    Raises
    ------
    TrainingError
        If no trial ran to its end.
    MissingExtraError
        If Optuna is asked for and absent.
    """
    account = Account(study)
    if study.plan.choices["search"] == "optuna":
        from roomtone.experiments.tuning_optuna import search_optuna

        search_optuna(study, account, console, trials=trials, keep=keep)
    else:
        search_guide(study, account, console, keep=keep)
    if account.best is None:
        note = next(iter(account.trials.values())).note
        raise TrainingError(f"no trial ran to its end; the first one: {note}")
    return account.write(account.noise())


def search_guide(study: Study, account: Account, console: Console, *, keep: bool) -> None:
    """Try the guide's lists, group after group; what won a group holds for the next ones.

    Settings that were tried before are not trained again.
    """
    groups = settled_groups(study, console)
    pace = Pace(console, 1 + sum(len(list(group.candidates())) for group in groups))
    chosen = reference_trial(study, pace, account, keep=keep)
    known = {_key({}): chosen}
    for group in groups:
        console.say("", f"{group.title}: from {describe(chosen.settings)}")
        rivals = [chosen]
        for settings in _fresh(study, group, chosen.settings):
            key = _key(settings)
            if key in known:
                pace.skip()
            else:
                trial = Trial(_name(key), settings, NO_TEST)
                console.say(f"   {trial.name}: {describe(settings)}")
                known[key] = pace.run(study, trial, keep=keep)
                account.add(known[key], group.title)
            rivals.append(known[key])
        chosen = account.better(*rivals) or chosen
    console.say("")


def _fresh(study: Study, group: Group, chosen: Settings) -> Iterator[Settings]:
    """Lay each candidate over what was chosen so far, without what the configuration says."""
    tree = to_tree(study.base)
    for candidate in group.candidates():
        merged = {**chosen, **candidate}
        yield {key: value for key, value in merged.items() if get(tree, key) != value}


def _key(settings: Settings) -> str:
    return json.dumps(settings, sort_keys=True)


def _name(key: str) -> str:
    """Name a trial by its settings, which the place that a search reaches them at may change."""
    return f"t{hashlib.sha256(key.encode()).hexdigest()[:10]}"


def describe(settings: dict[str, Any]) -> str:
    """Show settings in a line."""
    if not settings:
        return "the configuration as it is"
    shown = (f"{key.rpartition('.')[2]}={_shown(value)}" for key, value in settings.items())
    return ", ".join(dict.fromkeys(shown))  # keys that mean the same are shown once


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def reference_trial(study: Study, pace: Pace, account: Account, *, keep: bool) -> TrialRecord:
    """Train the configuration as it was, which gains are over."""
    record = pace.run(study, Trial(BASE, {}, NO_TEST), keep=keep)
    account.add(record, "as it was")
    return record
