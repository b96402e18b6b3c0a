"""An ablation: paired over seeds or folds, exact after kills, honest about failures."""

import io
import json
import signal

import numpy as np
import pytest
from sklearn.metrics import f1_score

from roomtone.cli.ablate import _table
from roomtone.cli.main import main
from roomtone.errors import TrainingError
from roomtone.experiments.ablation import plan_ablation, run_ablation
from roomtone.experiments.ablation_analysis import Analysis, trial_name
from roomtone.experiments.ablation_result import AblationResult
from roomtone.experiments.study import open_study
from roomtone.experiments.trial_record import TrialRecord, read_tested
from roomtone.training.console import Console

VARIANTS = {"full": {}, "no_cnn": {"model.cnn.enabled": False}}


def ablate(config, root, variants=VARIANTS, *, seeds=2, folds=None):
    """Run an ablation in this process; return its result and what was said."""
    stream = io.StringIO()
    with open_study(root, plan_ablation(config, variants, seeds, folds)) as study:
        return run_ablation(study, Console(stream=stream)), stream.getvalue(), study


def test_variants_are_compared_on_the_test_rows_over_the_same_seeds(study_config, tmp_path):
    result, said, study = ablate(study_config(), tmp_path / "study")
    assert (result.split, result.rows, result.seeds, result.folds) == ("test", 60, [42, 43], None)
    full, without = result.variants
    assert (full.name, full.difference, full.comparison) == ("full", None, None)
    assert without.parameters < full.parameters
    scores = {}
    for name in VARIANTS:
        tested = [read_tested(study, f"{name}-s{seed}") for seed in (42, 43)]
        scores[name] = [f1_score(t.labels, t.predicted, average="macro") for t in tested]
    assert full.mean == pytest.approx(np.mean(scores["full"]))
    assert full.sd == pytest.approx(np.std(scores["full"], ddof=1))
    assert [row[0] for row in full.scores] == pytest.approx(scores["full"])
    gap = np.mean(scores["no_cnn"]) - np.mean(scores["full"])
    assert without.difference == pytest.approx(gap)
    assert without.difference_low <= without.difference <= without.difference_high
    assert (without.comparison["model"], without.comparison["reference"]) == ("no_cnn", "full")
    assert without.comparison["difference"] == pytest.approx(gap)
    assert (without.difference_low, without.difference_high) == (
        without.comparison["low"],
        without.comparison["high"],
    )
    assert "one test set of 60 rows" in " ".join(result.decision)
    assert "(full: 2, no_cnn: 2)" in " ".join(result.decision)
    assert "over the 60 rows and the 2 seeds" in " ".join(result.notes)
    assert "[4/4] no_cnn-s43: " in said
    assert "left)" in said
    assert AblationResult.read(study.root / "ablation.json") == result


@pytest.fixture
def told(study_config, tmp_path):
    """What an ablation tells of runs that get so many of a hundred rows right."""

    def tell(right):
        seeds = max(map(len, right.values()))
        labels = np.arange(100) % 3
        plan = plan_ablation(study_config(), {name: {} for name in right}, seeds, None)
        with open_study(tmp_path / "study", plan) as study:
            study.trials.mkdir()
            records = {}
            for name, counts in right.items():
                for number in range(seeds):
                    trial = trial_name(name, 42 + number, None)
                    done = number < len(counts)
                    records[trial] = TrialRecord(trial, {}, "done" if done else "failed")
                    if done:
                        records[trial].metrics["f1_macro"] = 0.5
                        wrong = np.arange(100) >= counts[number]
                        probabilities = np.eye(3)[(labels + wrong) % 3]
                        path = study.trials / f"{trial}.npz"
                        np.savez(path, labels=labels, probabilities=probabilities)
            return Analysis(study, records, None).result()

    return tell


def test_five_seeds_are_also_compared_as_whole_distributions(told):
    full = [80, 82, 79, 81, 83]
    result = told({"full": full, "no_cnn": [60, 62, 59, 61, 63], "no_bilstm": [*full[1:], 80]})
    first, behind, alike = (variant.order for variant in result.variants)
    assert first is None
    assert (behind["method"], behind["reference"]) == ("aso", "full")
    assert behind["effects"]["dominant"] == "reference"
    assert behind["effects"]["eps_min_of_reference"] == pytest.approx(0)
    assert alike["effects"]["dominant"] is None
    assert [line.split(":")[0].strip() for line in _table(result)[-3:]] == [
        "Scores over seeds by almost stochastic order (ε_min of the full model)",
        "the full model is nearly never behind",
        "undecided",
    ]
    assert "no CNN (0.00)" in _table(result)[-2]


