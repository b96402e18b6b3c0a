"""What the verbs share that train many models under one plan: where, how often, going on."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.cli.parser import UsageError
from roomtone.cli.settings import add_settings, typed_flags

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from roomtone.config import Config
    from roomtone.experiments.json_record import Record
    from roomtone.experiments.study import Study, StudyPlan
    from roomtone.reports.style import Theme
    from roomtone.training.console import Console

INTERRUPTED = 130


def add_study_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of a study, and those that set keys of the configuration."""
    group = parser.add_argument_group("Study")
    group.add_argument(
        "--resume", metavar="FOLDER", type=Path, help="go on with a study; it needs no other flag"
    )
    group.add_argument(
        "--retry_failed", action="store_true", help="run again what failed before in this folder"
    )
    group.add_argument(
        "--keep_models",
        action="store_true",
        help="keep the weights of every run (by default only its record and predictions)",
    )
    add_settings(parser)


def conduct(
    args: argparse.Namespace,
    *,
    verb: str,
    kind: str,
    own: Sequence[str],
    plan: Callable[[Config], StudyPlan],
    work: Callable[[Study, Console], int],
) -> int:
    """Begin a study or go on with it, and say how to go on where someone interrupts.

    Parameters
    ----------
    args : Namespace
        As parsed.
    verb : str
        For the command that is printed.
    kind : str
        Of the study; without blanks also the folder's name where none was given.
    own : sequence of str
        The verb's own arguments that the plan decides.
    plan : callable
        Makes the plan of a configuration.
    work : callable
        Does it, and returns the exit status.

    Raises
    ------
    RoomtoneError
        If something typed cannot be used, or the folder holds another study.
    """
    from roomtone.config import load_config
    from roomtone.errors import require

    require("torch", extra="train", purpose="Training")
    from roomtone.experiments.study import open_study, read_plan
    from roomtone.training.console import Console

    console, typed = Console(quiet=args.quiet), typed_flags(args)
    if args.resume is not None:
        given = [*typed, *(name for name in (*own, "config", "sets") if getattr(args, name))]
        if given:
            raise UsageError(
                f"--resume {args.resume}: the study has its own plan; leave out "
                f"{', '.join(f'--{name}' for name in given)}, or begin another study"
            )
        root, laid = args.resume, read_plan(args.resume, kind)
    else:
        config = load_config(args.config, flags=typed, sets=args.sets)
        root = config.output_dir / (config.experiment_name or kind.replace(" ", "_"))
        laid = plan(config)
    with open_study(root, laid) as study:
        if args.retry_failed:
            _forget_failures(study)
        console.say(f"Study: {root} ({kind}), {study.base.threads} thread(s)")
        try:
            return work(study, console)
        except KeyboardInterrupt:
            command = f"roomtone {verb} --resume {root}"
            console.always("", f"Interrupted; what is finished is saved. Go on with: {command}")
            return INTERRUPTED


def draw(
    study: Study, name: str, record: Record, figure: Callable[[Theme], Figure], console: Console
) -> None:
    """Write a figure as PNG and PDF, and its numbers as JSON beside it."""
    from roomtone.errors import MissingExtraError
    from roomtone.files import write_bytes, write_json
    from roomtone.reports.style import LIGHT, render

    path = study.figures / f"{name}.json"
    write_json(path, record.to_dict())
    try:
        encoded = render(figure, LIGHT, "png pdf")
    except MissingExtraError as error:
        console.warn(str(error))
        return
    for content, suffix in zip(encoded, (".png", ".pdf"), strict=True):
        write_bytes(path.with_suffix(suffix), content)
    console.say(f"✅ Figure: {path.with_suffix('.png')} (numbers: {path.name})")


def comparison_notes(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Say once each what a reader has to know of comparisons, and why one could not be made."""
    notes = [
        row["note"] if row.get("p_value") is not None else f"not tested: {row['note']}"
        for row in rows
        if row["note"]
    ]
    return list(dict.fromkeys(notes))


def _forget_failures(study: Study) -> None:
    from roomtone.experiments.trial_record import FAILED, TrialRecord

    for path in sorted(study.trials.glob("*.json")):
        if TrialRecord.read(path).status == FAILED:
            path.unlink()
