"""Pages of the documentation: what they say, and running what they show."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import random
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_WORDS = {"positive": "lovely good", "neutral": "usual so-so", "negative": "awful bad"}


def page(name: str) -> str:
    """Read a page by its name in `docs`."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def blocks(text: str, *languages: str) -> list[tuple[str, str]]:
    """Return language and content of each fenced block; of some languages where they are given."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [block for block in found if not languages or block[0] in languages]


def commands(block: str) -> list[list[str]]:
    """Return the words of each command in a block for a shell."""
    lines = block.replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def printed(code: str) -> str:
    """Run a fragment in this process, and return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return out.getvalue()


def write_songs(path: Path, rows: int, *, luck: int = 1) -> None:
    """Write labelled texts with columns `video` and `date`.

    Every so often, the more so the greater `luck`, a text says what its label does not.
    """
    source = random.Random(path.name)
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["text", "label", "video", "date"])
        for row in range(rows):
            label = source.choice(list(_WORDS))
            told = source.choice(_WORDS[source.choice([label] * 5 + [*_WORDS] * luck)].split())
            text = f"This {path.stem} song number {row} is so {told}"
            table.writerow([text, label, row % 12, f"2026-03-{1 + row % 30:02}"])


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, with this roomtone and nothing of the user's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOMTONE")}
    ours = {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", "MPLBACKEND": "Agg"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**kept, **ours, "OMP_NUM_THREADS": "1", **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
