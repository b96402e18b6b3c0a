"""Every command and fragment of `docs/service.md`, in their order, in one folder."""

from __future__ import annotations

import csv
import os
import random
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "service.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
WORDS = {"positive": "lovely good", "neutral": "usual so-so", "negative": "awful bad"}
ASK = """
import threading, urllib.error, urllib.request
threading.Thread(target=server.serve_forever, daemon=True).start()
def ask(body):
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        return json.load(urllib.request.urlopen(address, data=body, timeout=60))
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["error"]
answer = ask(json.dumps({"texts": ["so good", ""]}).encode())
assert [r["known"] for r in answer["results"]] == [True, False], answer
assert ask(b"{") [0] == 400 and ask(b" " * (LARGEST + 1))[0] == 413
server.shutdown()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder with data, in which all commands of the page have been run."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "data").mkdir()
    source = random.Random(1)
    for split, rows in (("train", 240), ("val", 120), ("test", 60)):
        with (folder / "data" / f"{split}.csv").open("w", newline="", encoding="utf-8") as stream:
            table = csv.writer(stream)
            table.writerow(["text", "label"])
            for row in range(rows):
                label = source.choice(list(WORDS))
                word = source.choice(WORDS[label].split())
                table.writerow([f"This {split} song number {row} is so {word}", label])
    return folder


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOMTONE")}
    paths = {"PYTHONPATH": str(REPOSITORY / "src"), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**kept, **paths, "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def commands(block: str) -> list[list[str]]:
    lines = block.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.strip()]


def test_the_page_runs_as_it_stands(folder):
    shown = [language for language, _ in BLOCKS]
    assert shown == ["bash"] * 5 + ["python"] * 2
    for language, block in BLOCKS:
        if language == "python":
            # Another port, which is free; and someone who asks.
            code = block.replace("8000), Service", "0), Service")
            result = run(folder, "-c", code + (ASK if "HTTPServer" in block else ""))
            assert result.returncode == 0, result.stderr
            continue
        for program, *arguments in commands(block):
            assert program == "roomtone"
            tiny = str(REPOSITORY / "configs" / "tiny.yaml")
            typed = [tiny if word == "configs/fast.yaml" else word for word in arguments]
            result = run(folder, "-m", "roomtone", *typed)
            assert result.returncode == 0, f"{arguments}\n{result.stdout}\n{result.stderr}"
    for name in ("svm", "logreg", "onnx", "ensemble"):
        assert (folder / "models" / name / "MODEL_CARD.md").is_file(), name
    with (folder / "scored.csv").open(encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) == 60
