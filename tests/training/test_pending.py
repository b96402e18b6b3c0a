"""Steps that are read late leave what steps read at once leave, and keep no device waiting."""

import math
from contextlib import contextmanager

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from roomtone.errors import TrainingError
from roomtone.nets import set_generator
from roomtone.training.observers import Quiet
from roomtone.training.optimisation import ParameterGroups
from roomtone.training.pending import PendingSteps

PATIENCE = {"read at once": 0.0, "read at the end of an epoch": math.inf}
READS = {"_local_scalar_dense", "nonzero", "is_nonzero", "equal", "masked_select"}


class Listener(Quiet):
    """Notes what it is told, and what the progress says at that moment."""

    def __init__(self):
        self.told = []

    def batch_ends(self, trainer, loss, texts):
        progress = trainer.progress
        self.told.append((progress.batch, progress.step, loss, trainer.gradient_norm, texts))


class Reads(TorchDispatchMode):
    """Counts the operations at which a host would wait for a GPU."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func.overloadpacket.__name__ in READS:
            self.found.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.fixture
def make(settings, make_trainer):
    """A function that makes a trainer whose steps are read at once or late, and its listener."""

    def build(seconds, config=None):
        listener = Listener()
        trainer = make_trainer(config or settings(), None, listener)
        trainer.optimizer = torch.optim.Adam(trainer.network.parameters(), lr=0.005, fused=True)
        # As on a GPU, which alone reads late.
        trainer._groups = ParameterGroups(trainer.optimizer, trainer.config.training.learning_rate)
        trainer.pending = PendingSteps(trainer.optimizer, trainer.device, seconds=seconds)
        return trainer, listener

    return build


def bytes_of(network):
    return {n: t.detach().cpu().numpy().tobytes() for n, t in network.state_dict().items()}


def spoil_step(trainer, number):
    """Let the logits of one step be no numbers."""
    calls = []

    def spoil(module, inputs, output):
        calls.append(1)
        return output * math.nan if module.training and len(calls) == number else output

    trainer.network.classifier.register_forward_hook(spoil)


@pytest.mark.parametrize(
    "changes", [{}, {"training__class_weights": "balanced", "training__precision": "bf16"}]
)
def test_reading_late_changes_neither_the_weights_nor_what_is_told(make, settings, changes):
    outcomes = []
    for seconds in PATIENCE.values():
        trainer, listener = make(seconds, settings(**changes))
        assert trainer.train() == "max_epochs"
        outcomes.append((bytes_of(trainer.network), trainer.progress.history, listener.told))
    assert outcomes[0] == outcomes[1]
    assert [batch for batch, *_ in outcomes[0][2]] == [1, 2, 3, 4] * 3


@pytest.mark.parametrize("number", [1, 3, 6])
def test_a_step_that_is_not_finite_is_named_and_not_taken_however_late_it_is_read(make, number):
    outcomes = []
    for seconds in PATIENCE.values():
        trainer, listener = make(seconds)
        spoil_step(trainer, number + (number > 4) * 2)  # two batches of validation come between
        with pytest.raises(TrainingError, match=r"The loss is not finite in epoch") as caught:
            trainer.train()
        outcomes.append((str(caught.value), bytes_of(trainer.network), listener.told))
    assert outcomes[0] == outcomes[1]
    epoch, batch = divmod(number - 1, 4)
    assert f"in epoch {epoch + 1}, batch {batch + 1}/4" in outcomes[0][0]
    assert len(outcomes[0][2]) == number - 1


def test_after_a_failure_the_optimiser_can_be_used_again(make):
    trainer, _ = make(math.inf)
    spoil_step(trainer, 1)
    with pytest.raises(TrainingError):
        trainer.train()
    before = bytes_of(trainer.network)
    assert trainer.train() == "max_epochs"
    assert bytes_of(trainer.network) != before


def test_an_optimiser_that_cannot_leave_a_step_out_is_not_run_ahead_of(make):
    trainer, _ = make(0.0)
    plain = torch.optim.SGD(trainer.network.parameters(), lr=0.1)
    assert not PendingSteps(plain, trainer.device, seconds=math.inf).deferred
    assert PendingSteps(trainer.optimizer, trainer.device, seconds=math.inf).deferred


def test_on_a_processor_each_step_is_looked_at_before_it_is_taken(make):
    trainer, _ = make(None)
    assert trainer.pending.deferred == (trainer.device.type == "cuda")


@contextmanager
def no_wait(device):
    """Fail where the host waits for the device: on a GPU torch itself tells."""
    if device.type == "cuda":
        torch.cuda.set_sync_debug_mode("error")
    try:
        with Reads() as reads:
            yield
        assert not reads.found
    finally:
        if device.type == "cuda":
            torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("weights", ["none", "balanced"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_no_step_waits_for_the_device(make, settings, weights, precision):
    trainer, _ = make(
        math.inf, settings(training__class_weights=weights, training__precision=precision)
    )
    set_generator(trainer.network, trainer.generator)
    trainer.network.train()
    batches = trainer.train_loader.batches(0, device=trainer.device)
    with trainer.pending:
        trainer._step(next(batches))  # whatever is made once is made now
        with no_wait(trainer.device):
            for batch in batches:
                trainer._step(batch)
        assert len(trainer.pending.take()) == 4
