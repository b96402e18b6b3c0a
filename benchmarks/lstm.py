"""One training step of the BiLSTM alone, forward and backward, against PyTorch's own.

python benchmarks/lstm.py --batch 32 --width 24 --threads 2

All four compute the same states with the same weights. They take turns, so that a busy moment
of the machine falls on all of them alike.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable

import torch
from machine import describe_machine, has_bf16, machine_line, seconds
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from roomtone.nets import kernels
from roomtone.nets.kernels.library import SWITCH
from roomtone.nets.recurrent import MaskedBiLSTM

WARM_UP = 5
Step = Callable[[], Tensor]


class Contenders:
    """Ours and PyTorch's layers, and one batch for all."""

    def __init__(self, args: argparse.Namespace) -> None:
        torch.manual_seed(0)
        size, hidden, layers = args.input_size, args.hidden_size, args.layers
        self.ours = MaskedBiLSTM(size, hidden, layers, dropout=0.0)
        self.theirs = nn.LSTM(size, hidden, layers, batch_first=True, bidirectional=True)
        distinct = max(1, round(args.distinct * args.batch * args.width))
        self.rows = torch.randn(distinct, size, requires_grad=True)
        self.places = torch.randint(0, distinct, (args.batch, args.width))
        self.embedded = self.rows.detach()[self.places].requires_grad_()
        shortest = max(1, round(args.width * (1 - args.ragged)))
        self.lengths = torch.randint(shortest, args.width + 1, (args.batch,))
        self.lengths[0] = args.width

    def steps(self) -> dict[str, Step]:
        """Name the ways of computing the states; ours first."""
        return {
            "roomtone, compiled kernel": self.compiled,
            "PyTorch, two LSTMs, one reversed": self.two,
            "PyTorch, bidirectional, padded": lambda: self.theirs(self.embedded)[0],
            "PyTorch, bidirectional, packed": self.packed,
        }

    def compiled(self) -> Tensor:
        """Run the kernel, on the distinct words."""
        os.environ.pop(SWITCH, None)
        states: Tensor = self.ours(self.rows, self.places, self.lengths)
        return states

    def two(self) -> Tensor:
        """Run the same layer without the kernel."""
        os.environ[SWITCH] = "off"
        states: Tensor = self.ours(self.rows, self.places, self.lengths)
        return states

    def packed(self) -> Tensor:
        """Run PyTorch's layer as most tutorials do."""
        packed = pack_padded_sequence(
            self.embedded, self.lengths, batch_first=True, enforce_sorted=False
        )
        return pad_packed_sequence(self.theirs(packed)[0], batch_first=True)[0]

    def train(self, step: Step, precision: str) -> None:
        """Run one step forward and backward."""
        self.ours.zero_grad()
        self.theirs.zero_grad()
        self.rows.grad = self.embedded.grad = None
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            states = step()
        states.backward(torch.ones_like(states))


def milliseconds(contenders: Contenders, precision: str, rounds: int) -> dict[str, float]:
    """Take the median time of each contender's turns."""
    times: dict[str, list[float]] = {name: [] for name in contenders.steps()}
    for turn in range(WARM_UP + rounds):
        for name, step in contenders.steps().items():
            # One untimed step before each, so that none pays for the caches that another filled.
            contenders.train(step, precision)
            spent = seconds(lambda step=step: contenders.train(step, precision))  # type: ignore[misc]
            if turn >= WARM_UP:
                times[name].append(1000 * spent)
    return {name: statistics.median(spent) for name, spent in times.items()}


def main() -> None:
    """Measure both precisions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=32, help="texts (default: 32)")
    parser.add_argument("--width", type=int, default=24, help="tokens of the longest (default: 24)")
    parser.add_argument(
        "--ragged", type=float, default=0.1, help="share by which texts are shorter"
    )
    parser.add_argument("--distinct", type=float, default=0.48, help="distinct words per position")
    parser.add_argument("--input_size", type=int, default=300)
    parser.add_argument("--hidden_size", type=int, default=128)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--threads", type=int, help="default: as PyTorch chooses")
    parser.add_argument("--rounds", type=int, default=30)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    print(machine_line(describe_machine()))
    if not kernels.available():
        parser.exit(1, f"there is nothing to compare: {kernels.describe()}\n")
    contenders = Contenders(args)
    for precision in ("fp32", "bf16") if has_bf16() else ("fp32",):
        print(f"{precision}, {args.batch} texts of up to {args.width} tokens")
        found = milliseconds(contenders, precision, args.rounds)
        ours = next(iter(found.values()))
        for name, spent in found.items():
            print(f"  {name:34} {spent:7.1f} ms {spent / ours:6.2f} times ours")


if __name__ == "__main__":
    main()
