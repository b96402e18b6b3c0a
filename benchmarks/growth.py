"""How time and memory grow with the number of rows, from 1,000 to a million.

python benchmarks/growth.py --csv data/train.csv

Each size is measured in a process of its own, on a file of texts made by resampling words. The
growth of a step is its exponent between the two largest sizes: 1 means linear, 0 independent.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from corpus import Source, write_corpus
from machine import describe_machine, machine_line
from rich.table import Table
from terminal import run, wide_console

from roomtone.errors import RoomtoneError
from roomtone.files import write_json

SIZES = (1_000, 10_000, 100_000, 1_000_000)
LIMIT = 2**30  # bytes that the encoded data set may take at a million rows
MILLION = 1_000_000
SUPERLINEAR = 1.15  # an exponent above this is more than caches and noise
SECONDS = {
    "read": "reading the file",
    "vocabulary": "vocabulary",
    "encode": "encoding",
    "report": "data report",
    "plan": "plan of an epoch",
    "step": "a training step",
}
BYTES = {
    "file": "the file",
    "encoded": "encoded data set",
    "texts": "its texts as Python strings",
    "peak": "most memory while preparing",
    "peak_training": "most memory with training",
}
MEASURE = Path(__file__).with_name("sizes.py")


def main() -> None:
    """Measure each size in turn; print how each step grows."""
    parser = _parser()
    args = parser.parse_args()
    if args.csv and not args.csv.is_file():
        parser.error(f"--csv {args.csv}: there is no such file")
    console = wide_console()
    console.print(machine_line(describe_machine()))
    source = Source(args.csv)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for rows in sorted(args.sizes):
            path = Path(folder) / f"{rows}.csv"
            write_corpus(path, rows, source)
            found[rows] = in_a_process(path, args)
            path.unlink()
            console.print(f"{rows:,} rows: {sum(found[rows]['seconds'].values()):.1f} s")
    console.print(growth_table(found))
    for line in verdicts(found):
        console.print(line)
    if args.json:
        growth = {name: exponent(seconds_of(found, name)) for name in SECONDS}
        sizes = {str(rows): values for rows, values in found.items()}
        write_json(
            args.json, {"machine": describe_machine(), "sizes": sizes, "seconds_exponent": growth}
        )


def in_a_process(path: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Measure a file in a process of its own, so that its memory is its own."""
    command = [sys.executable, str(MEASURE), str(path), "--steps", str(args.steps)]
    if args.config:
        command += ["--config", str(args.config)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RoomtoneError(f"the process that measured {path.name} ended with {done.returncode}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def seconds_of(found: dict[int, dict[str, Any]], name: str) -> dict[int, float]:
    """Give the seconds of a step by the number of rows."""
    return {rows: values["seconds"][name] for rows, values in found.items()}


def exponent(by_rows: dict[int, float]) -> float | None:
    """Fit ``value ~ rows ** exponent`` through the two largest sizes; None with a single one."""
    if len(by_rows) < 2:
        return None
    small, large = sorted(by_rows)[-2:]
    low, high = (max(by_rows[rows], 1e-9) for rows in (small, large))
    return math.log(high / low) / math.log(large / small)


def growth_table(found: dict[int, dict[str, Any]]) -> Table:
    """Set seconds and bytes out by the number of rows."""
    shown = Table(title="Growth with the number of rows")
    shown.add_column("step")
    for rows in found:
        shown.add_column(f"{rows:,}", justify="right")
    shown.add_column("exponent", justify="right")
    for name, title in SECONDS.items():
        values = seconds_of(found, name)
        cells = [f"{value:.4f}" for value in values.values()]
        shown.add_row(f"{title}, s", *cells, _shown(values))
    for name, title in BYTES.items():
        sizes = {rows: float(entry["bytes"][name]) for rows, entry in found.items()}
        shown.add_row(
            f"{title}, MiB", *(f"{v / 2**20:,.1f}" for v in sizes.values()), _shown(sizes)
        )
    return shown


def verdicts(found: dict[int, dict[str, Any]]) -> list[str]:
    """Say what grows faster than the rows, and whether the encoded data is small enough."""
    lines = []
    for name, title in SECONDS.items():
        power = exponent(seconds_of(found, name))
        if power is not None and power > SUPERLINEAR:
            lines.append(f"Grows faster than the rows: {title}, exponent {power:.2f}")
    largest = max(found)
    size = found[largest]["bytes"]["encoded"]
    projected = size * max(1.0, MILLION / largest)
    of = "" if largest >= MILLION else ", carried on to a million rows,"
    judged = "below" if projected < LIMIT else "NOT below"
    return [*lines, f"The encoded data set{of} takes {projected / 2**20:,.0f} MiB: {judged} 1 GiB"]


def _shown(values: dict[int, float]) -> str:
    power = exponent(values)
    return "" if power is None else f"{power:.2f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--csv", type=Path, help="texts to resample (default: Zipf's law)")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="ROWS")
    parser.add_argument("--steps", type=int, default=200, help="training steps at each size")
    parser.add_argument("--config", type=Path, help="in place of the guide's configuration")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything here")
    return parser


if __name__ == "__main__":
    run(main)
