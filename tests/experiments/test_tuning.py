"""A search looks at validation rows alone, keeps what it found, and goes on after a kill."""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from roomtone.cli.main import main
from roomtone.config import load_config
from roomtone.errors import ConfigError, TrainingError
from roomtone.experiments import tuning_space
from roomtone.experiments.study import open_study
from roomtone.experiments.trial import Trial
from roomtone.experiments.tuning import plan_tuning, run_tuning
from roomtone.experiments.tuning_result import BASE, TuningResult
from roomtone.experiments.tuning_space import Axis, Group
from roomtone.training.console import Console

SMALL = [
    Group(
        "Learning rate", (Axis("rate", ("training.learning_rate",), (0.001, 0.02, 0.05), "log"),)
    ),
    Group("Architecture", (Axis("filters", ("model.cnn.num_filters",), (4, 8)),)),
]
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)


@pytest.fixture
def small(monkeypatch):
    """A search of five settings in place of the guide's forty."""
    monkeypatch.setattr(tuning_space, "guide_groups", lambda *given, **named: SMALL)


def tune(config, root, search="guide", trials=4):
    """Search in this process; return the result and what was said."""
    stream = io.StringIO()
    plan = plan_tuning(config, search, find_rate=False, one_by_one=False)
    with open_study(root, plan) as study:
        return run_tuning(study, Console(stream=stream), trials=trials), stream.getvalue()


@pytest.mark.usefixtures("small")
def test_each_group_is_settled_before_the_next_and_nothing_is_trained_twice(study_config, tmp_path):
    result, said = tune(study_config(), tmp_path / "study")
    settings = [trial.settings for trial in result.trials]
    # 0.02 and 8 filters are the configuration itself, which is trained once, as t000.
    rates = [{}, {"training.learning_rate": 0.001}, {"training.learning_rate": 0.05}]
    assert settings[:3] == rates
    winner = max(result.trials[:3], key=lambda trial: trial.value)
    assert settings[3:] == [{**winner.settings, "model.cnn.num_filters": 4}]
    assert list(result.groups.values()) == ["as it was", *["Learning rate"] * 2, "Architecture"]
    assert result.best == max(result.trials, key=lambda trial: trial.value).name
    assert (
        f"Architecture: from {'the configuration' if winner.name == BASE else 'learning'}" in said
    )


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("search", ["guide", "optuna"])
def test_the_test_file_is_never_opened_and_yet_named_in_the_best_configuration(
    search, study_config, study_corpus, tmp_path
):
    opened.clear()
    result, _ = tune(study_config(), tmp_path / "study", search)
    names = {Path(name).name for name in opened}
    assert {"train.csv", "val.csv"} <= names
    assert "test.csv" not in names
    assert result.plan.data.keys() == {"train", "val"}
    assert {trial.split for trial in result.trials if trial.done} == {"val"}
    best = load_config(tmp_path / "study" / "best.yaml")
    assert best.test_csv == study_corpus / "test.csv"
    chosen = result[result.best].settings
    assert best.training.learning_rate == chosen.get("training.learning_rate", 0.02)


@pytest.mark.usefixtures("small")
def test_the_best_so_far_can_be_used_at_any_time(study_config, tmp_path, monkeypatch):
    from roomtone.experiments.tuning_result import Account

    seen, add = [], Account.add

    def watched(self, record, group):
        add(self, record, group)
        written = TuningResult.read(self.study.root / "tuning.json")
        best = load_config(self.study.root / "best.yaml")
        seen.append((written.best, best.training.learning_rate, len(written.trials)))

    monkeypatch.setattr(Account, "add", watched)
    result, _ = tune(study_config(), tmp_path / "study")
    assert [count for *_, count in seen] == [1, 2, 3, 4]
    values = [trial.value for trial in result.trials]
    for place, (name, rate, _) in enumerate(seen):
        best = result.trials[int(np.argmax(values[: place + 1]))]
        assert name == best.name
        assert rate == best.settings.get("training.learning_rate", 0.02)


