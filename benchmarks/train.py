"""Training speed and quality of the guide's network, against the usual loops on the same rows.

python benchmarks/train.py --data DIR --json train.json

Texts a second count whole epochs, validation left out. The loops take turns, epoch by epoch.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from contest import Contender, ours, standing, take_turns, usual
from machine import describe_machine, has_bf16, machine_line, matmul_rate
from ours import OurTraining, with_training
from rich.console import Console
from rows import add_data_arguments, encode, find_file, read_rows, vocabulary_of
from shares import StepProfile
from speeds import Speeds, print_speeds, speeds
from terminal import run, wide_console
from work import epoch_work

from roomtone.config import Config, load_config
from roomtone.data.dataset import SentimentDataset
from roomtone.files import write_json

OURS, USUAL = "roomtone", "usual"


def main() -> None:
    """Let the loops take turns; print and write what they reached."""
    parser = _parser()
    args = parser.parse_args()
    files = [find_file(parser, args, split) for split in ("train", "val")]
    torch.set_num_threads(args.threads)
    console = wide_console()
    console.print(machine_line(describe_machine()))
    measured = measure(args, files, console)
    print_speeds(measured, console)
    if args.json:
        write_json(args.json, measured.to_dict())


def measure(args: argparse.Namespace, files: list[Path], console: Console) -> Speeds:
    """Run all loops for all seeds."""
    base = load_config(args.config, sets=args.sets, check_files=False)
    rows, held_out = read_rows(files[0], args.rows), read_rows(files[1])
    vocabulary = vocabulary_of(rows, base)
    train, val = encode(rows, vocabulary, base), encode(held_out, vocabulary, base)
    padded = encode(rows.first(args.padded_rows), vocabulary, base)
    console.print(
        f"{len(train):,} training rows, {len(val):,} validation rows, {len(vocabulary):,} words"
    )
    configs = precisions(base, console)
    rates: dict[str, list[float]] = {name: [] for name in configs}
    entries: dict[str, list[Contender]] = {}

    def tell(contender: Contender) -> None:
        lap = contender.laps[-1]
        console.print(
            f"  {contender.name}, epoch {len(contender.laps)}: {lap.training:.1f} s, "
            f"{contender.texts / lap.training:,.0f} texts/s; validation {lap.validation:.1f} s, "
            f"macro-F1 {lap.val_f1_macro:.4f}"
        )
        # Between epochs, so that the rate is that of the machine's same phases.
        for name, found in rates.items():
            found.append(matmul_rate(_dtype(name)))

    for number, seed in enumerate(args.seeds):
        seeded = {name: c.model_copy(update={"seed": seed}) for name, c in configs.items()}
        plain = seeded["fp32"]
        turn = [ours(f"{OURS}, {name}", c, train, val, args.epochs) for name, c in seeded.items()]
        turn.append(usual(f"{USUAL}, packed", plain, train, val, args.epochs))
        if number == 0 and args.padded_epochs:
            width = base.model.max_len
            name = f"{USUAL}, padded to {width}"
            turn.append(usual(name, plain, padded, val, args.padded_epochs, pad_to=width))
        take_turns(turn, tell)
        for contender in turn:
            entries.setdefault(contender.name, []).append(contender)
    shares = {
        name: profiled(config, train, val, args.profile_steps)
        for name, config in configs.items()
        if args.profile_steps
    }
    return speeds(
        describe_machine(),
        {"train": len(train), "val": len(val), "words": len(vocabulary)},
        [standing(group) for group in entries.values()],
        work=epoch_work(base.model, OurTraining(base, train, val).trainer.train_loader),
        matmul_gflops={name: max(found) for name, found in rates.items()},
        profile=shares,
    )


def precisions(base: Config, console: Console) -> dict[str, Config]:
    """Give the configuration in each precision that the processor multiplies in."""
    if has_bf16():
        return {name: with_training(base, precision=name) for name in ("fp32", "bf16")}
    console.print("This processor has neither AVX512-BF16 nor AMX: bf16 is left out")
    return {"fp32": with_training(base, precision="fp32")}


def profiled(
    config: Config, train: SentimentDataset, val: SentimentDataset, steps: int
) -> dict[str, float]:
    """Look where the time of some steps goes, in an epoch that nothing else is taken from."""
    batches = len(train) // config.training.batch_size
    watch = StepProfile(skip=max(1, min(20, batches // 4)), steps=min(steps, batches // 2))
    OurTraining(config, train, val, [watch]).epoch()
    return watch.shares


def _dtype(precision: str) -> torch.dtype:
    return torch.bfloat16 if precision == "bf16" else torch.float32


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_data_arguments(parser, "train", "val")
    parser.add_argument("--rows", type=int, default=8000, help="training rows, drawn at random")
    parser.add_argument("--epochs", type=int, default=3, help="of ours and of the packed loop")
    parser.add_argument("--padded_rows", type=int, default=8000, help="rows of the padded loop")
    parser.add_argument("--padded_epochs", type=int, default=1, help="its epochs; 0 leaves it out")
    parser.add_argument("--seeds", type=int, nargs="+", default=[42], help="one training for each")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--profile_steps", type=int, default=40, help="0 leaves the profile out")
    parser.add_argument("--config", type=Path, help="in place of the guide's configuration")
    parser.add_argument("--set", dest="sets", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything here")
    return parser


if __name__ == "__main__":
    run(main)
