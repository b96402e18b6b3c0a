"""`roomtone export`: a finished run as an engine of its own, with torch or without."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.cli.parser import UsageError

if TYPE_CHECKING:
    from roomtone.data.tables import LabelledTexts
    from roomtone.engines import SentimentEngine
    from roomtone.engines.hybrid import HybridDLSentimentEngine
    from roomtone.engines.onnx import OnnxEngine
    from roomtone.export import Trained

SUMMARY = "save a finished run as an engine; with --onnx as one that needs no torch"
INVENTED = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "run",
        type=Path,
        metavar="RUN",
        help="the run's folder, its final_model.pt, or a saved hybrid engine",
    )
    parser.add_argument(
        "--onnx", action="store_true", help="as an ONNX model, for onnxruntime and without torch"
    )
    parser.add_argument(
        "--int8",
        action="store_true",
        help="with --onnx: in whole numbers of 8 bits, a quarter of the size and faster",
    )
    parser.add_argument(
        "--output_dir",
        metavar="DIR",
        type=Path,
        help="folder of the engine, which is called as it is; a saved engine there is replaced "
        "(default: models/onnx or models/hybrid_dl)",
    )
    for split, use in (("val", "calibrate on"), ("test", "judge it on")):
        parser.add_argument(
            f"--{split}_csv",
            metavar="PATH",
            type=Path,
            help=f"labelled rows to {use} (default: those of the run)",
        )
    for name in ("text", "label"):
        parser.add_argument(
            f"--{name}_column",
            metavar="NAME",
            help=f"column of the {name}s (default: that of the run)",
        )


def run(args: argparse.Namespace) -> int:
    """Build the engine, compare it with the network, calibrate it, save it.

    Raises
    ------
    RoomtoneError
        If the run cannot be used, or the engine does not give what the network gives; then
        nothing is saved.
    """
    from roomtone.errors import require

    if args.int8 and not args.onnx:
        raise UsageError("--int8 is a kind of ONNX model; add --onnx")
    require("torch", extra="train", purpose="Exporting")
    from roomtone.cli.labelled import refuse_seen_rows
    from roomtone.engines.hybrid import HybridDLSentimentEngine
    from roomtone.engines.saving import check_target, save_engine
    from roomtone.export.labelled import LabelledFiles

    target = args.output_dir or Path("models") / ("onnx" if args.onnx else "hybrid_dl")
    check_target(target)
    source = HybridDLSentimentEngine(args.run, device="cpu")
    columns = {key: getattr(args, key) for key in ("text_column", "label_column")}
    files = LabelledFiles(args.run, source.class_names, **columns)
    splits: dict[str, LabelledTexts] = {}
    for flag, split in (("val", "validation"), ("test", "test")):
        rows = files.read(flag, getattr(args, f"{flag}_csv"))
        if rows is not None:
            refuse_seen_rows(rows, f"--{flag}_csv", [source])
            splits[split] = rows
    engine = _exported(source, splits, args) if args.onnx else source
    engine.name = target.resolve().name
    _calibrate(engine, splits)
    save_engine(engine, target)
    print(f"✅ Saved to: {target}")
    print(f'   roomtone predict {target} "What a lovely song!"')
    return 0


def _exported(
    source: HybridDLSentimentEngine, splits: dict[str, LabelledTexts], args: argparse.Namespace
) -> OnnxEngine:
    from roomtone.errors import require

    require("onnx", extra="export", purpose="Exporting to ONNX")
    from roomtone.engines.onnx import OnnxEngine
    from roomtone.export import Trained, build_model

    model = source.model
    trained = Trained(model.network, model.config, model.vocabulary)
    engine = OnnxEngine(
        source.name,
        source.class_names,
        model=build_model(trained.weights(), int8=args.int8).SerializeToString(),
        vocabulary=model.vocabulary,
        max_len=model.config.max_len,
        precision="int8" if args.int8 else "fp32",
        prior=source.prior,
        calibration=source.calibration,
        validation=source.validation,
        record={key: value for key, value in source.record.items() if key != "metrics"},
    )
    size = sum(map(len, engine.files().values()))
    print(f"✅ ONNX model of {args.run}: {engine.precision}, {size / 2**20:.1f} MiB with its words")
    engine.record["export"] = _judge(engine, trained, splits.get("test", splits.get("validation")))
    return engine


def _judge(engine: OnnxEngine, trained: Trained, rows: LabelledTexts | None) -> dict[str, Any]:
    """Compare the model with the network, and print and return what comes of it."""
    from dataclasses import asdict

    from roomtone.export import compare, invented_texts, quality

    texts = [*(rows.texts if rows else []), *invented_texts(trained.vocabulary, INVENTED)]
    expected, found = trained.logits(texts), engine.raw(texts).log_probs
    parity = compare(expected, found)
    if engine.precision == "fp32":
        parity.check()
    print(
        f"   Against torch, over {parity.texts:,} texts: largest difference of a logit "
        f"{parity.largest:.2g}, another label for {parity.other_label:,}"
    )
    record: dict[str, Any] = {"precision": engine.precision, "parity": asdict(parity)}
    if rows is None:
        print("⚠️  No labelled rows were found to judge it on; name some with --test_csv")
        return record
    scores = quality(rows.labels, expected[: len(rows.texts)], found[: len(rows.texts)])
    print(
        f"   Macro-F1 on the {scores.rows:,} rows of {rows.path}: torch {100 * scores.before:.2f}, "
        f"ONNX {100 * scores.after:.2f} ({100 * (scores.after - scores.before):+.2f} points)"
    )
    if engine.precision == "int8":
        scores.check()
    return {**record, "f1_macro": asdict(scores)}


def _calibrate(engine: SentimentEngine, splits: dict[str, LabelledTexts]) -> None:
    """Calibrate on the validation rows, and measure on all rows that there are."""
    from roomtone.engines.calibrating import calibrate_engine
    from roomtone.engines.measuring import measure

    rows = splits.get("validation")
    if rows is not None:
        # A temperature, which changes no label: an export says what the network says.
        report = calibrate_engine(engine, rows.texts, rows.labels, method="temperature")
        engine.record["calibration"] = {
            "data": {"val": rows.facts(engine.class_names)},
            "report": report.to_dict(),
        }
        before, after = report.validation_before, report.validation_after
        print(
            f"✅ Calibrated on {after.n:,} validation rows ({report.calibration.kind}): "
            f"calibration error {before.ece:.3f} → {after.ece:.3f}"
        )
    elif engine.validation is None:
        print("⚠️  Not calibrated: no validation rows were found; name some with --val_csv")
    for split, labelled in splits.items():
        metrics = engine.record.setdefault("metrics", {})
        metrics[split] = measure(engine, labelled.texts, labelled.labels)