def test_fewer_seeds_are_not_compared_as_distributions(told):
    result = told({"full": [80, 82, 79, 81, 83], "no_cnn": [60, 62, 59, 61]})
    assert [variant.order for variant in result.variants] == [None, None]
    assert "stochastic" not in "".join(_table(result))


def test_with_one_seed_nothing_is_decided(study_config, tmp_path):
    result, _, _ = ablate(study_config(), tmp_path / "study", seeds=1)
    assert "p_value" not in result.variants[1].comparison
    assert result.variants[1].comparison["note"].startswith("undecided: one seed")
    assert "over the 60 rows alone" in " ".join(result.notes)


def test_over_folds_every_row_is_tested_once_and_the_test_is_for_folds(study_config, tmp_path):
    result, _, study = ablate(study_config(), tmp_path / "study", seeds=1, folds=5)
    assert (result.split, result.rows, result.folds) == ("folds", 135, 5)
    full, without = result.variants
    assert len(full.scores[0]) == 5
    parts = [read_tested(study, f"full-f{fold}-s42") for fold in range(5)]
    labels = np.concatenate([part.labels for part in parts])
    predicted = np.concatenate([part.predicted for part in parts])
    pooled = f1_score(labels, predicted, average="macro")
    assert full.mean == pytest.approx(pooled)
    assert without.comparison["method"].startswith("corrected")
    assert study.plan.data.keys() == {"train", "val"}


def test_a_variant_that_fails_is_recorded_and_the_others_are_compared(study_config, tmp_path):
    broken = {**VARIANTS, "no_dropout": {"training.learning_rate": 1e38}}
    result, said, _ = ablate(study_config(), tmp_path / "study", broken)
    failed = result.variants[2]
    assert failed.mean is failed.comparison is failed.difference is None
    assert failed.scores == [[None], [None]]
    assert len(failed.failures) == 2
    assert "not finite" in failed.failures[0]
    assert result.variants[1].comparison is not None
    assert "⚠️  [3/6] no_dropout-s42: failed: The" in said


def test_without_a_full_model_there_is_nothing_to_say(study_config, tmp_path):
    with pytest.raises(TrainingError, match="no run of the full model was finished: The"):
        ablate(study_config(training__learning_rate=1e38), tmp_path / "study")


def timeless(folder):
    """What two studies of one plan must have in common."""
    result = json.loads((folder / "ablation.json").read_text(encoding="utf-8"))
    for variant in result["variants"]:
        variant.pop("seconds")
    arrays = {path.name: np.load(path) for path in sorted((folder / "trials").glob("*.npz"))}
    return result, {k: v["probabilities"].tobytes() for k, v in arrays.items()}


def test_a_killed_ablation_goes_on_to_the_same_result(study_yaml, lives, tmp_path, capsys):
    config = study_yaml(training__max_epochs=3, training__early_stopping__enabled=False)
    command = ["ablate", "--config", config, "--only", "no_cnn", "--seeds", "2"]
    assert main([*map(str, command), "--experiment_name", "whole"]) == 0
    expected = timeless(tmp_path / "output" / "whole")
    folder = tmp_path / "output" / "killed"
    arguments = [*command, "--experiment_name", "killed"]

    for name in ("full-s42", "no_cnn-s43"):
        trained = folder / "runs" / name / "training_history.json"  # an epoch, and not the last
        lives.kill(lives.start(*arguments, held_once=trained))
        assert not (folder / "trials" / f"{name}.json").exists()
        arguments = ["ablate", "--resume", folder]
    assert not (folder / "ablation.json").exists()
    capsys.readouterr()
    assert main(["ablate", "--resume", str(folder)]) == 0
    assert "(before" in capsys.readouterr().out
    assert timeless(folder) == expected


def test_ctrl_c_says_how_to_go_on(study_yaml, lives, tmp_path):
    config = study_yaml(training__early_stopping__enabled=False)
    folder, signalled = tmp_path / "output" / "ablation", tmp_path / "signalled"
    run = folder / "runs" / "full-s42"
    process = lives.start(
        *("ablate", "--config", config, "--only", "no_cnn", "--seeds", "1"),
        held_once=run / "training_history.json",
        until=signalled,
    )
    process.send_signal(signal.SIGINT)
    signalled.touch()
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 130
    assert f"Go on with: roomtone ablate --resume {folder}" in said
    assert "Traceback" not in said
    assert (run / "checkpoints" / "last.pt").is_file()
