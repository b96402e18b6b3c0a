"""``roomtone VERB``: finds the verb, and turns every expected failure into one clear message."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from roomtone.cli.parser import Parser, UsageError
from roomtone.errors import RoomtoneError, nearest

USAGE_OR_INPUT = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count it
READER_GONE = 141  # 128 + SIGPIPE


@dataclass(frozen=True)
class Verb:
    """A verb of the command line.

    Attributes
    ----------
    module : str
        Its module in `roomtone.cli`, with `SUMMARY`, `add_arguments(parser)` and `run(args)`.
    summary : str
        The module's `SUMMARY`, repeated so that the overview need not import the module.
    """

    module: str
    summary: str


VERBS = {
    "train": Verb("train", "train, test and plot a model from CSV files of labelled comments"),
    "audit": Verb(
        "audit",
        "look for duplicates, leaks, wrong labels, spam and broken text in labelled CSV files",
    ),
    "lr-find": Verb("lr_find", "find a good learning rate before training"),
    "tune": Verb(
        "tune", "search for better settings on the validation rows, and tell gain from luck"
    ),
    "learning-curve": Verb(
        "learning_curve",
        "train on growing parts of the training rows, and tell what more rows would bring",
    ),
    "ablate": Verb(
        "ablate", "take parts away from a model one at a time, and measure what each was worth"
    ),
    "score": Verb(
        "score", "score the texts of a CSV, JSON lines or Parquet file with a trained model"
    ),
    "report": Verb(
        "report", "write the report of a run or of cross-validations: a page, LaTeX and figures"
    ),
    "thesis": Verb(
        "thesis",
        "audit, cross-validate, train, explain and report in one go; what is finished is kept",
    ),
    "fit-baseline": Verb(
        "fit_baseline", "fit a classical model (logreg, svm, tfidf) and save it as an engine"
    ),
    "predict": Verb("predict", "tell the sentiment of a few texts"),
    "explain": Verb("explain", "show which words an answer rests on, and whether to believe it"),
    "calibrate": Verb(
        "calibrate",
        "make a saved engine's probabilities honest, so that it can say when it does not know",
    ),
    "ensemble": Verb("ensemble", "combine saved engines: a weighted vote, or stacking"),
    "export": Verb(
        "export", "save a finished run as an engine; with --onnx as one that needs no torch"
    ),
    "crossval": Verb("crossval", "cross-validate models on the same folds, and compare them"),
    "corpus": Verb(
        "corpus", "write a ready-made, human-rated corpus as train.csv, val.csv and test.csv"
    ),
    "vectors": Verb("vectors", "write ready-made word vectors as a GloVe text file"),
    "site": Verb("site", "run the site: videos, comments, analyses and labelling in a browser"),
    "demo": Verb(
        "demo", "fetch a real corpus, train and test a model on it, and compare it with a baseline"
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; by default those of the process.

    Returns
    -------
    int
        The exit code: 0, the verb's own, 2 for a mistake in the input, 130 for Ctrl-C.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    return guarded(lambda: _dispatch(arguments))


def run_verb(module_name: str, argv: Sequence[str], prog: str) -> int:
    """Run one verb under the name of another program, with the same handling of errors.

    Parameters
    ----------
    module_name : str
        Module in `roomtone.cli`.
    argv : sequence of str
        Its arguments.
    prog : str
        The program's name in its help.

    Returns
    -------
    int
        The exit code, as of `main`.
    """
    return guarded(lambda: _run(module_name, argv, prog))


def guarded(action: Callable[[], int]) -> int:
    """Run an action, and print what goes wrong as a user can use it.

    ``ROOMTONE_DEBUG=1`` in the environment shows the traceback as well.

    Parameters
    ----------
    action : callable
        Returns an exit code.

    Returns
    -------
    int
        That exit code, or the one that stands for the failure.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A console that cannot show a character shows `?`; a log file grows line by line.
        sys.stdout.reconfigure(errors="replace", line_buffering=True)
    try:
        try:
            return action()
        finally:
            sys.stdout.flush()
    except RoomtoneError as error:
        return _fail(str(error), USAGE_OR_INPUT)
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone, as `head` does; the interpreter must not flush into the pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except OSError as error:
        return _fail(_describe(error), USAGE_OR_INPUT)


def _dispatch(arguments: list[str]) -> int:
    if arguments and not arguments[0].startswith("-"):
        name, *rest = arguments
        if name not in VERBS:
            known = nearest(name, VERBS) or f" (verbs: {', '.join(VERBS)})"
            raise UsageError(f"unknown verb {name!r}{known}")
        return _run(VERBS[name].module, rest, f"roomtone {name}")
    parser = _overview()
    if parser.parse_args(arguments).version:
        print(f"roomtone {_version()}")
        return 0
    parser.print_help(sys.stderr)
    return USAGE_OR_INPUT


def _run(module_name: str, argv: Sequence[str], prog: str) -> int:
    # Before torch starts them: threads of the arithmetic that wait for each other shall sleep. By
    # default they spin, and on a machine that is busy otherwise two are then slower than one.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    verb = import_module(f"roomtone.cli.{module_name}")
    parser = Parser(prog=prog, description=f"{verb.SUMMARY[0].upper()}{verb.SUMMARY[1:]}.")
    verb.add_arguments(parser)
    # Flags may stand anywhere, also between the words of a list.
    code: int = verb.run(parser.parse_intermixed_args(list(argv)))
    return code


def _overview() -> Parser:
    width = max(map(len, VERBS))
    lines = [f"  {name:<{width}}  {verb.summary}" for name, verb in VERBS.items()]
    parser = Parser(
        prog="roomtone",
        usage="roomtone [--help] [--version] VERB ...",
        description="Sentiment models for comments: train, compare, explain and serve.",
        epilog="\n".join(["verbs:", *lines, "", "roomtone VERB --help tells more about each."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("roomtone")
    except PackageNotFoundError:
        return "(not installed)"


def _describe(error: OSError) -> str:
    where = "" if error.filename is None else f"{error.filename}: "
    return f"{where}{error.strerror or error}"


def _fail(message: str, code: int) -> int:
    if os.environ.get("ROOMTONE_DEBUG", "") not in ("", "0"):
        traceback.print_exc()
    print(f"roomtone: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
