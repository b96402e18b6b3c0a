"""``roomtone calibrate MODEL``: make a saved engine's probabilities honest, and say how honest."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.cli.labelled import (
    add_columns,
    hash_of,
    is_run,
    read_rows,
    refuse_rows_given_twice,
    refuse_seen_rows,
)
from roomtone.cli.models import open_model
from roomtone.cli.parser import UsageError

if TYPE_CHECKING:
    from roomtone.data.tables import LabelledTexts
    from roomtone.engines import SentimentEngine
    from roomtone.engines.trust import TrustReport
    from roomtone.stats.confusion import Array

SUMMARY = "make a saved engine's probabilities honest, so that it can say when it does not know"
METHODS = ("auto", "temperature", "vector", "identity")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "model", metavar="MODEL", help="folder of a saved engine, a run, or an engine's name"
    )
    parser.add_argument(
        "--val_csv",
        type=Path,
        required=True,
        metavar="PATH",
        help="labelled rows that the engine was not fitted on; the calibration is fitted on these",
    )
    parser.add_argument(
        "--test_csv",
        type=Path,
        metavar="PATH",
        help="further rows, which decide nothing: what it is worth is measured on these",
    )
    parser.add_argument(
        "--method",
        choices=METHODS,
        default="auto",
        help="what is fitted; auto chooses by cross-validation (default: auto)",
    )
    add_columns(parser)
    parser.add_argument(
        "--output_dir",
        type=Path,
        metavar="DIR",
        help="folder that the calibrated engine is written to (default: MODEL itself where it is "
        "a saved engine)",
    )
    parser.add_argument(
        "--report_dir",
        type=Path,
        metavar="DIR",
        help="folder of calibration.json and the figures (default: beside the engine's, named "
        "after it with -calibration at the end)",
    )
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="seed (default: 42)")


def run(args: argparse.Namespace) -> int:
    """Calibrate, measure, save, and print what came of it.

    Raises
    ------
    RoomtoneError
        If the engine or a file cannot be used, or the engine was fitted on one of the files.
    """
    from rich.console import Console

    from roomtone.cli.trust_tables import print_scores, print_trust
    from roomtone.engines import save_engine
    from roomtone.engines.calibrating import calibrate_engine
    from roomtone.engines.measuring import measure_again
    from roomtone.engines.saving import check_target
    from roomtone.engines.trust import trust_report
    from roomtone.files import write_json

    opened = open_model(args.model)
    engine, target = opened.engine, args.output_dir or opened.folder
    if target is None or (args.output_dir is None and is_run(target)):
        found = (
            f"no saved engine's folder is called {args.model}"
            if target is None
            else f"{target} is a training run, which stays as it is"
        )
        raise UsageError(
            f"{found}: name a folder for the calibrated engine, as in "
            f"--output_dir models/{engine.name}"
        )
    check_target(target)
    rows = _read(args, engine)
    if "gain" in engine.record and hash_of(engine, "validation") == rows["val"].sha256:
        print(
            f"{engine.name}'s weights were fitted on these rows too, so that thresholds set on "
            "them are a little too bold; other validation rows would be better",
            file=sys.stderr,
        )
    test = rows.get("test")
    held_out = None if test is None else (test.texts, test.labels)
    before = None if test is None else engine.predict_proba(test.texts)
    val, was = rows["val"], engine.calibration
    report = calibrate_engine(
        engine, val.texts, val.labels, method=args.method, test=held_out, seed=args.seed
    )
    trust = None if test is None else trust_report(engine, test.texts, test.labels)
    engine.record["calibration"] = {
        "data": {name: r.facts(engine.class_names) for name, r in rows.items()},
        "report": report.to_dict(),
    }
    if test is not None:
        data = engine.record.get("data")
        entry = {"test": test.facts(engine.class_names)}
        engine.record["data"] = {**data, **entry} if isinstance(data, dict) else entry
    again = _rows_of_metrics(engine, rows)
    engine.record["metrics"] = measure_again(engine, again, was, seed=args.seed)
    save_engine(engine, target)
    place = target.resolve() if target.name in ("", "..") else target
    folder = args.report_dir or place.with_name(f"{place.name}-calibration")
    content = {"engine": engine.name, "seed": args.seed, **engine.record["calibration"]}
    if trust is not None:
        content["trust"] = trust.to_dict()
    write_json(folder / "calibration.json", content)
    console = Console()
    print_scores(console, report)
    if test is None or trust is None or before is None:
        print("--test_csv would show what abstaining and label sets are worth on new rows")
    else:
        print_trust(console, trust)
        _write_figures(folder, test, before, engine.predict_proba(test.texts), trust)
    print(f"✅ Calibrated engine saved to: {target}")
    print(f"✅ Report saved to: {folder}")
    return 0


def _read(args: argparse.Namespace, engine: SentimentEngine) -> dict[str, LabelledTexts]:
    found = {}
    for name in ("val", "test"):
        path = getattr(args, f"{name}_csv")
        if path is not None:
            found[name] = read_rows(path, args, engine.class_names)
            refuse_seen_rows(found[name], f"--{name}_csv", [engine])
    refuse_rows_given_twice(found)
    return found


def _rows_of_metrics(
    engine: SentimentEngine, rows: dict[str, LabelledTexts]
) -> dict[str, LabelledTexts]:
    """Find what to measure on: the test rows, and the validation rows where they were used."""
    metrics, val = engine.record.get("metrics"), rows["val"]
    splits = metrics if isinstance(metrics, dict) else {}
    found = {split: val for split in splits if hash_of(engine, split) == val.sha256}
    # Rows that were the test's once are none any more when a calibration is fitted on them.
    found.pop("test", None)
    return {**found, "test": rows["test"]} if "test" in rows else found


def _write_figures(
    folder: Path, test: LabelledTexts, before: Array, after: Array, trust: TrustReport
) -> None:
    from roomtone.errors import MissingExtraError
    from roomtone.files import write_bytes
    from roomtone.reports.predictions import Predictions
    from roomtone.reports.reliability import draw_reliability
    from roomtone.reports.risk_coverage import draw_risk_coverage
    from roomtone.reports.style import LIGHT, render

    def predictions(probs: Array) -> Predictions:
        best = probs.argmax(axis=1)
        return Predictions(test.lines, None, test.labels, best, probs.max(axis=1), probs)

    drawings = {
        "reliability_before": lambda theme: draw_reliability(predictions(before), theme),
        "reliability_after": lambda theme: draw_reliability(predictions(after), theme),
        "risk_coverage": lambda theme: draw_risk_coverage(trust.risk_coverage, theme),
    }
    try:
        for name, draw in drawings.items():
            for suffix, content in zip(("png", "pdf"), render(draw, LIGHT, "png pdf"), strict=True):
                write_bytes(folder / f"{name}.{suffix}", content)
    except MissingExtraError as error:
        print(f"{error} The report is without figures.", file=sys.stderr)
