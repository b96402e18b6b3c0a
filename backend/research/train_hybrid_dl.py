"""The guide's training command: the same flags, errors and exit codes as `roomtone train`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

try:
    from roomtone.cli.main import run_verb
except ModuleNotFoundError as error:
    sys.exit(
        f"train_hybrid_dl.py: {sys.executable} has no package {error.name!r}. "
        "Install roomtone and what it needs with:\n"
        f"  {sys.executable} -m pip install -c '{ROOT}/constraints.txt' -e '{ROOT}[train]'"
    )

if __name__ == "__main__":
    sys.exit(run_verb("train", sys.argv[1:], prog="train_hybrid_dl.py"))
