"""The learning-rate range test: how the loss answers to a rate that grows step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from itertools import chain, count

import numpy as np
import torch

from roomtone.config import Config, label_scheme
from roomtone.data.batches import Batch, BatchLoader
from roomtone.data.dataset import CSVSentimentDataset
from roomtone.data.tables import read_table
from roomtone.nets import HybridNetwork, set_generator
from roomtone.nets.products import fast_products
from roomtone.training import optimisation
from roomtone.training.building import build_network
from roomtone.training.console import Console
from roomtone.training.device import be_deterministic, choose_device, choose_threads
from roomtone.training.evaluation import autocast
from roomtone.training.lazy_adam import sparse_gradients
from roomtone.training.lr_curve import RangeTest, judge
from roomtone.training.memory import memory_explained
from roomtone.training.preparation import batch_loader, obtain_vocabulary
from roomtone.training.seeds import RANGE_TEST, derive

_MEMORY = 0.9  # of the running mean that tells when to stop
_DIVERGED = 4.0  # times the best mean so far


def range_test(
    network: HybridNetwork,
    loader: BatchLoader,
    config: Config,
    *,
    rates: Sequence[float],
    tell: Callable[[int, float, float], None] = lambda step, rate, loss: None,
) -> RangeTest:
    """Train with a rate that grows, until the loss diverges.

    After Smith (2017), "Cyclical Learning Rates for Training Neural Networks", section 3.3,
    with the exponential growth that Gugger and Howard made customary. Optimiser, loss and
    clipping are those of the configuration.

    Parameters
    ----------
    network : HybridNetwork
        Its weights are spoilt afterwards.
    loader : BatchLoader
        Shuffled training batches; gone through as often as needed.
    config : Config
        Optimiser, class weights, seed.
    rates : sequence of float
        The rate of each step, as from `numpy.geomspace`.
    tell : callable
        Called after each step with its number from 1, its rate, and the running mean of the loss.

    Raises
    ------
    TrainingError
        If the loss falls at no rate, so that none can be suggested.
    """
    step = _Step(network, loader, config)
    losses: list[float] = []
    initial: list[float] = []
    total, best = 0.0, math.inf
    for number, (rate, batch) in enumerate(zip(rates, _endless(loader), strict=False), start=1):
        before, loss = step(batch, rate, number)
        total = _MEMORY * total + (1 - _MEMORY) * loss
        mean = total / (1 - _MEMORY**number)  # unbiased, as in Adam
        if not mean < _DIVERGED * best:  # also where it is no number
            break
        losses.append(loss)
        initial.append(before)
        best = min(best, mean)
        tell(number, rate, mean)
    # Common random numbers: where the rate has not moved the weights yet, the noise is gone.
    luck = np.array(initial) - np.mean(initial)
    cleaned = (np.array(losses) - luck).tolist()
    return judge(rates, cleaned, diverged=len(losses) < len(rates))


def find_learning_rate(
    config: Config, console: Console, *, start: float, end: float, steps: int
) -> RangeTest:
    """Run a range test on the training texts of a configuration; nothing is written.

    Raises
    ------
    RoomtoneError
        If a file or a setting cannot be used, or no rate can be suggested.
    """
    be_deterministic(config.deterministic)
    device, scheme = choose_device(config.device), label_scheme(config)
    choose_threads(config)
    console.say(f"Loading data from {config.train_csv}")
    table = read_table(config.train_csv, config, scheme)
    vocabulary = obtain_vocabulary(config.vocab_path, table, config, console)
    dataset = CSVSentimentDataset(table, vocabulary, config.data.max_len, scheme=scheme)
    with memory_explained(config):
        network, _ = build_network(config, vocabulary, console, fresh=True)
        console.say("", f"Trying {steps} learning rates from {start:g} to {end:g}:")

        def tell(number: int, rate: float, loss: float) -> None:
            if number % config.training.log_every == 0:
                console.say(
                    f"  Step {number}/{steps} - Learning rate: {rate:.2e} - Loss: {loss:.4f}"
                )

        loader = batch_loader(dataset, config, shuffle=True)
        rates = np.geomspace(start, end, steps).tolist()
        return range_test(network.to(device), loader, config, rates=rates, tell=tell)


class _Step:
    """One step of training at a given rate."""

    def __init__(self, network: HybridNetwork, loader: BatchLoader, config: Config) -> None:
        training, classes = config.training, config.model.num_classes
        weights = optimisation.class_weights(training, loader.labels, classes)
        self.loss = optimisation.WeightedLoss(weights, training.label_smoothing)
        self.optimizer = optimisation.build_optimizer(config, network)
        self.groups = optimisation.ParameterGroups(self.optimizer, training.learning_rate)
        self.network, self.config = network.train(), config
        self.untrained = deepcopy(network)
        self.device = next(network.parameters()).device

    @fast_products()
    def __call__(self, batch: Batch, rate: float, number: int) -> tuple[float, float]:
        """Take it; return the batch's loss under the initial weights and under those of now."""
        moved = batch.to(self.device)
        with torch.no_grad():
            initial = self._loss(self.untrained, moved, number)
        self.network.zero_grad(set_to_none=True)
        with sparse_gradients(self.network, self.optimizer):
            loss = self._loss(self.network, moved, number)
        loss.backward()  # type: ignore[no-untyped-call]
        self.groups.clip(self.config.training.gradient_clip)
        self.groups.set_rate(rate)
        self.optimizer.step()
        return initial.item(), loss.item()

    def _loss(self, network: HybridNetwork, batch: Batch, number: int) -> torch.Tensor:
        seed = derive(self.config.seed, RANGE_TEST, number)
        set_generator(network, torch.Generator(device=self.device).manual_seed(seed))
        with autocast(self.device, self.config.training.precision):
            logits = network(batch.input_ids, batch.lengths).logits
        loss, _ = self.loss(logits, batch.labels)
        return loss


def _endless(loader: BatchLoader) -> Iterator[Batch]:
    """Go through the batches epoch after epoch."""
    return chain.from_iterable(loader.batches(epoch) for epoch in count())
