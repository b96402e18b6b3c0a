"""How fast files are scored, and in how much memory, by their format and size.

python benchmarks/score.py --rows 1000000 --model none models/logreg

Each measurement is a process of its own. The engine ``none`` does nothing, so that what reading
and writing takes is seen; its share is given for the others.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from corpus import Source, write_corpus
from rich.table import Table
from scored import NONE
from terminal import run, wide_console

from roomtone.data.streams import Added, ChunkSize, Format, Layout, open_stream, open_writer
from roomtone.errors import RoomtoneError
from roomtone.files import write_atomically, write_json

ROWS = 1_000_000
LIMIT = 2**30  # bytes that a process may hold
FORMATS = ("csv", "jsonl", "parquet")
MEASURE = Path(__file__).with_name("scored.py")


def main() -> None:
    """Measure each format with each model; print rows a second and memory."""
    args = _parser().parse_args()
    console = wide_console()
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rows in sorted({max(args.rows // 10, 1), args.rows}):
            write_corpus(folder / "in.csv", rows, Source(args.csv))
            for form in args.formats:
                convert(folder / "in.csv", folder / f"in.{form}")
                for model in args.model:
                    found.append(measured(folder, form, model, args.batch_size))
                    console.print(f"{model}, {form}, {rows:,} rows: {found[-1]['seconds']:.1f} s")
    console.print(table_of(found))
    peak = max(entry["peak"] for entry in found)
    judged = "below" if peak < LIMIT else "NOT below"
    console.print(f"The most memory held is {peak / 2**20:,.0f} MiB: {judged} 1 GiB")
    if args.json:
        write_json(args.json, found)


def convert(source: Path, target: Path) -> None:
    """Write the rows of a CSV file in another format."""
    if target == source:
        return
    added = (Added("place", "number"),)
    stream = open_stream(str(source), Format("csv"), Layout(), added, fixed=True).stream
    writer = open_writer(Format(target.suffix[1:]), stream, added)
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        for chunk in stream.chunks(ChunkSize()):
            file.write(writer.encode(chunk, [chunk.places]))
    assemble = writer.assembler(part)
    if assemble is None:
        part.replace(target)
    else:
        write_atomically(target, assemble)
        part.unlink()


def measured(folder: Path, form: str, model: str, batch_size: int) -> dict[str, Any]:
    """Score a file in a process of its own."""
    output = folder / f"out.{form}"
    command = [sys.executable, str(MEASURE), model, str(folder / f"in.{form}"), str(output)]
    command += ["--batch_size", str(batch_size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RoomtoneError(f"the process that scored with {model} ended with {done.returncode}")
    output.unlink()
    return {"model": model, "format": form, **json.loads(done.stdout)}


def table_of(found: list[dict[str, Any]]) -> Table:
    """Set out speed and memory."""
    alone = {(e["format"], e["rows"]): e["seconds"] for e in found if e["model"] == NONE}
    shown = Table(title="Scoring files")
    for heading in ("model", "format", "rows", "rows/s", "reading and writing", "peak, MiB"):
        shown.add_column(heading, justify="left" if heading in ("model", "format") else "right")
    for entry in found:
        overhead = alone.get((entry["format"], entry["rows"]))
        shown.add_row(
            entry["model"],
            entry["format"],
            f"{entry['rows']:,}",
            f"{entry['rows'] / entry['seconds']:,.0f}",
            "" if overhead is None else f"{100 * overhead / entry['seconds']:.0f} %",
            f"{entry['peak'] / 2**20:,.0f}",
        )
    return shown


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="rows; a tenth is measured as well")
    parser.add_argument("--model", nargs="+", default=[NONE], help="saved engines, or none")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--batch_size", type=int, default=4096, help="texts at a time")
    parser.add_argument("--csv", type=Path, help="texts to resample (default: Zipf's law)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write everything here")
    return parser


if __name__ == "__main__":
    run(main)
