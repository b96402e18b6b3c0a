"""Progress finds the best epoch, knows when to stop, and survives a round trip."""

import io

import numpy as np
import pytest
import torch

from roomtone.config.training import EarlyStoppingConfig
from roomtone.training.progress import EpochSums, Progress
from roomtone.training.schedule import Plateau


def record_all(values, *, monitor="val_f1_macro", **settings):
    stopping = EarlyStoppingConfig(monitor=monitor, **settings)
    progress, improved = Progress(EpochSums.empty(3)), []
    for value in values:
        progress.epoch += 1
        improved.append(progress.record({monitor: value}, stopping))
    return progress, improved, stopping


def test_the_first_epoch_is_the_best_until_one_beats_it():
    progress, improved, _ = record_all([0.3, 0.2, 0.5, 0.5, 0.4])
    assert improved == [True, False, True, False, False]
    assert (progress.best_epoch, progress.best_value, progress.bad_epochs) == (3, 0.5, 2)
    assert progress.history == {"val_f1_macro": [0.3, 0.2, 0.5, 0.5, 0.4]}


@pytest.mark.parametrize("monitor", ["val_loss", "train_loss"])
def test_a_loss_is_the_better_the_smaller_it_is(monitor):
    progress, improved, _ = record_all([0.9, 1.0, 0.7], monitor=monitor)
    assert improved == [True, False, True]
    assert progress.best_epoch == 3


def test_a_change_must_exceed_the_least_one_that_counts():
    _, improved, _ = record_all([0.5, 0.59, 0.625, 0.5], min_delta=0.1)
    assert improved == [True, False, True, False]
    _, improved, _ = record_all([0.5, 0.45, 0.3], monitor="val_loss", min_delta=0.1)
    assert improved == [True, False, True]


def test_epochs_that_do_not_improve_enough_are_compared_with_the_best_not_the_last():
    progress, improved, _ = record_all([0.5, 0.56, 0.62], min_delta=0.1)
    assert improved == [True, False, True]
    assert progress.best_value == 0.62


@pytest.mark.parametrize(
    ("values", "patience", "reason"),
    [
        ([0.5, 0.4, 0.4], 2, "early_stopping"),
        ([0.5, 0.4], 2, None),
        ([0.5, 0.4, 0.6, 0.5], 2, None),
        ([0.5] * 10, 20, "max_epochs"),
    ],
)
def test_training_ends_after_patience_or_the_last_epoch(values, patience, reason):
    progress, _, stopping = record_all(values, patience=patience)
    assert progress.why_finished(10, stopping) == reason


def test_early_stopping_can_be_turned_off():
    progress, _, stopping = record_all([0.5, 0.4, 0.3], patience=1, enabled=False)
    assert progress.why_finished(10, stopping) is None


def test_training_never_ends_within_an_epoch():
    progress, _, stopping = record_all([0.5, 0.4], patience=1)
    progress.batch = 3
    assert progress.why_finished(2, stopping) is None


def test_a_round_trip_through_a_checkpoint_gives_back_everything():
    progress = Progress(
        EpochSums(1.25, 3.0, np.array([2, -1, 0], dtype=np.int16)),
        epoch=4,
        batch=7,
        step=55,
        best_value=0.1 + 0.2,
        best_epoch=2,
        bad_epochs=2,
        best_checkpoint="hybrid_epoch02_f10.3000.pt",
        plateau=Plateau(0.25, 1),
        history={"val_loss": [1.0, 0.1 + 0.2]},
    )
    stream = io.BytesIO()
    torch.save(progress.to_dict(), stream)
    stream.seek(0)
    back = Progress.from_dict(torch.load(stream, weights_only=True))
    assert vars(back.sums).keys() == vars(progress.sums).keys()
    np.testing.assert_array_equal(back.sums.predicted, progress.sums.predicted)
    assert back.sums.predicted.dtype == np.int16
    assert back.to_dict() | {"sums": 0} == progress.to_dict() | {"sums": 0}


def test_what_was_saved_does_not_follow_later_batches():
    progress = Progress(EpochSums.empty(3))
    saved = progress.to_dict()
    progress.sums.predicted[1] = 2
    assert saved["sums"]["predicted"].tolist() == [-1, -1, -1]
