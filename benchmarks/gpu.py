"""Training speed on a GPU: roomtone's loop and the usual ones, in float32 and in bfloat16.

python benchmarks/gpu.py
python benchmarks/gpu.py --train_csv train.csv --val_csv val.csv --json gpu.json

An epoch is 8,000 rows, by default invented ones whose words and lengths are spread as those of
comments are. The loops run one after the other, each after an epoch to warm up, so that the
peak of the memory is that of one loop alone.
"""

from __future__ import annotations

import argparse
import gc
import statistics
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from invented import invented_rows
from machine import describe_machine, machine_line, seconds
from ours import OurTraining, with_training
from rich.console import Console
from rich.table import Table
from rows import SEED, Rows, encode, read_rows, vocabulary_of
from usual import usual_loader, usual_loop

from roomtone.config import Config, load_config
from roomtone.data.dataset import SentimentDataset
from roomtone.files import write_json

EPOCH_ROWS = 8000


@dataclass(frozen=True)
class Speed:
    """What one loop reached.

    Attributes
    ----------
    loop : str
        Which one.
    batch_size : int
        Texts in a batch.
    best, median : float
        Texts trained on in a second, validation left out.
    epoch_seconds : float
        Seconds that 8,000 rows take at the median speed.
    peak_mib : float or None
        Peak of the device's memory, MiB; None on a processor.
    """

    loop: str
    batch_size: int
    best: float
    median: float
    epoch_seconds: float
    peak_mib: float | None


def main() -> None:
    """Measure every loop at every size of a batch; print and write what came out."""
    parser = _parser()
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        parser.error(
            f"torch {torch.__version__} sees no CUDA device here; run this where there is one, "
            "or try the script itself with --device cpu --rows 500 --epochs 1"
        )
    device, console = torch.device(args.device), Console(highlight=False, soft_wrap=True)
    machine = describe_machine()
    console.print(machine_line(machine))
    if device.type == "cuda":
        machine["device"] = torch.cuda.get_device_name(device)
        console.print(f"{machine['device']}, CUDA {torch.version.cuda}")
    config = load_config(args.config, sets=args.sets, check_files=False)
    rows = _rows(parser, args)
    vocabulary = vocabulary_of(rows[0], config)
    train, val = (encode(part, vocabulary, config) for part in rows)
    console.print(f"{len(train):,} training rows, {len(train.ids) / len(train):.1f} tokens each")
    speeds = []
    for size in args.batch_sizes:
        for name, make in loops(with_training(config, batch_size=size), train, val, device):
            speeds.append(
                measure(name, size, make, texts=len(train), epochs=args.epochs, device=device)
            )
            console.print(f"  {name}, batches of {size}: {speeds[-1].median:,.0f} samples/s")
    console.print(_table(speeds))
    if args.json:
        write_json(args.json, {"machine": machine, "speeds": [asdict(speed) for speed in speeds]})


Make = Callable[[], Callable[[], float]]


def loops(
    config: Config, train: SentimentDataset, val: SentimentDataset, device: torch.device
) -> Iterator[tuple[str, Make]]:
    """Name every loop, and give what builds it; what that gives runs an epoch and times its steps.

    roomtone's loop is the very one of `roomtone train`, the steps' results being read at the end.
    """

    def ours(precision: str) -> Callable[[], float]:
        run = OurTraining(
            with_training(config, precision=precision), train, val, device=str(device)
        )
        return lambda: run.epoch().training

    def usual(pad_to: int | None) -> Callable[[], float]:
        packed, size = pad_to is None, config.training.batch_size
        batches = usual_loader(train, size, pad_to=pad_to, seed=config.seed)
        loop = usual_loop(
            config, len(train.vocab), packed=packed, seed=config.seed, device=str(device)
        )
        torch.backends.cudnn.benchmark = False  # as torch has it, and ours may have left it on
        return lambda: seconds(lambda: loop.epoch(batches))

    yield "roomtone, fp32", lambda: ours("fp32")
    yield "roomtone, bf16", lambda: ours("bf16")
    yield "usual, packed", lambda: usual(None)
    yield f"usual, padded to {config.data.max_len}", lambda: usual(config.data.max_len)


def measure(
    name: str, size: int, make: Make, *, texts: int, epochs: int, device: torch.device
) -> Speed:
    """Run a loop for an epoch to warm up, then for those that count."""
    on_gpu = device.type == "cuda"
    gc.collect()
    if on_gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
    epoch = make()
    epoch()
    spent = [epoch() for _ in range(epochs)]
    peak = torch.cuda.max_memory_allocated(device) / 2**20 if on_gpu else None
    median = texts / statistics.median(spent)
    return Speed(name, size, texts / min(spent), median, EPOCH_ROWS / median, peak)


def _rows(parser: argparse.ArgumentParser, args: argparse.Namespace) -> tuple[Rows, Rows]:
    if args.train_csv is None:
        return invented_rows(args.rows, SEED), invented_rows(max(1, args.rows // 8), SEED + 1)
    for path in (args.train_csv, args.val_csv):
        if path is None or not path.is_file():
            parser.error(f"{path}: no such file; --train_csv and --val_csv go together")
    return read_rows(args.train_csv, args.rows), read_rows(args.val_csv)


def _table(speeds: list[Speed]) -> Table:
    table = Table("loop", "batch", "best", "median", "8,000 rows", "peak memory")
    for speed in speeds:
        peak = "-" if speed.peak_mib is None else f"{speed.peak_mib:,.0f} MiB"
        rates = f"{speed.best:,.0f}/s", f"{speed.median:,.0f}/s"
        seconds_ = f"{speed.epoch_seconds:.2f} s"
        table.add_row(speed.loop, str(speed.batch_size), *rates, seconds_, peak)
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--config", type=Path, help="settings (default: those of the guide)")
    parser.add_argument("--set", dest="sets", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--train_csv", type=Path, help="rows to train on (default: invented ones)")
    parser.add_argument("--val_csv", type=Path, help="rows to validate on; goes with --train_csv")
    parser.add_argument("--rows", type=int, default=EPOCH_ROWS, help="rows of an epoch")
    parser.add_argument("--epochs", type=int, default=5, help="epochs that count, of each loop")
    parser.add_argument("--batch_sizes", type=int, nargs="+", default=[32, 256])
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    return parser


if __name__ == "__main__":
    main()
