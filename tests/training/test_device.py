"""The device is what was asked for, or the error says what there is; threads are set."""

import pytest
import torch

from roomtone.errors import ConfigError
from roomtone.training.device import (
    available_cores,
    be_deterministic,
    choose_device,
    choose_threads,
)

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


def test_determinism_is_switched_on_and_off():
    be_deterministic(True)
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cudnn.benchmark
    be_deterministic(False)
    assert not torch.are_deterministic_algorithms_enabled()
