"""Whether the number of threads that a run chooses is the right one, idle and busy.

python benchmarks/threads.py
python benchmarks/threads.py --states busy --busy 4

In each trial the choice of ``threads: auto`` is made as at the start of a run; before and after
it, steps of a training are timed with one thread and with one for each core, in turn. A choice is
right where the other would not have been clearly faster, which is what the run itself asks for.
The busy state is made by processes that this script starts, which do nothing but compute.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from invented import invented_rows
from machine import describe_machine, machine_line
from ours import OurTraining
from rich.console import Console
from rows import encode, vocabulary_of

from roomtone.config import Config, load_config
from roomtone.files import write_json
from roomtone.training.device import CLEARLY_FASTER, available_cores, choose_threads

WORDS_FROM, STEPS = 8000, 4
BURN = "while True: pass"


@dataclass(frozen=True)
class Trial:
    """One choice, and what it should have been.

    Attributes
    ----------
    state : str
        ``"idle"`` or ``"busy"``.
    chosen : int
        Threads that were chosen.
    probe_seconds : float
        What the choice took.
    milliseconds : dict of int to float
        Of a step with each number of threads, the median of the timings.
    right : bool
        Whether the other number would not have been clearly faster.
    """

    state: str
    chosen: int
    probe_seconds: float
    milliseconds: dict[int, float]
    right: bool


def main() -> None:
    """Make the choices, state by state; print and write how often they were right."""
    args = _parser().parse_args()
    console = Console(highlight=False, soft_wrap=True)
    machine = describe_machine()
    console.print(machine_line(machine))
    config = load_config(
        args.config, sets=[*args.sets, "threads=auto", "device=cpu"], check_files=False
    )
    training, trials = small_training(config), []
    for state in args.states:
        with competing(args.busy if state == "busy" else 0):
            trials += [
                trial(state, config, training, args.rounds, console) for _ in range(args.trials)
            ]
        found = [each.right for each in trials if each.state == state]
        console.print(f"{state}: right in {sum(found)} of {len(found)} trials")
    if args.json:
        write_json(args.json, {"machine": machine, "trials": [asdict(each) for each in trials]})


def trial(
    state: str, config: Config, training: OurTraining, rounds: int, console: Console
) -> Trial:
    """Choose once, and time steps with either number of threads before and after."""
    times: dict[int, list[float]] = {count: [] for count in (1, available_cores())}
    _time_steps(training, times, rounds)
    began = time.perf_counter()
    chosen = choose_threads(config)
    spent = time.perf_counter() - began
    _time_steps(training, times, rounds)
    medians = {count: 1000 * statistics.median(found) for count, found in times.items()}
    right = medians[chosen] <= CLEARLY_FASTER * min(medians.values())
    shown = ", ".join(f"{found:.0f} ms with {count}" for count, found in medians.items())
    console.print(
        f"  {state}: chose {chosen} in {spent:.1f} s; a step takes {shown}: "
        f"{'right' if right else 'wrong'}"
    )
    return Trial(state, chosen, spent, medians, right)


def small_training(config: Config) -> OurTraining:
    """Build the configured training, each epoch of which is a few steps."""
    rows = invented_rows(WORDS_FROM, config.seed)
    vocabulary = vocabulary_of(rows, config)
    train = encode(rows.first(STEPS * config.training.batch_size), vocabulary, config)
    return OurTraining(config, train, encode(rows.first(32), vocabulary, config))


@contextmanager
def competing(processes: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Keep some processes computing meanwhile."""
    started = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(processes)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def _time_steps(training: OurTraining, times: dict[int, list[float]], rounds: int) -> None:
    for _ in range(rounds):
        for count, found in times.items():
            torch.set_num_threads(count)
            found.append(training.epoch().training / STEPS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--states", nargs="+", choices=("idle", "busy"), default=["idle", "busy"])
    parser.add_argument("--busy", type=int, default=available_cores(), help="competing processes")
    parser.add_argument("--trials", type=int, default=5, help="choices made in each state")
    parser.add_argument("--rounds", type=int, default=2, help="timings before and after each")
    parser.add_argument("--config", type=Path, help="settings (default: those of the guide)")
    parser.add_argument("--set", dest="sets", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    return parser


if __name__ == "__main__":
    main()
