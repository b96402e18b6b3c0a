"""How many requests the site answers in a second, and how fast, on SQLite and on PostgreSQL.

python benchmarks/serve_site.py --clients 1 8 32 --seconds 5

`roomtone site` is started as anyone would, with one process for requests and one for jobs, on this
machine's loopback; PostgreSQL in a temporary folder, writing to the disk as it does in use. The
page is that of an analysed video, its numbers stored; the score API gets 10 texts a request. The
baseline is ``/healthz``, an answer that costs one query and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from corpus import SEED, Source
from load import Request, put_under_load
from rich.table import Table
from terminal import run, wide_console

from roomtone.baselines import QUICK
from roomtone.engines import save_engine
from roomtone.engines.fitting import fit_pipeline
from roomtone.errors import RoomtoneError
from roomtone.files import write_json
from roomtone.labels import SENTIMENT

ROOT = Path(__file__).resolve().parents[1]
ACCOUNT, BASELINE = "benchmark", "healthz"
TEXTS = 10
PATIENCE = 120.0
DATABASES = ("sqlite", "postgresql")
# A server of one's own for as long as it is needed; the tests use it, too.
sys.path.append(str(ROOT / "tests" / "helpers"))


def main() -> None:
    """Put each site under load; print rates and times, and end with 1 where a request failed."""
    args = _parser().parse_args()
    console, found = wide_console(), []
    with tempfile.TemporaryDirectory(prefix="roomtone-bench-") as name:
        model = saved_model(Path(name) / "model")
        for database in args.databases:
            with running_site(database, Path(name) / database, model, args.comments) as (port, on):
                for request in _requests(on):
                    for clients in args.clients:
                        load = put_under_load(port, request, clients, args.seconds)
                        found.append(
                            {"database": database, "what": request.name, "clients": clients}
                            | asdict(load)
                        )
                        console.print(
                            f"{database}, {request.name}, {clients} clients: {load.rate:,.0f}/s, "
                            f"p95 {load.p95:.1f} ms, {load.errors} errors"
                        )
    console.print(_table(found))
    if args.json:
        write_json(args.json, found)
    failed = [row for row in found if row["errors"]]
    if failed:
        raise RoomtoneError(f"{len(failed)} loads had errors, first: {failed[0]['first_error']}")


@contextmanager
def running_site(
    database: str, folder: Path, model: Path, comments: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Run the site on a database of its own; yields its port and what is stored there."""
    folder.mkdir()
    with postgres() if database == "postgresql" else nullcontext("") as url:
        environment = site_environment(folder, url)
        port = _free_port()
        log = (folder / "log").open("w+", encoding="utf-8")
        command = [sys.executable, "-m", "roomtone", "site", "--port", str(port)]
        site = subprocess.Popen(
            [*command, "--model", str(model), "--user", ACCOUNT],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait(site, port, log)
            yield port, _stored(environment, comments)
        finally:
            site.terminate()
            site.wait(60)
            log.close()


def site_environment(folder: Path, url: str) -> dict[str, str]:
    """Set up a site in a folder, on the database with this address, or on SQLite where empty."""
    return {
        **{name: value for name, value in os.environ.items() if "ROOMTONE_SITE" not in name},
        "ROOMTONE_SITE_FOLDER": str(folder),
        "ROOMTONE_SITE_API_REQUESTS": str(10**9),
        "ROOMTONE_SITE_API_TEXTS": str(10**9),
        "DJANGO_SUPERUSER_PASSWORD": "a-mild-evening-7",
        "DJANGO_SETTINGS_MODULE": "roomtone_site.config.settings",
        "DATABASE_URL": url,
    }


def postgres() -> Any:
    """Run a PostgreSQL of one's own, which waits for the disk as in use; gives its address."""
    from own_postgres import running_postgres

    return running_postgres(durable=True)


def _stored(environment: Mapping[str, str], comments: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("site_data.py"), ACCOUNT, str(comments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RoomtoneError(f"nothing could be stored: {done.stderr.strip()[-1000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _requests(on: Mapping[str, Any]) -> list[Request]:
    texts = Source(None).texts(TEXTS, np.random.default_rng(SEED + 1))
    bearer = {"Authorization": f"Bearer {on['token']}", "Content-Type": "application/json"}
    cookie = {"Cookie": f"sessionid={on['session']}"}
    body = json.dumps({"texts": texts}).encode()
    return [
        Request(BASELINE, "GET", "/healthz", {}),
        Request("page of a video", "GET", f"/analyses/{on['analysis']}/", cookie),
        Request(f"score API, {TEXTS} texts", "POST", "/api/score", bearer, body),
    ]


def saved_model(folder: Path) -> Path:
    """Fit a small model to invented texts, and save it there."""
    rng = np.random.default_rng(SEED)
    texts, labels = Source(None).texts(5000, rng), rng.integers(0, 3, 5000)
    engine = fit_pipeline("logreg", texts, labels, SENTIMENT, options=QUICK, seed=SEED)
    return save_engine(engine, folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(site: subprocess.Popen[bytes], port: int, log: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and site.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    log.seek(0)
    raise RoomtoneError(f"the site did not start: {log.read().strip()[-1000:]}")


def _table(found: list[dict[str, Any]]) -> Table:
    table = Table("database", "what", title="The site under load, on loopback")
    for name in ("clients", "requests/s", f"of {BASELINE}", "p50 ms", "p95 ms", "errors"):
        table.add_column(name, justify="right")
    base = {
        (row["database"], row["clients"]): row["rate"] for row in found if row["what"] == BASELINE
    }
    for row in found:
        share = row["rate"] / base[row["database"], row["clients"]]
        table.add_row(
            row["database"],
            row["what"],
            str(row["clients"]),
            f"{row['rate']:,.0f}",
            f"{share:.2f}",
            f"{row['p50']:.1f}",
            f"{row['p95']:.1f}",
            str(row["errors"]),
        )
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=5.0, help="for each load (default: 5)")
    parser.add_argument("--comments", type=int, default=10_000, help="below the video")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    return parser


if __name__ == "__main__":
    run(main)
