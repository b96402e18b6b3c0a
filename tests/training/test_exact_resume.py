"""Training that is stopped anywhere and restored ends with the same bytes as if it had not been."""

import pytest

from roomtone.training.checkpoint import CheckpointFolder, find_state, load_state
from roomtone.training.observers import Quiet

VARIANTS = {
    "the tiny model as shipped": {},
    "much dropout": {
        "model__embedding_dropout": 0.4,
        "model__cnn__dropout": 0.5,
        "model__bilstm__dropout": 0.5,
        "model__bilstm__num_layers": 2,
    },
    "word vectors fixed at first": {"training__freeze_epochs": 1},
    "a part frozen": {"training__freeze": ["cnn"], "training__optimizer": "adamw"},
    "plateau at once": {
        "training__lr_scheduler__patience": 0,
        "training__early_stopping__min_delta": 0.5,
    },
    "word vectors moved where they occur": {"embeddings__lazy": True},
    "balanced and smoothed": {
        "training__class_weights": "balanced",
        "training__label_smoothing": 0.1,
    },
    "warm-up into cosine": {
        "training__warmup_steps": 5,
        "training__lr_scheduler__type": "cosine",
    },
    "one cycle": {"training__lr_scheduler__type": "one_cycle"},
    "steps": {"training__lr_scheduler__type": "step", "training__lr_scheduler__step_size": 1},
    "bfloat16": {"training__precision": "bf16"},
    "batches prepared ahead": {"num_workers": 2},
    "a loss decides": {"training__early_stopping__monitor": "val_loss"},
    "stopped early": {
        "training__early_stopping__patience": 1,
        "training__early_stopping__min_delta": 0.5,
    },
}


class StoppedError(Exception):
    """Stands for whatever ends a process."""


class StopAfter(Quiet):
    """Ends the training after some batches."""

    def __init__(self, batches):
        self.left = batches

    def batch_ends(self, trainer, loss, texts):
        self.left -= 1
        if not self.left:
            raise StoppedError


class StopAtEpoch(Quiet):
    """Ends the training when an epoch has been told of, before its state is written."""

    def epoch_ends(self, trainer, result):
        raise StoppedError


class FragileFolder(CheckpointFolder):
    """Ends the training before its nth operation."""

    def __init__(self, folder, left):
        super().__init__(folder)
        self.left = left

    def _count(self):
        self.left -= 1
        if not self.left:
            raise StoppedError

    def save_state(self, state):
        self._count()
        return super().save_state(state)

    def save_best(self, name, content):
        self._count()
        return super().save_best(name, content)

    def tidy(self, progress):
        self._count()
        super().tidy(progress)


def outcome(trainer):
    """Collect what must not depend on any interruption."""
    ended = trainer.why_finished()
    weights = {name: tensor.clone() for name, tensor in trainer.network.state_dict().items()}
    trainer.use_best()
    folder = trainer.checkpoints.folder
    best = {path.name: path.read_bytes() for path in folder.glob("hybrid_epoch*")}
    plain = trainer.progress.to_dict()
    del plain["sums"]
    return {
        "ended": ended,
        "weights": {name: tensor.cpu().numpy().tobytes() for name, tensor in weights.items()},
        "progress": plain,
        "best": best,
        "files": sorted(path.name for path in folder.iterdir()),
    }


def resume(trainer, folder):
    if CheckpointFolder(folder).has_state:
        trainer.restore(load_state(find_state(folder)))
    return trainer


def live_on(make, folder, *observers):
    """Run until the end or until stopped; return the trainer if it came to its end."""
    trainer = resume(make(folder, *observers), folder)
    try:
        trainer.train()
    except StoppedError:
        return None
    return trainer


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_training_stopped_after_every_single_step_ends_as_one_that_was_not(
    variant, settings, make_trainer, tmp_path
):
    config = settings(**VARIANTS[variant])

    def make(folder, *observers):
        return make_trainer(config, folder, *observers)

    whole = make(tmp_path / "whole")
    whole.train()
    steps = whole.progress.step
    # The second batch of each life is lost with it, so every life gains one step.
    lives = [live_on(make, tmp_path / "stopped", StopAfter(2)) for _ in range(steps)]
    assert lives[:-1] == [None] * (steps - 1)
    assert outcome(lives[-1]) == outcome(whole)


def test_a_training_stopped_once_at_any_step_ends_as_one_that_was_not(
    settings, make_trainer, tmp_path
):
    config = settings(model__bilstm__dropout=0.4, training__class_weights="balanced")

    def make(folder, *observers):
        return make_trainer(config, folder, *observers)

    whole = make(tmp_path / "whole")
    whole.train()
    expected = outcome(whole)
    for step in range(1, whole.progress.step + 1):
        folder = tmp_path / str(step)
        assert live_on(make, folder, StopAfter(step)) is None
        assert outcome(live_on(make, folder)) == expected, f"stopped at step {step}"


def test_a_training_stopped_between_any_two_writings_ends_as_one_that_was_not(
    settings, make_trainer, tmp_path
):
    config = settings(training__max_epochs=2)
    whole = make_trainer(config, tmp_path / "whole")
    whole.train()
    expected, number, stopped = outcome(whole), 0, True
    while stopped:
        number += 1
        folder = tmp_path / str(number)
        trainer = make_trainer(config, folder)
        trainer.checkpoints = FragileFolder(folder, number)
        try:
            trainer.train()
            stopped = False
        except StoppedError:
            trainer = live_on(lambda place: make_trainer(config, place), folder)
        assert outcome(trainer) == expected, f"stopped at operation {number}"
    assert number > 12


def test_an_epoch_told_of_and_not_yet_saved_is_told_of_again(settings, make_trainer, tmp_path):
    config, told = settings(training__max_epochs=3), []

    class Listener(Quiet):
        def epoch_ends(self, trainer, result):
            told.append(result.epoch)

    def make(folder, *observers):
        return make_trainer(config, folder, *observers)

    for _ in range(3):
        live_on(make, tmp_path / "run", Listener(), StopAtEpoch())
    assert told == [1, 1, 1]


def test_an_epoch_is_resumed_in_its_middle_and_not_at_its_start(settings, make_trainer, tmp_path):
    config = settings()
    live_on(lambda f, *o: make_trainer(config, f, *o), tmp_path / "run", StopAfter(7))
    progress = resume(make_trainer(config, tmp_path / "run"), tmp_path / "run").progress
    assert (progress.epoch, progress.batch, progress.step) == (1, 2, 6)
