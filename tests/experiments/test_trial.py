"""A run of a study is recorded as it ends, whatever its end, and never run twice."""

import io
import json
import re

import numpy as np
import pytest

from roomtone.errors import ConfigError, DataError, TrainingError
from roomtone.experiments.study import make_plan, open_study, read_plan
from roomtone.experiments.trial import MOST_ATTEMPTS, Stopped, Trial, run_trial
from roomtone.experiments.trial_record import read_record, read_tested
from roomtone.training.claim import Claim, claim
from roomtone.training.observers import Quiet
from roomtone.training.preparation import split_files


@pytest.fixture
def study(study_config, tmp_path):
    config = study_config()
    plan = make_plan("ablation", config, split_files(config), {"seeds": [1, 2]})
    with open_study(tmp_path / "study", plan) as opened:
        yield opened


def test_a_finished_run_leaves_a_record_and_what_it_said_of_each_row(study):
    record = run_trial(study, Trial("one", {"training.learning_rate": 0.03}))
    assert (record.status, record.split, record.n_train, record.n_tested) == (
        "done",
        "test",
        90,
        60,
    )
    assert record == read_record(study, "one")
    tested = read_tested(study, "one")
    assert tested.probs.dtype == np.float64
    np.testing.assert_allclose(tested.probs.sum(axis=1), 1)
    assert np.mean(tested.predicted == tested.labels) == pytest.approx(record.metrics["accuracy"])
    assert record.parameters == record.trainable_parameters > 1000
    # Weights are large, and not kept; what is small is.
    left = {path.name for path in (study.runs / "one").iterdir()}
    assert {"config.yaml", "training_history.json", "predictions.csv"} <= left
    assert not left & {"final_model.pt", "checkpoints"}


def test_weights_are_kept_on_request(study):
    run_trial(study, Trial("kept", {}), keep=True)
    assert (study.runs / "kept" / "final_model.pt").is_file()


def test_what_is_frozen_is_not_counted_as_trained(study):
    record = run_trial(study, Trial("frozen", {"training.freeze": ["embedding"]}))
    assert record.trainable_parameters < record.parameters


def test_a_recorded_run_is_not_run_again(study):
    first = run_trial(study, Trial("one", {}))
    log = (study.trials / "one.log").read_bytes()
    assert run_trial(study, Trial("one", {})) == first
    assert (study.trials / "one.log").read_bytes() == log


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        ({"training.learning_rate": 1e38}, "The (loss|gradient) is not finite in epoch"),
        ({"model.attention.num_heads": 5}, "expected a divisor of 16"),
        ({"data.label_column": "opinion"}, "opinion"),
    ],
)
def test_a_failure_is_recorded_and_not_raised(study, settings, note):
    record = run_trial(study, Trial("bad", settings))
    assert record.status == "failed"
    assert re.search(note, record.note)
    assert read_record(study, "bad") == record
    assert not (study.trials / "bad.npz").exists()


class Raising(Quiet):
    def __init__(self, error):
        self.error = error

    def epoch_ends(self, trainer, result):
        raise self.error


def test_want_of_memory_and_what_nobody_expected_are_recorded(study):
    record = run_trial(study, Trial("memory", {}), observers=[Raising(MemoryError())])
    assert "out of memory. Lower one of these: --batch_size" in record.note
    record = run_trial(study, Trial("bug", {}), observers=[Raising(ZeroDivisionError("oh"))])
    assert record.note.startswith("ZeroDivisionError: oh (traceback: ")
    assert "in epoch_ends" in (study.trials / "bug.log").read_text(encoding="utf-8")


def test_a_run_that_is_ended_on_purpose_is_no_failure(study):
    record = run_trial(study, Trial("cut", {}), observers=[Raising(Stopped("no use"))])
    assert (record.status, record.note) == ("pruned", "no use")


def test_ctrl_c_records_nothing_and_the_run_goes_on_to_the_same_end(study):
    undisturbed = run_trial(study, Trial("whole", {}))
    with pytest.raises(KeyboardInterrupt):
        run_trial(study, Trial("broken", {}), observers=[Raising(KeyboardInterrupt())])
    assert read_record(study, "broken") is None
    record = run_trial(study, Trial("broken", {}))
    assert record.metrics == undisturbed.metrics
    np.testing.assert_array_equal(
        read_tested(study, "broken").probs, read_tested(study, "whole").probs
    )


def test_a_run_whose_process_ends_again_and_again_is_given_up(study):
    study.trials.mkdir()
    path = study.trials / ".one.attempts"
    path.write_text(json.dumps([4] * MOST_ATTEMPTS))
    record = run_trial(study, Trial("one", {}))
    assert record.status == "failed"
    assert "the process ended 3 times at step 4 without a message" in record.note
    # One that gets further each time is not.
    (study.trials / ".two.attempts").write_text(json.dumps([2, 3, 4]))
    assert run_trial(study, Trial("two", {})).done
    assert not list(study.trials.glob(".*"))


def test_a_study_goes_on_under_its_own_plan_alone(study_config, tmp_path):
    config = study_config()
    root, files = tmp_path / "study", split_files(config)
    with open_study(root, make_plan("ablation", config, files, {"seeds": 2})):
        pass
    with open_study(root, make_plan("ablation", config, files, {"seeds": 2})) as again:
        assert again.base.threads == 1
    other = study_config(training__batch_size=7)
    plan = make_plan("ablation", other, files, {"seeds": 3})
    with pytest.raises(ConfigError) as caught, open_study(root, plan):
        pass
    assert caught.value.problems[:2] == (
        "config.training.batch_size: 16, now 7",
        "choices.seeds: 2, now 3",
    )
    with pytest.raises(DataError, match="study of another kind: ablation"):
        read_plan(root, "tuning")
    with pytest.raises(DataError, match=r"no plan\.json there"):
        read_plan(tmp_path, "tuning")


def test_a_folder_with_something_else_in_it_is_left_alone(study_config, tmp_path):
    config = study_config()
    (tmp_path / "thesis.tex").touch()
    plan = make_plan("ablation", config, split_files(config), {})
    refused = pytest.raises(ConfigError, match=r"holds no study \(thesis\.tex\)")
    with refused, open_study(tmp_path, plan):
        pass


def test_two_processes_do_not_work_on_one_study(study, tmp_path):
    handle = tmp_path / "study"
    with claim(handle) as outcome:
        if outcome is Claim.UNKNOWN:
            pytest.skip("no locks on folders here")
        assert outcome is Claim.TAKEN
    refused = pytest.raises(TrainingError, match="another process is at work on this study")
    with refused, open_study(handle, study.plan):
        pass


def test_the_log_of_a_run_is_its_console(study):
    run_trial(study, Trial("one", {}))
    log = (study.trials / "one.log").read_text(encoding="utf-8")
    assert "📊 Epoch 2 Summary" in log
    assert io.StringIO(log).readline().startswith("=====")
