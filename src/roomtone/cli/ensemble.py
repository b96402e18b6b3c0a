"""``roomtone ensemble``: combine saved engines into one, and say what that gains."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.cli.labelled import (
    SPLITS,
    add_columns,
    read_rows,
    refuse_rows_given_twice,
    refuse_seen_rows,
)
from roomtone.cli.models import open_model
from roomtone.cli.parser import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from roomtone.data.tables import LabelledTexts
    from roomtone.engines import SentimentEngine
    from roomtone.stats.combining import CombinationGain

SUMMARY = "combine saved engines: a weighted vote, or stacking"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "--models",
        nargs="+",
        required=True,
        metavar="MODEL",
        help="folders of saved engines, runs, or names of engines; each is called as its folder "
        "is, or by its name where it has none",
    )
    parser.add_argument(
        "--train_csv",
        type=Path,
        metavar="PATH",
        help="with --stacking: fit every engine again on these rows, once for each fold, and the "
        "logistic model on what they say of the fold left out; --val_csv is then not needed",
    )
    parser.add_argument(
        "--val_csv",
        type=Path,
        metavar="PATH",
        help="labelled rows that no engine was fitted on; weights and stacking are fitted on these",
    )
    parser.add_argument(
        "--test_csv",
        type=Path,
        metavar="PATH",
        help="further rows, which decide nothing: every engine is compared on these",
    )
    parser.add_argument(
        "--weights",
        metavar="fit|equal|NAME=X,...",
        help="the weight of each engine in a vote; fit fits them by log-loss (default: fit)",
    )
    parser.add_argument(
        "--stacking",
        action="store_true",
        help="a logistic model over the engines' probabilities in place of a vote",
    )
    add_columns(parser)
    parser.add_argument(
        "--output_dir", type=Path, required=True, metavar="DIR", help="folder of the new engine"
    )
    parser.add_argument("--seed", type=int, default=42, metavar="N", help="seed (default: 42)")


def run(args: argparse.Namespace) -> int:
    """Combine, compare, save, and print what came of it.

    Raises
    ------
    RoomtoneError
        If an engine, a weight or a file cannot be used, or an engine was fitted on a file that
        is to judge it.
    """
    from rich.console import Console

    from roomtone.engines import save_engine
    from roomtone.engines.measuring import measure
    from roomtone.engines.saving import check_target

    weights = _weights(args)
    check_target(args.output_dir)
    models = _models(args.models)
    rows = _rows(args, models)
    engine, gain = _combine(models, weights, rows, args)
    console = Console()
    engine.record["data"] = {name: r.facts(engine.class_names) for name, r in rows.items()}
    if gain is not None:
        engine.record["gain"] = gain.to_dict()
        _print_gain(console, gain)
    if (test := rows.get("test")) is not None:
        engine.record["comparison"] = _compare(console, engine, test)
        measured = measure(engine, test.texts, test.labels, seed=args.seed)
        engine.record["metrics"] = {"test": measured}
    save_engine(engine, args.output_dir)
    print(f"✅ Saved to: {args.output_dir}")
    print(f"   Next: roomtone calibrate {args.output_dir} --val_csv ...")
    return 0


def _rows(args: argparse.Namespace, models: dict[str, SentimentEngine]) -> dict[str, LabelledTexts]:
    from roomtone.engines.members import common_classes

    classes = common_classes(args.output_dir.name, models)
    rows = {}
    for flag in SPLITS:
        path = getattr(args, f"{flag}_csv")
        if path is None:
            continue
        rows[flag] = read_rows(path, args, classes)
        # Engines that are fitted again have not seen what they were fitted on before.
        if args.train_csv is None:
            refuse_seen_rows(rows[flag], f"--{flag}_csv", list(models.values()))
    refuse_rows_given_twice(rows)
    return {SPLITS[flag]: found for flag, found in rows.items()}


def _weights(args: argparse.Namespace) -> str | dict[str, float]:
    """Read ``--weights``: a word, or a weight for each name."""
    text = args.weights
    if args.stacking and text is not None:
        raise UsageError("--stacking and --weights: give one of them")
    if args.train_csv is not None and not args.stacking:
        raise UsageError("--train_csv is for --stacking; a vote takes the engines as they are")
    fitted = args.stacking or text in (None, "fit")
    if fitted and args.val_csv is None and args.train_csv is None:
        raise UsageError(
            "--stacking is fitted on --val_csv, or on --train_csv fold by fold; both are missing"
            if args.stacking
            else "weights are fitted on --val_csv, which is missing; else: --weights equal"
        )
    if fitted or text == "equal":
        return "fit" if fitted else "equal"
    weights = {}
    for part in text.split(","):
        name, _, value = part.rpartition("=")
        try:
            weights[name.strip()] = float(value)
        except ValueError:
            name = ""
        if not name.strip():
            raise UsageError(
                f"--weights: cannot read {part!r}; expected fit, equal, or logreg=0.4,svm=0.6"
            )
    return weights


def _models(named: list[str]) -> dict[str, SentimentEngine]:
    models: dict[str, SentimentEngine] = {}
    for model in named:
        opened = open_model(model)
        name = model if opened.folder is None else opened.folder.resolve().name
        if name in models:
            raise UsageError(f"--models: two engines are called {name!r}; rename a folder")
        models[name] = opened.engine
    return models


def _combine(
    models: dict[str, SentimentEngine],
    weights: str | dict[str, float],
    rows: dict[str, LabelledTexts],
    args: argparse.Namespace,
) -> tuple[SentimentEngine, CombinationGain | None]:
    from roomtone.engines.ensemble import EnsembleEngine
    from roomtone.engines.ensemble_fit import fit_weights
    from roomtone.engines.stacking_fit import fit_stacking, stack_fitted

    name = args.output_dir.name
    if weights != "fit":
        given = weights if isinstance(weights, dict) else None
        return EnsembleEngine(models, given, name=name), None
    if "train" in rows:
        train, fits = rows["train"], {key: model.refit for key, model in models.items()}
        print(f"Fitting each engine 6 times, on {len(train.texts):,} rows and on 5 parts of them")
        stacked = fit_stacking(fits, train.texts, train.labels, seed=args.seed, name=name)
        return stacked.engine, stacked.gain
    val = rows["validation"]
    if args.stacking:
        stacked = stack_fitted(models, val.texts, val.labels, seed=args.seed, name=name)
        return stacked.engine, stacked.gain
    fitted = fit_weights(models, val.texts, val.labels, seed=args.seed)
    print("Weights: " + ", ".join(f"{key} {value:.3f}" for key, value in fitted.weights.items()))
    return EnsembleEngine(models, fitted.weights, name=name), fitted.gain


def _print_gain(console: Console, gain: CombinationGain) -> None:
    from rich.table import Table

    table = Table(title=f"Cross-fitted on {gain.n:,} rows that no engine saw", title_justify="left")
    for heading in ("", "NLL", "macro-F1", "NLL gained, 95% interval", "macro-F1 gained"):
        table.add_column(heading, justify="right" if heading else "left")
    rows = {
        "equal weights": (gain.equal, gain.over_equal),
        "best single engine": (gain.best_single, gain.over_best_single),
    }
    table.add_row("fitted", f"{gain.fitted.nll:.4f}", f"{gain.fitted.f1_macro:.4f}")
    for label, (scores, against) in rows.items():
        gained = [
            f"{d.estimate:+.4f} ({d.low:+.4f} to {d.high:+.4f})"
            for d in (against.log_loss, against.f1_macro)
        ]
        table.add_row(f"over {label}", f"{scores.nll:.4f}", f"{scores.f1_macro:.4f}", *gained)
    console.print(table)
    for label, (_, against) in rows.items():
        what = "gain" if against.log_loss.estimate > 0 else "loss"
        noise = "beyond" if against.log_loss.beyond_noise else "within"
        print(f"Against {label}, that is a {what} {noise} noise.")


def _compare(console: Console, engine: SentimentEngine, test: LabelledTexts) -> dict[str, Any]:
    """Score the combination and every engine in it on the test rows."""
    from rich.table import Table

    from roomtone.stats.calibrating import calibration_scores

    scores = {
        name: calibration_scores(each.predict_proba(test.texts), test.labels)
        for name, each in {**engine.parts(), f"{engine.name} (all)": engine}.items()
    }
    table = Table(title=f"On {len(test.texts):,} test rows", title_justify="left")
    for heading in ("engine", "macro-F1", "NLL", "Brier", "ECE"):
        table.add_column(heading, justify="left" if heading == "engine" else "right")
    for name, found in scores.items():
        values = (found.f1_macro, found.nll, found.brier, found.ece)
        table.add_row(name, *(f"{value:.4f}" for value in values))
    console.print(table)
    return {name: vars(found) for name, found in scores.items()}
