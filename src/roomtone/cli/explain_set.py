"""``roomtone explain MODEL --test_csv FILE``: explanations of a whole labelled set."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.cli.explain import chosen, options
from roomtone.cli.labelled import read_rows, refuse_seen_rows
from roomtone.cli.models import open_model
from roomtone.cli.parser import UsageError
from roomtone.errors import MissingExtraError
from roomtone.files import write_bytes, write_json

if TYPE_CHECKING:
    from roomtone.reports.explained_set import ExplainedSet


def explain_set(args: argparse.Namespace) -> int:
    """Explain labelled rows, measure whether to believe it, and write all to a folder.

    Raises
    ------
    RoomtoneError
        If an engine or the file cannot be used, or an engine was fitted on the file.
    """
    if args.output_dir is None:
        raise UsageError("--test_csv needs --output_dir, the folder for the page and its numbers")
    if args.target is not None:
        raise UsageError("--class goes with texts; with --test_csv every class is explained")
    from roomtone.cli.score_progress import ScoreProgress
    from roomtone.explain.ablation import uniform_attention
    from roomtone.explain.corpus import explain_corpus
    from roomtone.explain.explaining import admitted
    from roomtone.explain.faithfulness import measure
    from roomtone.explain.measured import NotMeasurableError
    from roomtone.explain.runs import check_runs
    from roomtone.explain.stability import seed_variance
    from roomtone.reports.explained_set import ExplainedSet
    from roomtone.training.console import Console

    engine = open_model(args.model).engine
    others = [open_model(name).engine for name in args.texts]
    if others:
        check_runs([engine, *others])  # before the work
    rows = read_rows(args.test_csv, args, engine.class_names)
    refuse_seen_rows(rows, "--test_csv", [engine, *others])
    console, able = Console(), admitted(engine)
    names = able if args.method == "auto" else chosen(engine, args.method)
    signed = next((name for name in chosen(engine, args.method) if name != "attention"), "auto")
    count = len(rows.texts)
    with ScoreProgress(console) as progress:
        # Three passes over the texts, or two.
        steps = 3 if others else 2

        def step(done_before: int) -> Callable[[int], None]:
            return lambda done: progress.update(
                (done_before * count + done) // steps, (done_before + done / count) / steps
            )

        progress.update(0, 0.0)
        corpus = explain_corpus(
            engine,
            rows.texts,
            rows.labels,
            method=signed,
            least=args.least,
            options=options(args),
            watch=step(0),
        )
        found = seeds = None
        missing: list[str] = []
        try:
            found = measure(
                engine, rows.texts, names, args.seed, options=options(args), watch=step(1)
            )
        except NotMeasurableError as error:
            missing.append(f"Not measurable: {error}.")
        if others:
            runs = [engine, *others]
            try:
                seeds = seed_variance(runs, rows.texts, seed=args.seed, watch=step(2))
            except NotMeasurableError as error:
                missing.append(f"Not measurable: {error}.")
    attention = None
    if "attention" in able:
        attention = uniform_attention(engine, rows.texts, rows.labels, seed=args.seed)
    lines = tuple(rows.lines.tolist())
    result = ExplainedSet(corpus, found, attention, seeds, rows.path.name, lines, tuple(missing))
    console.always(*result.verdicts)
    _write(result, args.output_dir)
    console.always(f"✅ Explanations saved to: {args.output_dir}")
    return 0


def _write(result: ExplainedSet, folder: Path) -> None:
    import sys

    from roomtone.reports.explained_set import errors_csv, pushes_csv, set_page
    from roomtone.reports.faithfulness_figure import draw_faithfulness
    from roomtone.reports.style import LIGHT, render

    write_json(folder / "explained.json", result.to_dict())
    write_bytes(folder / "words.csv", pushes_csv(result.corpus))
    write_bytes(folder / "errors.csv", errors_csv(result))
    try:
        page = set_page(result, "explained.json")
        write_bytes(folder / "explained.html", page.encode())
        if (found := result.faithfulness) is not None:
            drawn = render(lambda look: draw_faithfulness(found, look), LIGHT, "png pdf")
            for suffix, content in zip(("png", "pdf"), drawn, strict=True):
                write_bytes(folder / f"faithfulness.{suffix}", content)
    except MissingExtraError as error:
        print(f"{error} There is no page and no figure.", file=sys.stderr)
