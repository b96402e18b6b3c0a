"""`roomtone export`: a finished run as an engine that needs no torch."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roomtone.cli.parser import UsageError

if TYPE_CHECKING:
    from roomtone.data.tables import LabelledTexts
    from roomtone.engines.onnx import OnnxEngine
    from roomtone.export import TrainedRun

SUMMARY = "save a finished run as an engine for onnxruntime, which needs no torch"
INVENTED = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this verb."""
    parser.add_argument(
        "run", type=Path, metavar="RUN", help="the run's folder, or its final_model.pt"
    )
    parser.add_argument("--onnx", action="store_true", help="export to ONNX")
    parser.add_argument(
        "--int8", action="store_true", help="compute with whole numbers of 8 bits: smaller, faster"
    )
    parser.add_argument(
        "--output_dir",
        metavar="PATH",
        type=Path,
        default=Path("models/onnx"),
        help="folder of the engine, whose name becomes the engine's (default: models/onnx)",
    )
    for split, use in (("val", "calibrate on"), ("test", "judge the model on")):
        parser.add_argument(
            f"--{split}_csv",
            metavar="PATH",
            type=Path,
            help=f"labelled rows to {use} (default: those of the run)",
        )


def run(args: argparse.Namespace) -> int:
    """Build the model, compare it with the network, calibrate it, save it.

    Raises
    ------
    RoomtoneError
        If the run cannot be used, or the model does not give what the network gives; then
        nothing is saved.
    """
    from roomtone.errors import require

    if not args.onnx:
        raise UsageError("expected --onnx, the one format that there is (see: export --help)")
    for module, extra in (("torch", "train"), ("onnx", "export"), ("onnxruntime", "export")):
        require(module, extra=extra, purpose="Exporting")
    from roomtone.engines.onnx import OnnxEngine
    from roomtone.engines.saving import check_target, save_engine
    from roomtone.export import LabelledFiles, TrainedRun, build_model

    check_target(args.output_dir)
    source = TrainedRun.load(args.run)
    files = LabelledFiles(args.run, source.class_names)
    val = files.read(args.val_csv, files.config.val_csv)
    test = files.read(args.test_csv, files.config.test_csv)
    engine = OnnxEngine(
        args.output_dir.name,
        source.class_names,
        model=build_model(source.weights(), int8=args.int8).SerializeToString(),
        vocabulary=source.vocabulary,
        max_len=source.config.max_len,
        precision="int8" if args.int8 else "fp32",
        prior=_prior(args.run, len(source.class_names)),
    )
    size = sum(map(len, engine.files().values()))
    print(f"✅ ONNX model of {args.run}: {engine.precision}, {size / 2**20:.1f} MiB with its words")
    engine.record.update(_judge(engine, source, test or val))
    _calibrate(engine, val)
    save_engine(engine, args.output_dir)
    print(f"✅ Saved to: {args.output_dir}")
    return 0


def _judge(engine: OnnxEngine, source: TrainedRun, rows: LabelledTexts | None) -> dict[str, Any]:
    """Compare the model with the network, and print and return what comes of it."""
    from roomtone.export import compare, invented_texts, quality

    texts = [*(rows.texts if rows else []), *invented_texts(source.vocabulary, INVENTED)]
    expected, found = source.logits(texts), engine.raw(texts).log_probs
    parity = compare(expected, found)
    if engine.precision == "fp32":
        parity.check()
    print(
        f"   Against torch, over {parity.texts:,} texts: largest difference of a logit "
        f"{parity.largest:.2g}, another label for {parity.other_label:,}"
    )
    if rows is None:
        print("⚠️  No labelled rows were found to judge it on; name some with --test_csv")
        return {"data": {}, "metrics": {}}
    scores = quality(rows.labels, expected[: len(rows.texts)], found[: len(rows.texts)])
    print(
        f"   Macro-F1 on the {scores.rows:,} rows of {rows.path}: torch {100 * scores.before:.2f}, "
        f"ONNX {100 * scores.after:.2f} ({100 * (scores.after - scores.before):+.2f} points)"
    )
    if engine.precision == "int8":
        scores.check()
    return {
        "data": {name: {"sha256": digest} for name, digest in source.data.items()},
        "metrics": {},
    }


def _calibrate(engine: OnnxEngine, val: LabelledTexts | None) -> None:
    from roomtone.engines.calibrating import calibrate_engine

    if val is None:
        print("⚠️  Not calibrated: the run's validation rows are gone; name some with --val_csv")
        return
    report = calibrate_engine(engine, val.texts, val.labels)
    before, after = report.validation_before, report.validation_after
    print(
        f"✅ Calibrated on {after.n:,} validation rows ({report.calibration.kind}): "
        f"ECE {before.ece:.3f} → {after.ece:.3f}"
    )


def _prior(run: Path, classes: int) -> list[float] | None:
    """Read the share of each class in the training rows; None where the run does not say."""
    from roomtone.training.run_folder import RunFolder

    report = RunFolder(run if run.is_dir() else run.parent).data_report
    try:
        counts = json.loads(report.read_bytes())["splits"]["train"]["label_counts"]
        shares = [int(counts[str(code)]) for code in range(classes)]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return [share / sum(shares) for share in shares] if sum(shares) else None
