"""The curves are those of the history, whole after any kill, and named as in the guide."""

import json

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from roomtone.training.observers import Quiet
from roomtone.training.run import Run

PAIRS = {
    "Loss": "loss",
    "Accuracy": "accuracy",
    "F1-Macro": "f1_macro",
    "Precision": "precision_macro",
    "Recall": "recall_macro",
    "Cohen's Kappa": "cohen_kappa",
}


class KillAfter(Quiet):
    """Ends the training after some batches, as a kill would; no observer can tidy up."""

    def __init__(self, batches):
        self.left = batches

    def batch_ends(self, trainer, loss, texts):
        self.left -= 1
        if not self.left:
            raise SystemExit


def read(folder):
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "histograms": 0})
    events.Reload()
    return events


def scalars(folder):
    events = read(folder)
    return {
        tag: [(event.step, event.value) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def curve(history, name):
    return [(epoch, pytest.approx(value)) for epoch, value in enumerate(history[name], 1)]


@pytest.fixture
def trained(train, tmp_path):
    outcome, said = train(tensorboard__enabled=True, tensorboard__histograms=True)
    history = json.loads(outcome.folder.history.read_text())["history"]
    return tmp_path / "runs" / "trial", history, said


def test_every_curve_of_the_guide_is_there_and_equals_the_history(trained):
    folder, history, _ = trained
    found = scalars(folder)
    expected = {"Learning rate": "learning_rate"}
    for title, metric in PAIRS.items():
        expected |= {f"{title}/train": f"train_{metric}", f"{title}/validation": f"val_{metric}"}
    for name in ("negative", "neutral", "positive"):
        expected |= {f"F1 per class/validation {name}": f"val_f1_{name}"}
        expected |= {f"F1 per class/train {name}": f"train_f1_{name}"}
    for tag, name in expected.items():
        assert found[tag] == curve(history, name), tag


def test_loss_and_f1_of_both_splits_are_drawn_into_one_plot(trained):
    folder, history, _ = trained
    for place, split in (("train", "train"), ("validation", "val")):
        found = scalars(folder / place)
        assert found.keys() == {"Comparison/Loss", "Comparison/F1-Macro"}
        assert found["Comparison/Loss"] == curve(history, f"{split}_loss")
        assert found["Comparison/F1-Macro"] == curve(history, f"{split}_f1_macro")


def test_weights_and_gradient_norms_are_there_when_asked_for(trained, train, tmp_path):
    histograms = read(trained[0]).Tags()["histograms"]
    assert {"Gradients/norm", "Weights/embedding.weight"} < set(histograms)
    train(experiment_name="without", tensorboard__enabled=True)
    assert not read(tmp_path / "runs" / "without").Tags()["histograms"]


def test_the_console_says_where_the_curves_are(trained):
    folder, _, said = trained
    assert f"📊 TensorBoard logging to: {folder}" in said
    assert f"   Run: tensorboard --logdir={folder.parent}" in said


@pytest.mark.parametrize("batches", [3, 8, 9, 16, 20])
def test_after_a_kill_and_a_resume_no_step_is_missing_or_doubled(
    batches, configure, silent, resume_of, tmp_path
):
    config = configure(
        tensorboard__enabled=True,
        tensorboard__histograms=True,
        training__checkpoint_minutes=1e-9,
    )
    run = Run(config, silent)
    watchers = run._observers()
    run._observers = lambda: [*watchers, KillAfter(batches)]
    with pytest.raises(SystemExit):
        run.execute()
    outcome = resume_of(run.folder.root).execute()
    history = json.loads(outcome.folder.history.read_text())["history"]
    found = scalars(tmp_path / "runs" / "trial")
    assert found["Loss/train"] == curve(history, "train_loss")
    assert found["Learning rate"] == curve(history, "learning_rate")
    compared = scalars(tmp_path / "runs" / "trial" / "validation")
    assert compared["Comparison/F1-Macro"] == curve(history, "val_f1_macro")
    events = read(tmp_path / "runs" / "trial")
    assert [e.step for e in events.Histograms("Weights/embedding.weight")] == [1, 2, 3]


def test_curves_written_beyond_the_last_checkpoint_are_replaced(
    configure, silent, resume_of, tmp_path
):
    class EndBeforeSaving(Quiet):
        def epoch_ends(self, trainer, result):
            if result.epoch == 2:
                raise SystemExit

    config = configure(
        tensorboard__enabled=True,
        tensorboard__histograms=True,
        training__checkpoint_minutes=1e-9,
    )
    run = Run(config, silent)
    watchers = run._observers()
    run._observers = lambda: [*watchers, EndBeforeSaving()]
    with pytest.raises(SystemExit):
        run.execute()
    resume_of(run.folder.root).execute()
    for place in ("", "train", "validation"):
        for tag, events in scalars(tmp_path / "runs" / "trial" / place).items():
            assert [step for step, _ in events] == [1, 2, 3], tag
