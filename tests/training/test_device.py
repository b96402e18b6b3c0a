"""The device is what was asked for, or the error says what there is; threads are set."""

import json
import time

import pytest
import torch

from roomtone.config.yamlfile import read_yaml
from roomtone.errors import ConfigError
from roomtone.training.device import (
    alone_is_faster,
    available_cores,
    be_deterministic,
    choose_device,
    choose_threads,
)
from roomtone.training.resume import Resume

NO_CUDA = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")


def test_the_processor_is_always_there():
    assert choose_device("cpu") == torch.device("cpu")


def test_auto_takes_an_accelerator_where_there_is_one():
    there = torch.cuda.is_available() or torch.backends.mps.is_available()
    assert (choose_device("auto").type != "cpu") == there


@NO_CUDA
@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_a_device_that_is_not_there_is_an_error_that_says_what_is(name):
    with pytest.raises(
        ConfigError, match=rf"device: found '{name}'.*available: cpu.*--device auto"
    ):
        choose_device(name)


def test_a_card_beyond_the_last_is_an_error_that_gives_the_range(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(ConfigError, match="expected cuda:0 to cuda:1"):
        choose_device("cuda:2")


def test_threads_that_are_given_are_set(configure):
    assert choose_threads(configure(threads=2)) == torch.get_num_threads() == 2


def test_threads_left_open_are_measured_and_set(configure):
    chosen = choose_threads(configure(threads="auto"))
    assert chosen in (1, available_cores())
    assert torch.get_num_threads() == chosen


@pytest.mark.parametrize(
    ("seconds", "alone"),
    [
        ({1: [0.001], 2: [0.02]}, True),
        ({1: [0.02], 2: [0.001]}, False),
        ({1: [0.01], 2: [0.01]}, False),
        ({1: [0.01], 2: [0.001, 0.1, 0.001, 0.001, 0.001]}, False),
        ({1: [0.01], 2: [0.1, 0.001, 0.1, 0.1, 0.1]}, True),
    ],
    ids=["far slower", "far faster", "the same", "slower once", "faster once"],
)
def test_one_thread_is_chosen_where_several_are_slower_in_most_rounds(seconds, alone, monkeypatch):
    taken, now = {1: 0, 2: 0}, [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def step():
        threads = torch.get_num_threads()
        durations = seconds[threads]
        now[0] += durations[taken[threads] % len(durations)]
        taken[threads] += 1

    assert alone_is_faster(step, 2) == alone


def test_a_choice_is_printed_recorded_and_kept_by_whoever_goes_on(train):
    outcome, said = train(threads="auto", training__max_epochs=1)
    chosen = torch.get_num_threads()
    assert chosen in (1, available_cores())
    assert f"Threads: {chosen}\n" in said
    assert read_yaml(outcome.folder.config)["threads"] == chosen
    assert json.loads(outcome.folder.manifest.read_text())["threads"] == chosen
    resumed = Resume.open(outcome.folder.root).configure(None, {}, [])
    assert resumed.threads == chosen


def test_determinism_is_switched_on_and_off():
    be_deterministic(True)
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cudnn.benchmark
    be_deterministic(False)
    assert not torch.are_deterministic_algorithms_enabled()