@pytest.mark.usefixtures("small")
def test_selection_noise_is_estimated_from_the_stored_predictions(study_config, tmp_path):
    result, _ = tune(study_config(), tmp_path / "study")
    noise, best = result.noise, result[result.best]
    assert (noise["best"], noise["reference"], noise["rows"]) == (best.name, BASE, 45)
    assert noise["apparent"] == pytest.approx(best.value - result[BASE].value)
    assert noise["noise"] == pytest.approx(noise["apparent"] - noise["corrected"])


@pytest.mark.usefixtures("small")
def test_a_loss_is_minimised(study_config, tmp_path):
    config = study_config(training__early_stopping__monitor="val_loss")
    result, _ = tune(config, tmp_path / "study")
    assert result.minimised
    assert result[result.best].value == min(trial.value for trial in result.trials)
    assert result.noise["metric"] == "log_loss"
    assert result.noise["apparent"] == pytest.approx(
        result[BASE].value - result[result.best].value, abs=1e-6
    )


@pytest.mark.parametrize("search", ["guide", "optuna"])
def test_a_trial_that_diverges_does_not_end_the_search(search, study_config, tmp_path, monkeypatch):
    axis = Axis("rate", ("training.learning_rate",), (0.02, 1e38))
    groups = [Group("Learning rate", (axis,))]
    monkeypatch.setattr(tuning_space, "guide_groups", lambda *given, **named: groups)
    result, said = tune(study_config(), tmp_path / "study", search, trials=5)
    failed = [trial for trial in result.trials if trial.status == "failed"]
    assert failed
    assert "not finite" in failed[0].note
    assert result.best is not None
    assert "failed: The" in said


@pytest.fixture
def failing(monkeypatch):
    """A function that lets the trials fail whose learning rate satisfies a condition, or none."""
    configure = Trial.configure

    def fail(condition):
        def failing_at(trial, study):
            if condition(trial.settings.get("training.learning_rate")):
                raise TrainingError("the disk was full")
            return configure(trial, study)

        monkeypatch.setattr(Trial, "configure", failing_at)

    return fail


@pytest.mark.usefixtures("small")
def test_trials_of_optuna_that_failed_are_run_again_with_the_same_settings(
    study_yaml, tmp_path, failing
):
    command = ["tune", "--search", "optuna", "--trials", "4", "--no_lr_find"]
    arguments = [*command, "--config", str(study_yaml())]
    folder = tmp_path / "output" / "tuning"
    rates = []
    failing(lambda rate: rate is not None and rate not in rates and not rates.append(rate))
    assert main(arguments) == 0
    first = TuningResult.read(folder / "tuning.json").trials
    assert [trial.status for trial in first] == ["done", *["failed"] * 4]
    failing(lambda rate: rate == rates[1])
    assert main(["tune", "--resume", str(folder), "--retry_failed"]) == 0
    again = TuningResult.read(folder / "tuning.json").trials
    assert [trial.status for trial in again] == ["done", "done", "failed", "done", "done"]
    assert [trial.settings for trial in again] == [trial.settings for trial in first]
    # Once more, and longer: the one that failed twice, and a trial that is new.
    failing(lambda rate: False)
    assert main(["tune", "--resume", str(folder), "--retry_failed", "--trials", "5"]) == 0
    longer = TuningResult.read(folder / "tuning.json").trials
    assert [trial.settings for trial in longer[:5]] == [trial.settings for trial in first]
    assert longer[4] == again[4]
    assert {trial.status for trial in longer} <= {"done", "pruned"}
    assert len(longer) == 6


