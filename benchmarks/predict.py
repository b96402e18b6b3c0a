"""Speed of scoring texts: the hybrids in every way there is, the usual serving, the baselines.

python benchmarks/predict.py --data DIR --vectors embeddings/glove.100d.txt --json predict.json

Everything scores the same texts in one run and takes turns; tokenising is included. The hybrids
are trained for an epoch first, since their speed does not depend on how well they have learnt.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

# Before the tokenisers start: they use one core, as the baselines do.
os.environ["RAYON_NUM_THREADS"] = "1"

import torch
from candidates import Splits
from hybrids import hybrid, run_config
from machine import describe_machine, has_bf16, machine_line
from paces import Pace, take_turns
from portions import Portions, portions
from rich.console import Console
from rich.table import Table
from rows import Rows, add_data_arguments, find_file, read_rows
from servings import BATCHES, ONE, USUAL, Serving, baseline_servings, hybrid_servings
from terminal import run, wide_console
from vectors import width_of

from roomtone.config import load_config
from roomtone.errors import MissingExtraError
from roomtone.files import write_json

GUIDE, FAST = Path("backend/research/config/hybrid_dl_config.yaml"), Path("configs/fast.yaml")
SVM = "Linear SVM, words and characters"
TIMES_USUAL, FAST_RATE, SINGLE_MS = 40, 8000, 3


def main() -> None:
    """Train what is to be compared, let it take turns, print and write what it reached."""
    parser = _parser()
    args = parser.parse_args()
    files = {split: find_file(parser, args, split) for split in ("train", "val")}
    torch.set_num_threads(args.threads)
    console = wide_console()
    console.print(machine_line(describe_machine()))
    texts = read_rows(args.score_csv or files["val"], args.texts).texts
    runs = {path.stem: _trained(path, files, args) for path in args.configs}
    servings, left_out = _servings(args, runs, files, console)
    console.print(f"{len(texts):,} texts; {len(servings)} ways to score them:")
    paces = take_turns(servings, texts, rounds=args.rounds, seconds=args.seconds, say=console.print)
    found = {
        (name, precision): part
        for name, folder in runs.items()
        for precision in (("fp32", "bf16") if has_bf16() else ("fp32",))
        if (part := portions(folder, precision, texts)) is not None
    }
    ratios = ratios_of(paces)
    print_paces(paces, console)
    print_ratios(paces, ratios, console)
    print_portions(found, console)
    if args.json:
        results = {
            "machine": describe_machine(),
            "texts": len(texts),
            "left_out": left_out,
            "paces": [pace.to_dict() for pace in paces],
            "ratios": ratios,
            "portions": {f"{name}, {p}": part.to_dict() for (name, p), part in found.items()},
        }
        write_json(args.json, results)


def ratios_of(paces: list[Pace]) -> list[dict[str, Any]]:
    """Compare each hybrid's ways with its own usual serving, and with each baseline."""
    own = {pace.model for pace in paces if pace.way == USUAL}
    usual = {m: [p for p in paces if p.model == m and p.way == USUAL] for m in own}
    others = [pace for pace in paces if pace.model not in own]
    found = []
    for pace in paces:
        if pace.model not in own or pace.way == USUAL:
            continue
        fastest = max(usual[pace.model], key=lambda p: p.median)
        found += [
            {
                "ours": f"{pace.model}, {pace.way}",
                "threads": pace.threads,
                "other": other.way if other is fastest else other.model,
                "best": pace.best / other.best,
                "median": pace.median / other.median,
            }
            for other in (fastest, *others)
        ]
    return found


def print_paces(paces: list[Pace], console: Console) -> None:
    """Print what each way reached."""
    table = Table(title="Texts a second, tokenising included, and milliseconds of a single text")
    for heading in ("model", "way", "threads", "texts", "best", "median", "ms median", "ms p95"):
        table.add_column(heading, justify="left" if heading in ("model", "way") else "right")
    for p in paces:
        single = p.milliseconds
        latency = ("", "") if single is None else (f"{single[k]:.2f}" for k in ("median", "p95"))
        rates = (f"{p.texts:,}", f"{p.best:,.0f}", f"{p.median:,.0f}")
        table.add_row(p.model, p.way, str(p.threads), *rates, *latency)
    console.print(table)


