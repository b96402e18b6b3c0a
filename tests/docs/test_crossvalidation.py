"""Every command and fragment of `docs/crossvalidation.md`, in their order, in one folder."""

from __future__ import annotations

import csv
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from roomtone.experiments.record import CrossValidation

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "crossvalidation.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
WORDS = {"positive": "lovely good", "neutral": "usual so-so", "negative": "awful bad"}


def test_the_page_runs_as_it_stands(tmp_path):
    source = random.Random(1)
    with (tmp_path / "all.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["text", "label", "video", "date"])
        for row in range(90):
            label = source.choice(list(WORDS))
            told = source.choice(WORDS[source.choice([label, label, *WORDS])].split())
            table.writerow([f"a {told} song {row}", label, row % 12, f"2026-03-{1 + row // 3:02}"])
    shutil.copy(REPOSITORY / "configs" / "tiny.yaml", tmp_path / "config.yaml")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOMTONE")}
    for language, block in BLOCKS:
        lines = block.replace("\\\n", " ").splitlines() if language == "bash" else [block]
        for line in lines:
            command = ["-c", line] if language == "python" else ["-m", *shlex.split(line)]
            done = subprocess.run(
                [sys.executable, *command],
                cwd=tmp_path,
                env={**kept, "PYTHONPATH": str(REPOSITORY / "src"), "PYTHONIOENCODING": "utf-8"},
                capture_output=True,
                encoding="utf-8",
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert done.stderr == ""
    assert len(BLOCKS) == 3
    schemes = {
        folder: CrossValidation.load(tmp_path / folder).plan.scheme
        for folder in ("cv", "by_video", "by_time", "evaluation")
    }
    assert schemes == {
        "cv": "stratified",
        "by_video": "grouped",
        "by_time": "time",
        "evaluation": "stratified",
    }
