"""``roomtone explain MODEL "text" ...``: why an engine answers so, and whether to believe it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.cli.labelled import add_columns
from roomtone.cli.parser import UsageError, listed

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine
    from roomtone.explain import Explanation, Options

SUMMARY = "show which words an answer rests on, and whether to believe it"
METHODS = ("auto", "all", "leave_one_out", "integrated_gradients", "attention", "ngrams", "linear")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "model", metavar="MODEL", help="folder of a saved engine, a run, or the name of an engine"
    )
    parser.add_argument(
        "texts",
        nargs="*",
        metavar="TEXT",
        help="the texts; with --test_csv instead further runs of the same configuration with "
        "other seeds, whose attention is compared",
    )
    parser.add_argument(
        "--method",
        default="auto",
        metavar="NAMES",
        help=f"one or more of {', '.join(METHODS)}, with commas between; auto is exact for a "
        "linear model, integrated gradients for the network where Captum is installed, else "
        "leave_one_out (default: auto)",
    )
    parser.add_argument(
        "--class",
        dest="target",
        metavar="NAME",
        help="the class to explain (default: for each text the most probable)",
    )
    parser.add_argument(
        "--output_dir", type=Path, metavar="DIR", help="folder for the pictures, HTML and JSON"
    )
    parser.add_argument(
        "--test_csv",
        type=Path,
        metavar="PATH",
        help="labelled rows: what pushes to each class, the errors, and whether to believe it",
    )
    add_columns(parser)
    parser.add_argument(
        "--least",
        type=int,
        default=3,
        metavar="N",
        help="texts in which a word must stand to be listed (default: 3)",
    )
    parser.add_argument(
        "--baseline",
        choices=("padding", "unknown"),
        default="padding",
        help="what integrated gradients begin at: vectors of zero, or of an unknown word "
        "(default: padding)",
    )
    parser.add_argument(
        "--tolerance",
        type=float,
        default=0.02,
        metavar="SHARE",
        help="what integrated gradients may miss of the difference they explain (default: 0.02)",
    )
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="seed (default: 42)")


def run(args: argparse.Namespace) -> int:
    """Explain texts on the terminal and in files, or a labelled set in files.

    Raises
    ------
    RoomtoneError
        If the engine, a file, a class or a method cannot be used, or there is nothing to explain.
    """
    if args.output_dir is not None:
        from roomtone.files import check_writable

        check_writable(args.output_dir)
    if args.test_csv is not None:
        from roomtone.cli.explain_set import explain_set

        return explain_set(args)
    if not args.texts:
        raise UsageError("no text: give one or more after MODEL, or labelled rows by --test_csv")
    from roomtone.cli.models import open_model
    from roomtone.explain import explain_texts

    engine = open_model(args.model).engine
    # Half of a surrogate pair, as from bytes that are no text, can be written nowhere.
    texts = [text.encode("utf-8", "replace").decode() for text in args.texts]
    by_method = [
        explain_texts(engine, texts, method=name, target=args.target, options=options(args))
        for name in chosen(engine, args.method)
    ]
    groups = [list(group) for group in zip(*by_method, strict=True)]
    from roomtone.cli.explain_terminal import print_explanation

    for group in groups:
        for explanation in group:
            print_explanation(explanation)
    if args.output_dir is not None:
        _write(groups, args.output_dir)
    return 0


def options(args: argparse.Namespace) -> Options:
    """Collect the choices that methods have."""
    from roomtone.explain import Options

    return Options(seed=args.seed, baseline=args.baseline, tolerance=args.tolerance)


def chosen(engine: SentimentEngine, given: str) -> list[str]:
    """Part names at commas, and resolve ``all`` and ``auto``; each method once."""
    from roomtone.explain import admitted
    from roomtone.explain.explaining import chosen_method

    names = listed(given)
    found = admitted(engine) if "all" in names else names or ["auto"]
    return list(dict.fromkeys(chosen_method(engine, name) for name in found))


def _write(groups: list[list[Explanation]], folder: Path) -> None:
    from roomtone.errors import MissingExtraError
    from roomtone.files import write_bytes, write_json

    write_json(folder / "explanations.json", [[e.to_dict() for e in group] for group in groups])
    try:
        from roomtone.reports.attention_figure import draw_attention
        from roomtone.reports.marked import explanation_page
        from roomtone.reports.style import LIGHT, render
        from roomtone.reports.words_figure import draw_words

        page = explanation_page(groups, "explanations.json")
        write_bytes(folder / "explanations.html", page.encode())
        for number, group in enumerate(groups, start=1):
            for each in group:
                name = f"text_{number}_{each.method}"
                (words,) = render(lambda look, e=each: draw_words(e, look), LIGHT, "png")  # type: ignore[misc]
                write_bytes(folder / f"{name}.png", words)
                for maps in render(lambda look, e=each: draw_attention(e, look), LIGHT, "png"):  # type: ignore[misc]
                    write_bytes(folder / f"{name}_heads.png", maps)
    except MissingExtraError as error:
        print(f"{error} There is only explanations.json.", file=sys.stderr)
    print(f"✅ Explanations saved to: {folder}")
