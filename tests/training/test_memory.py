"""Memory that runs out is one message, whatever ran out and wherever."""

import pytest
import torch

from roomtone.errors import TrainingError
from roomtone.training.memory import memory_explained
from roomtone.training.run import Run

FAR_TOO_MANY = 10**15


def of_the_processor():
    torch.empty(FAR_TOO_MANY)


def of_a_graphics_card():
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9000 GiB")


def of_an_apple():
    raise RuntimeError("MPS backend out of memory (MPS allocated: 18 GB, max allowed: 18 GB)")


def of_python():
    bytearray(FAR_TOO_MANY * 1000)


@pytest.mark.parametrize("run_out", [of_the_processor, of_a_graphics_card, of_an_apple, of_python])
def test_memory_of_any_kind_is_explained_by_the_settings_to_lower(run_out, configure):
    expected = r"out of memory.*--batch_size \(now 24; try 12\)"
    config = configure(training__batch_size=24)
    with pytest.raises(TrainingError, match=expected), memory_explained(config):
        run_out()


def test_any_other_error_stays_as_it_is(configure):
    with pytest.raises(RuntimeError, match="shapes"), memory_explained(configure()):
        raise RuntimeError("shapes do not fit")


@pytest.mark.parametrize("step", ["_load", "_build", "_set_up", "_test"])
def test_a_run_explains_it_in_each_of_its_steps(step, configure, silent):
    run = Run(configure(), silent)
    setattr(run, step, lambda *arguments: of_the_processor())
    with pytest.raises(TrainingError, match="Lower one of these"):
        run.execute()