def print_ratios(paces: list[Pace], ratios: list[dict[str, Any]], console: Console) -> None:
    """Print how many times as fast the batches are, and what is asked of them."""
    others = list(dict.fromkeys(ratio["other"] for ratio in ratios))
    rows = {(r["ours"], r["threads"]): {} for r in ratios if BATCHES in r["ours"]}
    for r in ratios:
        if BATCHES in r["ours"]:
            cell = f"{r['median']:.2f} ({r['best']:.2f})"
            rows[r["ours"], r["threads"]][r["other"]] = cell
    table = Table(title="Times as fast as the column's, by the median round (by the best)")
    table.add_column("in batches")
    for heading in ("threads", *others):
        table.add_column(heading, justify="right")
    for (ours, threads), cells in rows.items():
        table.add_row(ours.replace(f"{BATCHES}, ", ""), str(threads), *map(cells.get, others))
    console.print(table)
    wanted = {GUIDE.stem: (USUAL, TIMES_USUAL), FAST.stem: (SVM, 1)}
    for name, (other, floor) in wanted.items():
        of = f"{name}, {BATCHES}"
        reached = [r["median"] for r in ratios if r["ours"].startswith(of) and r["other"] == other]
        if reached:
            console.print(f"{name}: {max(reached):.1f} times {other}; asked for: {floor}")
    rates = [p.median for p in paces if p.model == FAST.stem and p.way.startswith(BATCHES)]
    if rates:
        console.print(f"{FAST.stem}: {max(rates):,.0f} texts/s; asked for: {FAST_RATE:,}")
    for p in paces:
        if p.way.startswith(ONE) and p.milliseconds:
            median = p.milliseconds["median"]
            console.print(f"{p.model}, {p.way}: {median:.2f} ms; asked for: below {SINGLE_MS}")


def print_portions(found: dict[tuple[str, str], Portions], console: Console) -> None:
    """Print where the time goes."""
    if not found:
        return
    table = Table(title="Where the time of a batch goes, one thread")
    headings = ("model", "tokenising", "network", "rest", "GFLOP/s", "of a large product's")
    for heading in (*headings, "products' share of the network", "distinct words"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for (name, precision), p in found.items():
        shares = (f"{share:.0%}" for share in (p.tokenising, p.network, p.rest))
        rates = (f"{p.gflops:,.0f}", f"{p.peak_gflops:,.0f}", f"{p.products:.0%}")
        table.add_row(f"{name}, {precision}", *shares, *rates, f"{p.distinct:.0%}")
    console.print(table)


def _servings(
    args: argparse.Namespace, runs: dict[str, Path], files: dict[str, Path], console: Console
) -> tuple[list[Serving], list[str]]:
    found: list[Serving] = []
    left_out: list[str] = []

    def say(line: str) -> None:
        if "Left out" in line:
            left_out.append(line.strip())
        console.print(line)

    for name, folder in runs.items():
        say(f"  {name}")
        try:
            for serving in hybrid_servings(name, folder, args.threads):
                found.append(serving)  # noqa: PERF402 - what came before an error stays
        except MissingExtraError as error:
            say(f"  Left out: {error}")
    train, val = read_rows(files["train"], args.rows), read_rows(files["val"])
    rows = Splits(train, val, Rows([], []))
    return found + baseline_servings(rows, seed=args.seed, say=say), left_out


def _trained(path: Path, files: dict[str, Path], args: argparse.Namespace) -> Path:
    """Train a configuration for a moment, or take the run that is there."""
    width = load_config(path, check_files=False).model.embedding_dim
    vectors = None
    if args.vectors is not None and width_of(args.vectors) == width:
        vectors = (args.vectors, width)
    sets = [f"training.max_epochs={args.epochs}", *args.sets]
    files = {**files, "test": files["val"]}  # in place of the configuration's own
    config = run_config(path, files, args.work, vectors, seed=args.seed, sets=sets)
    hybrid(config, fresh=args.fresh, quiet=True)
    return config.output_dir / str(config.experiment_name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_data_arguments(parser, "train", "val")
    parser.add_argument("--score_csv", type=Path, help="texts to score (default: validation rows)")
    parser.add_argument("--texts", type=int, help="so many of them, drawn at random")
    parser.add_argument("--rows", type=int, help="training rows of the baselines (default: all)")
    parser.add_argument("--configs", type=Path, nargs="*", default=[GUIDE, FAST], help="YAML files")
    parser.add_argument("--vectors", type=Path, help="word vectors, for those of their width")
    parser.add_argument("--epochs", type=int, default=1, help="of the hybrids' training")
    parser.add_argument("--work", type=Path, default=Path("output/predict"), help="where to train")
    parser.add_argument("--fresh", action="store_true", help="train anew what is there already")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each way")
    parser.add_argument("--seconds", type=float, default=1.5, help="the most a turn takes, about")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--set", dest="sets", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything here")
    return parser


if __name__ == "__main__":
    run(main)
