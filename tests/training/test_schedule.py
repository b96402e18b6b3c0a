"""The learning rate agrees with torch's own schedulers, and keeps to its bounds."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from roomtone.config.training import SchedulerConfig, TrainingConfig
from roomtone.training.schedule import NAMES, LearningRate, Plateau

PEAK = 0.002


def schedule_of(kind, *, epochs=20, steps=5, warmup=0, **settings):
    training = TrainingConfig(
        learning_rate=PEAK,
        max_epochs=epochs,
        warmup_steps=warmup,
        lr_scheduler=SchedulerConfig(type=kind, **settings),
    )
    return LearningRate(training, steps)


def torch_rates(make, count):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    scheduler = make(optimizer)
    rates = []
    for _ in range(count):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def rates_of(schedule, count):
    return [schedule.at(step, Plateau()) for step in range(count)]


def test_step_equals_torch_when_counted_in_epochs():
    schedule = schedule_of("step", steps=5, step_size=3, factor=0.4)
    ours = [schedule.at(epoch * 5 + 4, Plateau()) for epoch in range(20)]
    theirs = torch_rates(lambda o: lr_scheduler.StepLR(o, step_size=3, gamma=0.4), 20)
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize("floor", [0.0, 0.0003])
def test_cosine_equals_torch_at_every_step(floor):
    ours = rates_of(schedule_of("cosine", min_lr=floor), 100)
    theirs = torch_rates(lambda o: lr_scheduler.CosineAnnealingLR(o, 100, eta_min=floor), 100)
    assert ours == pytest.approx(theirs)


def test_one_cycle_follows_torch_within_the_length_of_a_step():
    # torch counts from the first to the last step, we count steps as parts of the whole.
    total = 2000
    ours = rates_of(schedule_of("one_cycle", epochs=total // 5), total)
    theirs = torch_rates(lambda o: lr_scheduler.OneCycleLR(o, PEAK, total_steps=total), total - 1)
    steepest = math.pi / 2 / (0.3 * total)
    assert ours[:-1] == pytest.approx(theirs, abs=1.01 * PEAK * steepest)
    assert ours[0] == pytest.approx(PEAK / 25)
    assert max(ours) == pytest.approx(PEAK)
    assert ours[-1] < PEAK / 1000


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5]), min_size=1, max_size=30),
    patience=st.integers(0, 4),
    floor=st.sampled_from([0.0, PEAK / 5]),
)
def test_plateau_equals_torch_for_any_course_of_the_metric(values, patience, floor):
    ours = schedule_of("reduce_on_plateau", patience=patience, factor=0.5, min_lr=floor)
    plateau, best = Plateau(), -math.inf
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    theirs = lr_scheduler.ReduceLROnPlateau(
        optimizer, mode="max", factor=0.5, patience=patience, threshold=0.0, min_lr=floor, eps=0.0
    )
    for epoch, value in enumerate(values):
        before = ours.at(epoch, plateau)
        lowered = ours.end_epoch(plateau, improved=value > best)
        best = max(best, value)
        theirs.step(value)
        after = ours.at(epoch, plateau)
        assert after == pytest.approx(optimizer.param_groups[0]["lr"])
        assert lowered == (after < before)


def test_warm_up_rises_linearly_to_the_peak_and_the_schedule_follows():
    rates = rates_of(schedule_of("cosine", warmup=10), 100)
    assert rates[:10] == pytest.approx([PEAK * (step + 1) / 10 for step in range(10)])
    assert rates[10] == pytest.approx(PEAK)
    theirs = torch_rates(lambda o: lr_scheduler.CosineAnnealingLR(o, 90), 90)
    assert rates[10:] == pytest.approx(theirs)


@pytest.mark.parametrize("kind", NAMES)
def test_after_the_warm_up_no_schedule_leaves_its_bounds(kind):
    floor = PEAK / 10
    schedule = schedule_of(kind, warmup=7, min_lr=floor, step_size=1, factor=0.1)
    assert all(floor <= rate <= PEAK * 1.0000001 for rate in rates_of(schedule, 150)[7:])


@pytest.mark.parametrize("kind", set(NAMES) - {"reduce_on_plateau"})
def test_only_the_plateau_schedule_reacts_to_epochs_without_improvement(kind):
    schedule, plateau = schedule_of(kind, patience=0), Plateau()
    assert not any(schedule.end_epoch(plateau, improved=False) for _ in range(5))
    assert plateau == Plateau()


def test_a_warm_up_longer_than_the_training_still_gives_a_rate():
    schedule = schedule_of("one_cycle", epochs=2, steps=3, warmup=50)
    assert rates_of(schedule, 6) == pytest.approx([PEAK * (step + 1) / 50 for step in range(6)])


def test_the_console_names_each_schedule_as_torch_does():
    assert schedule_of("reduce_on_plateau", patience=3).describe() == (
        "ReduceLROnPlateau (patience=3)"
    )
    assert schedule_of("step", step_size=4).describe() == "StepLR (step_size=4)"
    assert schedule_of("cosine").describe() == "CosineAnnealingLR"
