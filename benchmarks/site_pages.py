"""How fast the pages of a video with very many comments are, and what an analysis of it costs.

python benchmarks/site_pages.py --comments 100000 --repeats 15

For SQLite and PostgreSQL, each in a temporary folder: the site is prepared as `roomtone site` does,
comments are stored, an analysis with the usual filters runs in a process of its own, whose peak of
memory is read, and each page is asked for again and again in one process, with all that happens
between a request and its answer but for the network. What a page costs with a tenth of the comments
stands beside it, as does the analysis, to show what grows with them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from rich.table import Table
from serve_site import ACCOUNT, DATABASES, postgres, saved_model, site_environment
from terminal import run, wide_console

from roomtone.errors import RoomtoneError
from roomtone.files import write_json


def main() -> None:
    """Measure on each database; print tables."""
    args = _parser().parse_args()
    console, found = wide_console(), []
    with tempfile.TemporaryDirectory(prefix="roomtone-bench-") as name:
        model = saved_model(Path(name) / "model")
        for database in args.databases:
            folder = Path(name) / database
            folder.mkdir()
            with postgres() if database == "postgresql" else nullcontext("") as url:
                environment = site_environment(folder, url)
                site = ["-m", "roomtone", "site", "--prepare", "--user", ACCOUNT]
                _run([*site, "--model", str(model)], environment)
                for comments in (args.comments // 10, args.comments):
                    for step in ("store", "analyse", "time"):
                        console.print(f"{database}, {comments:,} comments: {step} ...")
                        script = str(Path(__file__).with_name("site_steps.py"))
                        said = _run(
                            [script, step, ACCOUNT, str(comments), str(args.repeats)], environment
                        )
                        found += [
                            {"database": database, "comments": comments, "step": step, **row}
                            for row in json.loads(said.splitlines()[-1])
                        ]
    console.print(_table([row for row in found if row["step"] == "time"], args.comments))
    console.print(_work([row for row in found if row["step"] != "time"]))
    if args.json:
        write_json(args.json, found)


def _run(arguments: list[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RoomtoneError(f"{arguments} failed: {(done.stdout + done.stderr).strip()[-1000:]}")
    return done.stdout


def _table(rows: list[dict[str, Any]], comments: int) -> Table:
    table = Table("database", "page", title=f"Pages of a video with {comments:,} comments")
    for name in ("median ms", "p95 ms", "queries", "median of a tenth"):
        table.add_column(name, justify="right")
    few = {(row["database"], row["name"]): row for row in rows if row["comments"] != comments}
    for row in rows:
        if row["comments"] == comments:
            tenth = few[row["database"], row["name"]]
            queries = f"{row['queries']}" + ("" if row["queries"] == tenth["queries"] else " !")
            table.add_row(
                *(row["database"], row["name"], f"{row['p50']:.0f}", f"{row['p95']:.0f}"),
                *(queries, f"{tenth['p50']:.0f}"),
            )
    return table


def _work(rows: list[dict[str, Any]]) -> Table:
    table = Table("database", "what", title="Storing and analysing")
    for name in ("comments", "seconds", "comments/s", "peak MiB", "MiB before"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            *(row["database"], row["name"], f"{row['comments']:,}", f"{row['seconds']:.1f}"),
            f"{row['comments'] / row['seconds']:,.0f}",
            *(f"{row[key] / 2**20:,.0f}" for key in ("peak", "before")),
        )
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--comments", type=int, default=100_000, help="below the video")
    parser.add_argument("--repeats", type=int, default=15, help="requests for each page")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    return parser


if __name__ == "__main__":
    run(main)
