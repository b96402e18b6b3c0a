"""What a search for settings has found so far: its trials, the best of them, and its luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from roomtone.config import Config, load_config, save_config
from roomtone.config.monitor import is_minimised
from roomtone.config.tree import put
from roomtone.experiments.json_record import Record
from roomtone.experiments.study import Study, StudyPlan
from roomtone.experiments.trial_record import TrialRecord, read_tested
from roomtone.files import write_json
from roomtone.stats import SCORES
from roomtone.stats.metrics import log_losses
from roomtone.stats.selection import SelectionNoise, loss_selection_noise, selection_noise

RESULT, BEST = "tuning.json", "best.yaml"
BASE = "t000"
_NOTES = (
    "Everything was chosen on the validation rows; the test file was not opened.",
    "Each setting was trained with one seed: part of its score is the luck of that seed, which the "
    "estimate of selection noise cannot see.",
    "For the rows, the corrected gain is a cautious estimate: a resample holds 63% of the rows and "
    "chooses less well than all of them do. Its interval is wide.",
)


@dataclass(frozen=True)
class TuningResult(Record):
    """The state of a search: ``tuning.json``, written after each trial.

    Attributes
    ----------
    plan : StudyPlan
    monitor : str
        What is optimised, on the validation rows.
    minimised : bool
        Whether less is better.
    trials : list of TrialRecord
        In the order in which they were made; the first is the configuration as it was.
    groups : dict of str to str
        For each trial what was tuned by it.
    best : str or None
        Name of the best trial.
    noise : dict or None
        As of `roomtone.stats.selection.SelectionNoise`; None while the search is not finished, or
        where fewer than two trials are.
    notes : list of str
        What a reader has to know.
    """

    plan: StudyPlan
    monitor: str
    minimised: bool
    trials: list[TrialRecord]
    groups: dict[str, str]
    best: str | None
    noise: dict[str, Any] | None
    notes: list[str]

    def __getitem__(self, name: str) -> TrialRecord:
        """Return a trial by its name."""
        return next(trial for trial in self.trials if trial.name == name)


class Account:
    """Keeps the trials of a search, and on the disk the best configuration so far.

    Parameters
    ----------
    study : Study
        Where to.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.monitor = study.base.training.early_stopping.monitor
        self.minimised = is_minimised(self.monitor)
        self.trials: dict[str, TrialRecord] = {}
        self.groups: dict[str, str] = {}

    def add(self, record: TrialRecord, group: str) -> None:
        """Take a trial in, and write what there is now."""
        self.trials[record.name], self.groups[record.name] = record, group
        self.write(None)

    @property
    def best(self) -> TrialRecord | None:
        """The best of the trials that ran to their end; of equal ones the first."""
        return self.better(*self.trials.values())

    def better(self, *records: TrialRecord) -> TrialRecord | None:
        """Return the best of some trials, None if none ran to its end."""
        done = [record for record in records if record.done and record.value is not None]
        sign = 1 if self.minimised else -1
        return min(done, key=lambda record: sign * (record.value or 0.0), default=None)

    def write(self, noise: SelectionNoise | None) -> TuningResult:
        """Write the result, and the best configuration."""
        best = self.best
        result = TuningResult(
            self.study.plan,
            self.monitor,
            self.minimised,
            list(self.trials.values()),
            self.groups,
            best.name if best else None,
            noise.to_dict() if noise else None,
            list(_NOTES),
        )
        if best is not None:
            save_config(configuration(self.study, best.settings), self.study.root / BEST)
        write_json(self.study.root / RESULT, result.to_dict())
        return result

    def noise(self) -> SelectionNoise | None:
        """Estimate how much of the gain over the configuration as it was is luck.

        As `roomtone.stats.selection.selection_noise` does, from the stored predictions of the
        validation rows; a loss is taken without class weights.
        """
        done = [record.name for record in self.trials.values() if record.done]
        if BASE not in done or len(done) < 2:
            return None
        tested = {name: read_tested(self.study, name) for name in done}
        labels, metric = tested[BASE].labels, self.monitor.partition("_")[2]
        seed = self.study.base.seed
        if metric in SCORES:
            classes = tested[BASE].probs.shape[1]
            predicted = {name: rows.predicted for name, rows in tested.items()}
            return selection_noise(labels, predicted, classes, metric, reference=BASE, seed=seed)
        losses = {name: log_losses(rows.probs, labels) for name, rows in tested.items()}
        return loss_selection_noise(losses, reference=BASE, seed=seed)


def configuration(study: Study, settings: dict[str, Any]) -> Config:
    """Lay settings over the configuration of a study, as it was given: with its test file."""
    tree = study.plan.to_dict()["config"]
    for key, value in settings.items():
        put(tree, key, value)
    return load_config(tree=tree, check_files=False)
