"""``roomtone thesis``: from labelled rows to a report, one verb after the other."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.cli.parser import UsageError, at_least, listed
from roomtone.cli.thesis_steps import MODELS, Files, Step, sample_path, steps, write_sample

if TYPE_CHECKING:
    from roomtone.training.console import Console

SUMMARY = "audit, cross-validate, train, explain and report in one go; what is finished is kept"
INTERRUPTED = 130
_SPLITS = ("train", "val", "test")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    add = parser.add_argument
    add(
        "--config",
        type=Path,
        default=Path("configs/fast.yaml"),
        metavar="PATH",
        help="YAML file of the hybrid's settings (default: configs/fast.yaml)",
    )
    for split in _SPLITS:
        add(f"--{split}_csv", type=Path, metavar="PATH", help="all three, or the demo corpus")
    add("--glove_path", type=Path, metavar="PATH", help="word vectors (default: fetched)")
    add(
        "--models",
        default=MODELS,
        metavar="NAME,NAME",
        help=f"what is cross-validated (default: {MODELS})",
    )
    add("--folds", default="10", metavar="N|NAME=N,...", help="as of crossval (default: 10)")
    add("--curve_seeds", type=int, default=2, metavar="N", help="of the learning curve")
    add("--explained", type=int, default=300, metavar="N", help="test rows that are explained")
    add("--without", default="", metavar="NAME,NAME", help="steps to leave out")
    add("--list", action="store_true", help="name the steps with their commands, and exit")
    add(
        "--output_dir",
        type=Path,
        default=Path("output/thesis"),
        metavar="DIR",
        help="folder of all (default: output/thesis); the same command goes on there",
    )


def run(args: argparse.Namespace) -> int:
    """Run every step that is not finished; 130 where someone interrupted.

    Raises
    ------
    RoomtoneError
        If an argument cannot be used, the folder was begun with others, or a step fails.
    """
    from roomtone.errors import RoomtoneError
    from roomtone.training.console import Console

    without = _check(args)
    if args.list:
        for step in steps(args):
            print(f"{step.name:<15} roomtone {shlex.join(step.arguments)}")
        return 0
    console, journal = Console(), Journal(args.output_dir / "steps.json")
    # Later steps may look at what earlier ones leave, so that they are made one by one.
    total = sum(step.name not in without for step in steps(args))
    done = 0
    for step in steps(args):
        if step.name in without:
            continue
        done += 1
        head = f"[{done}/{total}] {step.title}"
        if journal.stands(step):
            console.always(f"{head}: stands ({step.result})")
            continue
        journal.refuse_another(step)
        console.always("", f"{head}: roomtone {shlex.join(step.arguments)}")
        if step.name == "explain":
            write_sample(Files(args).test, sample_path(args.output_dir), args.explained)
        began = time.monotonic()
        status = _call(step)
        if status == INTERRUPTED:
            console.always(
                "",
                "Interrupted; what is finished is saved. The same command goes on: "
                f"roomtone thesis {shlex.join(sys.argv[2:])}",
            )
            return INTERRUPTED
        if status or not step.result.is_file():
            problem = f"step {step.name} failed (status {status}); its message stands above"
            if step.needed:
                raise RoomtoneError(f"{problem}. After mending it, the same command goes on")
            console.warn(f"{problem}. The others go on without it")
            continue
        journal.note(step, time.monotonic() - began)
    _summarise(args.output_dir, journal, console)
    return 0


class Journal:
    """What was finished with which arguments, and how long it took.

    Parameters
    ----------
    path : Path
        Its file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.steps: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.steps = {}

    def stands(self, step: Step) -> bool:
        """Tell whether a step is finished and nothing that it reads has changed since."""
        noted = self.steps.get(step.name)
        return (
            noted is not None
            and step.result.is_file()
            and noted["arguments"] == list(step.arguments)
            and noted["reads"] == _hashes(step)
        )

    def refuse_another(self, step: Step) -> None:
        """Refuse to go on in the folder of a step that was finished with other arguments.

        Raises
        ------
        RoomtoneError
            If so; other steps write their files anew, or refuse by themselves.
        """
        from roomtone.errors import RoomtoneError

        if step.folder is not None and step.folder.exists() and step.name in self.steps:
            raise RoomtoneError(
                f"{step.folder}: made with other arguments or files than now; choose another "
                f"--output_dir, or remove this folder to make it anew (roomtone {step.arguments[0]}"
                f" {shlex.join(step.arguments[1:])})"
            )

    def note(self, step: Step, seconds: float) -> None:
        """Write down that a step is finished."""
        from roomtone.files import write_json

        self.steps[step.name] = {
            "arguments": list(step.arguments),
            "reads": _hashes(step),
            "seconds": round(seconds, 1),
        }
        write_json(self.path, self.steps)


def _hashes(step: Step) -> list[str]:
    return [
        sha256(path.read_bytes()).hexdigest() if path.is_file() else "absent" for path in step.reads
    ]


def _check(args: argparse.Namespace) -> set[str]:
    """Check what was typed, and return the names of the steps to leave out."""
    from roomtone.errors import DataError, nearest

    given = [split for split in _SPLITS if getattr(args, f"{split}_csv") is not None]
    if given and len(given) < len(_SPLITS):
        lacking = ", ".join(f"--{split}_csv" for split in _SPLITS if split not in given)
        raise UsageError(f"{lacking}: missing; give all three files, or none for the demo corpus")
    paths = [args.config, args.glove_path, *(getattr(args, f"{split}_csv") for split in given)]
    for path in paths:
        if path is not None and not path.is_file():
            raise DataError(f"{path}: there is no such file")
    at_least(1, curve_seeds=args.curve_seeds, explained=args.explained)
    without = set(listed(args.without))
    known = [step.name for step in steps(args)]
    for name in sorted(without - set(known)):
        raise UsageError(
            f"--without {name}: no such step (known: {', '.join(known)}){nearest(name, known)}"
        )
    return without


def _call(step: Step) -> int:
    """Run a step in a process of its own, so that its memory is given back."""
    from roomtone.training.run_folder import RunFolder

    arguments = step.arguments
    if step.folder is not None and step.folder.exists():
        if RunFolder(step.folder).resumable:
            arguments = (step.arguments[0], "--resume", str(step.folder))
        else:  # killed before its first checkpoint
            shutil.rmtree(step.folder)
    process = subprocess.Popen([sys.executable, "-m", "roomtone", *arguments])
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            continue  # the verb has got it, too, and saves what it has
        return INTERRUPTED if status == -signal.SIGINT else status


def _summarise(root: Path, journal: Journal, console: Console) -> None:
    lines = [f"   {name:<15} {noted['seconds']:>8,.0f} s" for name, noted in journal.steps.items()]
    total = sum(noted["seconds"] for noted in journal.steps.values())
    pages = {
        "Audit": root / "audit" / "audit.html",
        "Explanations": root / "explanations" / "explained.html",
        "Run": root / "hybrid" / "report.html",
        "Report": root / "report" / "report.html",
    }
    console.always(
        "",
        "Times of all steps, whenever they ran:",
        *lines,
        f"   {'all':<15} {total:>8,.0f} s",
        "",
        *(f"✅ {name + ':':<14} {path}" for name, path in pages.items() if path.is_file()),
    )