def test_a_trial_that_wins_when_it_is_run_again_gives_the_next_ones_their_own_settings(
    study_yaml, tmp_path, monkeypatch, failing
):
    rates = Axis("rate", ("training.learning_rate",), (1e-7, 1e-6, 0.02))
    groups = [Group("Learning rate", (rates,)), SMALL[1]]
    monkeypatch.setattr(tuning_space, "guide_groups", lambda *given, **named: groups)
    folder = tmp_path / "output" / "tuning"
    failing(lambda rate: rate == 0.02)
    changes = {"training__max_epochs": 8, "training__early_stopping__monitor": "val_loss"}
    config = study_yaml(training__learning_rate=1e-7, **changes)
    assert main(["tune", "--config", str(config), "--no_lr_find"]) == 0
    failing(lambda rate: False)
    assert main(["tune", "--resume", str(folder), "--retry_failed"]) == 0
    result = TuningResult.read(folder / "tuning.json")
    assert result.trials[-1].settings == {
        "training.learning_rate": 0.02,
        "model.cnn.num_filters": 4,
    }
    for trial in result.trials:
        trained = load_config(folder / "runs" / trial.name / "config.yaml")
        assert trained.training.learning_rate == trial.settings.get("training.learning_rate", 1e-7)
        assert trained.model.cnn.num_filters == trial.settings.get("model.cnn.num_filters", 8)


def test_where_every_trial_fails_the_first_reason_is_given(study_config, tmp_path, monkeypatch):
    groups = [Group("Learning rate", (Axis("rate", ("training.learning_rate",), (2e38, 3e38)),))]
    monkeypatch.setattr(tuning_space, "guide_groups", lambda *given, **named: groups)
    config = study_config(training__learning_rate=1e38)
    with pytest.raises(TrainingError, match="no trial ran to its end; the first one: The"):
        tune(config, tmp_path / "study")


def test_what_is_monitored_must_be_of_the_validation_rows(study_config):
    config = study_config(training__early_stopping__monitor="train_loss")
    with pytest.raises(ConfigError, match="expected a metric that begins with val_"):
        plan_tuning(config, "guide", find_rate=False, one_by_one=False)


def timeless(folder):
    """What two searches under one plan must have in common."""
    result = json.loads((folder / "tuning.json").read_text(encoding="utf-8"))
    for trial in result["trials"]:
        trial.pop("seconds")
    arrays = {path.name: np.load(path) for path in sorted((folder / "trials").glob("*.npz"))}
    probs = {name: held["probabilities"].tobytes() for name, held in arrays.items()}
    return result, probs, (folder / "best.yaml").read_bytes()


def test_a_killed_search_of_optuna_goes_on_to_the_same_result(study_yaml, lives, tmp_path):
    """Killed within a trial twice, and pruned trials are among the others."""
    config = study_yaml(training__max_epochs=4, training__early_stopping__enabled=False)
    command = ["tune", "--config", config, "--search", "optuna", "--trials", "9", "--no_lr_find"]
    assert main([*map(str, command), "--experiment_name", "whole"]) == 0
    expected = timeless(tmp_path / "output" / "whole")
    states = {trial["status"] for trial in expected[0]["trials"]}
    assert states == {"done", "pruned"}
    folder = tmp_path / "output" / "killed"
    arguments = [*command, "--experiment_name", "killed"]

    # After an epoch, and in the first one, which every trial reaches.
    for within in ("t002/training_history.json", "t008/checkpoints/last.pt"):
        lives.kill(lives.start(*arguments, held_once=folder / "runs" / within))
        assert not (folder / "trials" / f"{within[:4]}.json").exists()
        assert (folder / "best.yaml").is_file()  # usable early
        arguments = ["tune", "--resume", folder]
    assert main(["tune", "--resume", str(folder)]) == 0
    assert timeless(folder) == expected
    # And a search can be made longer.
    assert main(["tune", "--resume", str(folder), "--trials", "10"]) == 0
    longer = json.loads((folder / "tuning.json").read_text(encoding="utf-8"))
    assert len(longer["trials"]) == 11
