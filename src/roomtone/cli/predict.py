"""``roomtone predict MODEL "text" ...``: the sentiment of a few texts."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from roomtone.cli.models import open_model

if TYPE_CHECKING:
    from roomtone.engines import SentimentResult

SUMMARY = "tell the sentiment of a few texts"
BAR = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "model", metavar="MODEL", help="folder of a saved engine, a run, or the name of an engine"
    )
    parser.add_argument(
        "texts",
        nargs="*",
        metavar="TEXT",
        help="the texts; without any, each line of the standard input is one, empty lines too",
    )
    parser.add_argument(
        "--abstain",
        type=float,
        metavar="SHARE",
        help="leave undecided what is harder than all but this share of the validation rows",
    )
    parser.add_argument(
        "--error_rate",
        type=float,
        metavar="RATE",
        help="also give the set of labels that misses the true one at this rate",
    )
    parser.add_argument("--json", action="store_true", help="a line of JSON for each text")


def run(args: argparse.Namespace) -> int:
    """Print a line for each text; on a terminal a bar for each class.

    Raises
    ------
    RoomtoneError
        If the engine cannot be used, or there is no text.
    """
    texts = args.texts or _lines()
    engine = open_model(args.model).engine
    results = engine.batch_analyze(texts, abstain=args.abstain, error_rate=args.error_rate)
    for text, result in zip(texts, results, strict=True):
        if args.json:
            print(json.dumps({"text": text, **result.to_dict()}, ensure_ascii=False))
        elif sys.stdout.isatty():
            print(_drawn(text, result))
        else:
            print("\t".join(_columns(text, result, sets=args.error_rate is not None)))
    return 0


def _lines() -> list[str]:
    from roomtone.cli.parser import UsageError

    if sys.stdin.isatty():
        print(
            "Type a text on each line; end with Ctrl-D (Windows: Ctrl-Z, Enter).", file=sys.stderr
        )
    data = sys.stdin.buffer.read().decode("utf-8-sig", errors="replace")
    if not data:
        raise UsageError("no text: give one or more after MODEL, or on the standard input")
    # Not splitlines(), which also splits at form feeds, U+2028 and others that texts hold.
    return [line.removesuffix("\r") for line in data.removesuffix("\n").split("\n")]


def _columns(text: str, result: SentimentResult, *, sets: bool) -> list[str]:
    """Label, confidence, whether anything is known, the set of labels if asked for, text."""
    columns = [result.label or "undecided", f"{result.score:.4f}"]
    columns.append("known" if result.known else "unknown")
    if sets:
        columns.append(",".join(result.labels))
    return [*columns, " ".join(text.split())]


def _drawn(text: str, result: SentimentResult) -> str:
    lines = [" ".join(text.split()), f"  {result.label or 'undecided'}"]
    if not result.known:
        lines[-1] += " (nothing in the text is known; these are the shares in the training rows)"
    if result.labels:
        lines[-1] += f" (set: {', '.join(result.labels)})"
    width = max(map(len, result.probs))
    for label, share in result.probs.items():
        filled = round(share * BAR)
        lines.append(f"  {label:<{width}} {'█' * filled}{'░' * (BAR - filled)} {share:6.1%}")
    return "\n".join([*lines, ""])
