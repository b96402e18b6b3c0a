"""Processes that are killed again and again leave, in the end, what one left in peace leaves."""

import contextlib
import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals and fork"),
]
ROOT = Path(__file__).parents[2]
ROWS, CHUNK = 1200, 40
KILLS = 25
# Imports are most of a short life, so they are made once: each life is a fork of a process that
# has imported everything and done nothing yet. Bytes are written a few at a time, so that many a
# kill falls into the middle of a write.
MANY_LIVES = """
import json, os, sys, time
import numpy as np
import pyarrow.parquet
import roomtone.cli.models, roomtone.cli.score, roomtone.cli.score_progress
import roomtone.engines.output, roomtone.engines.partial, roomtone.engines.stream
from roomtone.cli.main import main
from roomtone.engines import RawScores, SentimentEngine, registry

class Slow(SentimentEngine):
    held_until = None

    def __init__(self):
        super().__init__("slow", ("negative", "neutral", "positive"))
        self.batches = 0

    def raw(self, texts):
        time.sleep(0.004)
        self.batches += 1
        if self.batches == 7 and self.held_until:
            print("held", flush=True)
            while not os.path.exists(self.held_until):
                time.sleep(0.01)
        scores = [[len(text) % 7, text.count("e"), text.count("a")] for text in texts]
        return RawScores(np.array(scores, dtype=float), np.array(["?" not in t for t in texts]))

sys.modules["slow"] = sys.modules["__main__"]
registry.BUILDERS["slow"] = "slow:Slow"
roomtone.engines.partial.SECONDS_BETWEEN_STATES = 0
write = os.write
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        roomtone.engines.output.os.write = lambda handle, data: write(handle, data[:997])
        Slow.held_until, *arguments = json.loads(line)
        code = main(["score", "slow", *arguments])
        os._exit(code)
    print("began", child, flush=True)
    print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def lives():
    process = subprocess.Popen(
        [sys.executable, "-c", MANY_LIVES],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.stdin.close()
    process.wait()


def begin(lives, source, target, held_until=""):
    flags = ["--chunk_rows", str(CHUNK), "--batch_size", "32", "--quiet"]
    lives.stdin.write(json.dumps([str(held_until), str(source), str(target), *flags]) + "\n")
    lives.stdin.flush()
    return int(lives.stdout.readline().split()[1])


def end(lives):
    return int(lives.stdout.readline().split()[1])


def rows_in(state):
    return json.loads(state.read_bytes())["tally"]["rows"] if state.exists() else 0


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("killed")
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    rng = random.Random(5)
    texts = [
        rng.choice(["", "two\nlines ", 'say "no" ', "a?", "é "]) * rng.randrange(9)
        for _ in range(ROWS)
    ]
    rows = list(enumerate(texts))
    with (folder / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *rows])
    with (folder / "in.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"id": n, "text": text or None}) + "\n" for n, text in rows)
    table = pa.table({"id": list(range(ROWS)), "text": texts})
    pq.write_table(table, folder / "in.parquet", row_group_size=300)
    return folder


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.jsonl", "out.parquet"])
def test_kills_at_random_moments_lose_and_double_no_row(lives, sources, tmp_path, name):
    source = sources / name.removesuffix(".gz").replace("out", "in")
    began = time.monotonic()
    begin(lives, source, sources / name)
    assert end(lives) == 0
    seconds = time.monotonic() - began
    whole = (sources / name).read_bytes()

    rng = random.Random(name)
    target, state = tmp_path / name, tmp_path / f".{name}.state.json"
    kills, rows_at_kills, codes = 0, set(), []
    # Until there were kills enough, in chunks enough, and what they left is finished.
    while kills < KILLS or len(rows_at_kills) < 4 or not target.exists() or state.exists():
        if target.exists() and not state.exists():  # begin again
            assert target.read_bytes() == whole
            target.unlink()
        child = begin(lives, source, target)
        time.sleep(rng.uniform(0, seconds * rng.choice([0.3, 1])))
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        codes.append(end(lives))
        kills += codes[-1] != 0
        if state.exists():
            rows_at_kills.add(rows_in(state))
        seconds *= 1.1 if codes[-1] else 0.9  # however fast the machine has become meanwhile
    assert target.read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert set(codes) <= {0, -signal.SIGKILL}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_request_to_stop_is_heard_and_what_was_done_is_gone_on_with(
    lives, sources, tmp_path, number
):
    begin(lives, sources / "in.csv", tmp_path / "whole.csv")
    assert end(lives) == 0
    target, state = tmp_path / "out.csv", tmp_path / ".out.csv.state.json"
    signalled = tmp_path / "signalled"
    child = begin(lives, sources / "in.csv", target, signalled)
    assert lives.stdout.readline() == "held\n"
    os.kill(child, number)
    signalled.touch()
    assert end(lives) == 130
    assert not target.exists()
    assert 0 < rows_in(state) < ROWS
    begin(lives, sources / "in.csv", target)
    assert end(lives) == 0
    assert target.read_bytes() == (tmp_path / "whole.csv").read_bytes()
