"""Searching with Optuna, so that a search that is killed goes on as if it had not been."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from roomtone.errors import require
from roomtone.experiments.progress import Pace
from roomtone.experiments.study import Study
from roomtone.experiments.trial import Stopped, Trial
from roomtone.experiments.trial_record import DONE, PRUNED, TrialRecord, read_record
from roomtone.experiments.tuning_result import Account
from roomtone.experiments.tuning_space import Axis, Settings, settled_groups
from roomtone.training.console import Console
from roomtone.training.loop import Trainer
from roomtone.training.observers import EpochResult, Quiet
from roomtone.training.seeds import SEARCH, derive

STORAGE = "optuna.db"
NAME = "tuning"
PLACE = "number"  # in the search; of several attempts at a trial it is the same
_UNPRUNED_TRIALS, _UNPRUNED_EPOCHS = 5, 1


def search_optuna(
    study: Study, account: Account, console: Console, *, trials: int, keep: bool
) -> None:
    """Let Optuna's TPE sampler propose settings, and its median pruner end hopeless runs early.

    The spans are those of the guide's lists. TPE is Bergstra et al. (2011), "Algorithms for
    Hyper-Parameter Optimization". The state of a sampler is not stored; here each draw has a
    generator of its own, derived from the study's seed, the trial's number and the quantity's, so
    that it depends on nothing but these and the finished trials in the storage.
    """
    from roomtone.experiments.tuning import NO_TEST, describe, reference_trial

    optuna = require("optuna", extra="tune", purpose="Searching with Optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    axes = [axis for group in settled_groups(study, console) for axis in group.axes]
    pace = Pace(console, 1 + trials)
    reference_trial(study, pace, account, keep=keep)
    search = _open(optuna, study.root / STORAGE, minimised=account.minimised)
    for number in range(trials):
        name = f"t{number + 1:03d}"
        asked = _ask(optuna, search, number, ended=read_record(study, name) is not None)
        settings: Settings = {}
        for place, axis in enumerate(axes):
            search.sampler = _sampler(optuna, study, number, place)
            settings |= axis.settings(_suggest(asked, axis))
        trial = Trial(name, settings, NO_TEST)
        console.say(f"   {trial.name}: {describe(settings)}")
        watch = Watch(optuna, asked, account.monitor)
        record = pace.run(study, trial, observers=[watch], keep=keep)
        _tell(optuna, search, asked, record)
        account.add(record, "Optuna")
    console.say("")


class Watch(Quiet):
    """Reports each epoch to Optuna, and ends the run where Optuna says so."""

    def __init__(self, optuna: Any, trial: Any, monitor: str) -> None:
        self.optuna, self.trial, self.monitor = optuna, trial, monitor

    def epoch_ends(self, trainer: Trainer, result: EpochResult) -> None:
        """Report the monitored metric.

        Raises
        ------
        Stopped
            If most finished trials were better at this epoch.
        """
        with warnings.catch_warnings():  # an epoch is told of twice where a run was killed in it
            warnings.simplefilter("ignore")
            self.trial.report(result.metrics[self.monitor], result.epoch)
        if self.trial.should_prune():
            raise Stopped(f"worse than the median after epoch {result.epoch}")


def _open(optuna: Any, path: Path, *, minimised: bool) -> Any:
    return optuna.create_study(
        storage=f"sqlite:///{path.absolute()}",
        study_name=NAME,
        direction="minimize" if minimised else "maximize",
        pruner=optuna.pruners.MedianPruner(
            n_startup_trials=_UNPRUNED_TRIALS, n_warmup_steps=_UNPRUNED_EPOCHS
        ),
        load_if_exists=True,
    )


def _ask(optuna: Any, search: Any, number: int, *, ended: bool) -> Any:
    """Take a trial that was begun up again, or begin the next one.

    Optuna opens no trial again that it holds for finished. One that is to be run once more, its
    record gone, is begun anew with the same parameters, and stands for the same number.
    """
    begun = _begun(search, number)
    if begun is None or (begun.state.is_finished() and not ended):
        again = optuna.trial.create_trial(
            state=optuna.trial.TrialState.RUNNING,
            params=begun.params if begun else None,
            distributions=begun.distributions if begun else None,
            user_attrs={PLACE: number},
        )
        search.add_trial(again)
        begun = _begun(search, number)
    return optuna.trial.Trial(search, begun._trial_id)


def _begun(search: Any, number: int) -> Any:
    """Find the last attempt at a trial; None where it was not begun."""
    trials = search.get_trials(deepcopy=False)
    return next((t for t in reversed(trials) if t.user_attrs.get(PLACE, t.number) == number), None)


def _sampler(optuna: Any, study: Study, number: int, place: int) -> Any:
    seed = derive(study.base.seed, SEARCH, number, place) % 2**32
    return optuna.samplers.TPESampler(seed=seed)


def _suggest(trial: Any, axis: Axis) -> Any:
    if axis.scale == "choice":
        return trial.suggest_categorical(axis.name, list(axis.values))
    low, high = min(axis.values), max(axis.values)
    return trial.suggest_float(axis.name, low, high, log=axis.scale == "log")


def _tell(optuna: Any, search: Any, trial: Any, record: TrialRecord) -> None:
    """Store how a trial ended; one that is stored already stays as it is."""
    states = optuna.trial.TrialState
    state = {DONE: states.COMPLETE, PRUNED: states.PRUNED}.get(record.status, states.FAIL)
    value = record.value if state == states.COMPLETE else None
    search.tell(trial, value, state=state, skip_if_finished=True)
