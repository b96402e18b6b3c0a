"""How many planted faults `roomtone audit` finds, and how long it takes for many rows.

python benchmarks/planted.py

Without files of your own it takes the corpus of `roomtone demo`. Into it go faults of each kind;
what the audit finds is compared with them, and with what it finds in the files as they were.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from corpus import Source, write_corpus
from planting import Planted, Planter
from rich.table import Table
from rows import add_data_arguments
from terminal import wide_console

from roomtone.data.audit.kinds import KINDS
from roomtone.data.audit.result import Audit, Place
from roomtone.data.corpora import build_vader_corpus
from roomtone.data.tables import read_labelled
from roomtone.experiments.audit import run_audit
from roomtone.files import write_json
from roomtone.labels import SENTIMENT, LabelScheme

SPLITS = ("train", "val", "test")
SHARES = (0.8, 0.1, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_data_arguments(parser, *SPLITS)
    parser.add_argument("--each", type=int, default=100, metavar="N", help="faults of each kind")
    parser.add_argument(
        "--rows", type=int, default=100_000, metavar="N", help="rows for the timing (0: none)"
    )
    parser.add_argument("--seed", type=int, default=42, metavar="N")
    parser.add_argument(
        "--work", type=Path, default=Path("runs/planted"), metavar="DIR", help="folder for files"
    )
    args = parser.parse_args()
    files = [path for split in SPLITS if (path := getattr(args, f"{split}_csv"))]
    if files and len(files) < len(SPLITS):
        parser.error("name all three files, or none")
    if not files:
        build_vader_corpus(args.work / "corpus")
        files = [args.work / "corpus" / f"{split}.csv" for split in SPLITS]
    clean = Planted([_rows(path) for path in files])
    planted = Planter(clean.tables, args.each, args.seed).plant()
    before = run_audit(clean.write(args.work / "clean"))
    after = run_audit(planted.write(args.work / "planted"))
    found = [measure(kind, planted, before, after) for kind in KINDS if planted.places.get(kind)]
    results: dict[str, Any] = {"each": args.each, "seed": args.seed, "kinds": found}
    console = wide_console()
    console.print(_table(found))
    if args.rows:
        results["timing"] = timing(args.rows, files[0], args.work / "many")
        console.print(", ".join(f"{name} {value}" for name, value in results["timing"].items()))
    write_json(args.work / "planted.json", results)


def measure(kind: str, planted: Planted, before: Audit, after: Audit) -> dict[str, Any]:
    """Compare the rows that are named for a kind with those that were planted.

    Rows that were named before anything was planted are no part of the precision.
    """
    wanted = planted.places[kind]
    known = _named(kind, before)
    named = _named(kind, after) - planted.other[kind] - (known - wanted)
    hits = len(named & wanted)
    return {
        "kind": kind,
        "planted": len(wanted),
        "found": hits,
        "others": len(named) - hits,
        "before": len(known),
        "precision": hits / max(len(named), 1),
        "recall": hits / len(wanted),
    }


def timing(rows: int, source: Path, folder: Path) -> dict[str, Any]:
    """Audit many rows in a process of its own, with and without the search for label errors."""
    folder.mkdir(parents=True, exist_ok=True)
    words = Source(source)
    files = [folder / f"{split}.csv" for split in SPLITS]
    for path, share in zip(files, SHARES, strict=True):
        write_corpus(path, round(share * rows), words)
    found: dict[str, Any] = {"rows": rows}
    for name, flags in (("all", []), ("without_labels", ["--no_labels_check"])):
        command = [sys.executable, "-m", "roomtone", "audit", *map(str, files)]
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--output_dir", str(folder / name), *flags], stdout=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"the audit of {rows:,} rows failed")
        found[f"{name}_seconds"] = round(time.perf_counter() - began, 1)
        found[f"{name}_megabytes"] = round(usage.ru_maxrss / 1024)
    return found


def _rows(path: Path) -> list[tuple[str, str]]:
    table = read_labelled(path, labels=LabelScheme())
    return [(text, SENTIMENT[code]) for text, code in zip(table.texts, table.labels, strict=True)]


def _named(kind: str, audit: Audit) -> set[Place]:
    return {finding.place for finding in audit.findings if finding.kind == kind}


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table(title="Planted faults")
    for name in ("kind", "planted", "found", "others", "before", "precision", "recall"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for row in found:
        cells = [
            f"{value:.1%}" if isinstance(value, float) else str(value) for value in row.values()
        ]
        table.add_row(*cells)
    return table


if __name__ == "__main__":
    main()
