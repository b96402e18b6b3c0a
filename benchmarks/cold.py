"""Time from the start of a process to a saved engine's first answer.

python benchmarks/cold.py models/onnx
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from machine import describe_machine, machine_line
from terminal import run, wide_console

BARE = "import numpy"
ANSWER = (
    "import sys; from roomtone import load_engine; "
    "print(load_engine(sys.argv[1]).analyze('What a lovely song!').label)"
)


def main() -> None:
    """Take turns with a process that imports NumPy alone; print medians and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, help="folder of a saved engine")
    parser.add_argument("--times", type=int, default=9, help="processes of each kind")
    args = parser.parse_args()
    console = wide_console()
    console.print(machine_line(describe_machine()))
    bare, answers = [], []
    for _ in range(args.times):
        bare.append(seconds(BARE))
        answers.append(seconds(ANSWER, str(args.model)))
    console.print(
        f"First answer of {args.model} after {median(answers):.2f} s (at most {max(answers):.2f} s "
        f"in {args.times} processes), {median(answers) / median(bare):.1f} times as long as "
        f"Python takes to import NumPy ({median(bare):.2f} s)"
    )


def seconds(code: str, *arguments: str) -> float:
    """Run code in a fresh process, from its start to its end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    run(main)
