"""``roomtone crossval``: models on the same folds, compared."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.cli.parser import UsageError
from roomtone.cli.settings import add_settings, typed_flags

if TYPE_CHECKING:
    from roomtone.config import Config
    from roomtone.experiments.design import Design
    from roomtone.experiments.record import CrossValidation
    from roomtone.experiments.source import Source
    from roomtone.training.console import Console

SUMMARY = "cross-validate models on the same folds, and compare them"
INTERRUPTED = 130
# A run's own folders, and what might have learnt from rows that are tested on.
_WITHOUT = ("output_dir", "experiment_name", "tensorboard_dir", "vocab_path", "init_from")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    group = parser.add_argument_group("Cross-validation")
    add = group.add_argument
    add(
        "--models",
        required=True,
        metavar="NAME,NAME",
        help="logreg, svm, tfidf, hybrid_dl, the name of an engine of another package, or the "
        "folder of a saved engine, which is fitted anew; ensemble and stacking combine the others",
    )
    add(
        "--data_csv",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="files of all rows (default: train_csv and val_csv together; test_csv is left alone)",
    )
    add(
        "--folds",
        default="10",
        metavar="N|NAME=N,...",
        help="how many; or for each model, as in svm=10,hybrid_dl=5 (default: 10)",
    )
    add("--hybrid_folds", type=_count, metavar="N", help="fewer folds for hybrid_dl alone")
    add("--repeats", type=_count, default=1, metavar="N", help="deal the rows out N times")
    add("--seeds", type=_count, default=1, metavar="N", help="fit each model N times in each fold")
    scheme = group.add_mutually_exclusive_group()
    scheme.add_argument(
        "--groups", metavar="COLUMN", help="rows with equal values of it are in one fold"
    )
    scheme.add_argument(
        "--time", metavar="COLUMN", help="train on earlier rows, test on later ones, by this column"
    )
    add(
        "--validation_share",
        type=float,
        default=0.1,
        metavar="X",
        help="share of each training part that stops training, calibrates, and weighs the models "
        "of a combination (default: 0.1)",
    )
    add("--reference", metavar="NAME", help="compare the others with this model alone")
    add(
        "--output_dir",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder of the result; the same command goes on with what is unfinished there",
    )
    add(
        "--jobs",
        type=_count,
        metavar="N",
        help="models fitted at once; they share the cores (default: 1 with hybrid_dl, which uses "
        "all of them, else one for each core)",
    )
    add("--on", choices=["here", "ray"], default="here", help="ray: on a Ray cluster")
    add_settings(parser, without=_WITHOUT)


def run(args: argparse.Namespace) -> int:
    """Run it, write the result and print it; 130 where someone interrupted.

    Raises
    ------
    RoomtoneError
        If something typed, a file or a column cannot be used, or the rows cannot be dealt out.
    """
    from roomtone.errors import require

    require("sklearn", extra="baselines", purpose="Cross-validation")
    import joblib

    from roomtone.cli.crossval_models import design_of
    from roomtone.cli.crossval_progress import CellProgress
    from roomtone.experiments.running import Experiment
    from roomtone.training.console import Console

    config, files = _configuration(args)
    console = Console(quiet=args.quiet)
    design = design_of(args, config, console)
    source = _source(args, config, files)
    experiment = Experiment(source, design, args.output_dir)
    _open(console, source, design)
    threaded = any(recipe.threaded for recipe in design.recipes.values())
    if args.on == "ray":
        from roomtone.experiments.executing import connect

        cores = connect()
        threads = config.threads if isinstance(config.threads, int) else 1
        jobs = args.jobs or max(1, cores // threads)
        console.say(f"On a Ray cluster of {cores} processors: {jobs} at once")
    else:
        cores = joblib.cpu_count()
        jobs = args.jobs or (1 if threaded else cores)
        threads = config.threads if isinstance(config.threads, int) else max(1, cores // jobs)
    with CellProgress(console, jobs) as progress:
        try:
            result = experiment.run(jobs=jobs, threads=threads, on=args.on, watch=progress.update)
        except KeyboardInterrupt:
            progress.close()
            console.always(
                f"Interrupted: {experiment.finished()} of {progress.total} cells are finished and "
                f"saved. Go on with:\n  roomtone crossval {shlex.join(sys.argv[2:])}"
            )
            return INTERRUPTED
    _show(console, result, args.output_dir)
    return 0


def _configuration(args: argparse.Namespace) -> tuple[Config, list[Path]]:
    """Load the configuration, and name the files of the rows."""
    from roomtone.config import load_config
    from roomtone.errors import DataError

    typed = {name: text for name, text in typed_flags(args).items() if name not in _WITHOUT}
    if args.data_csv is None:
        config = load_config(args.config, flags=typed, sets=args.sets)
        files = list(dict.fromkeys([config.train_csv, config.val_csv]))
    else:
        for path in args.data_csv:
            if not path.is_file():
                raise DataError(f"--data_csv {path}: there is no such file")
        # The files of a run take no part, and need not be there.
        first = str(args.data_csv[0])
        typed |= {"train_csv": first, "val_csv": first, "test_csv": ""}
        config, files = load_config(args.config, flags=typed, sets=args.sets), args.data_csv
    for key in ("vocab_path", "init_from"):
        if getattr(config, key) is not None:
            raise UsageError(
                f"{key}: {getattr(config, key)} may come from rows that are tested on here; leave "
                "it out, so that each fold learns its own"
            )
    return config, files


def _source(args: argparse.Namespace, config: Config, files: list[Path]) -> Source:
    from roomtone.experiments.source import read_source

    for flag, taken in (
        ("groups", {config.data.label_column: "labels"}),
        ("time", {config.data.label_column: "labels", config.data.text_column: "texts"}),
    ):
        if (column := getattr(args, flag)) in taken:
            raise UsageError(f"--{flag} {column}: the column of the {taken[column]}; name another")
    return read_source(files, config, groups=args.groups, times=args.time)


def _open(console: Console, source: Source, design: Design) -> None:
    counts = ", ".join(
        f"{name} {count:,}"
        for name, count in zip(source.class_names, source.class_counts, strict=True)
    )
    names = ", ".join(file.file for file in source.files)
    console.say(f"{len(source.texts):,} rows of {names}: {counts}")
    folds = ", ".join(f"{name} {count}" for name, count in design.folds.items())
    by = {"stratified": "by class", "grouped": "by group", "time": "forward in time"}
    console.say(f"Folds, dealt out {by[source.dealer.scheme]}: {folds}")


def _show(console: Console, result: CrossValidation, root: Path) -> None:
    from roomtone.experiments.record import RESULT
    from roomtone.experiments.table import as_text

    console.always("", as_text(result))
    console.always("", f"✅ Saved to: {root / RESULT}")


def _count(given: str) -> int:
    if not given.isdecimal() or not int(given):
        raise argparse.ArgumentTypeError(f"{given!r} is no number above 0")
    return int(given)
