from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="pseudo-terminals are a thing of POSIX systems")


def watch(folder: Path, environment: dict[str, str], *command: str) -> tuple[int, str]:
    """Run Python on a pseudo-terminal; return its exit code and all that it showed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, *command], cwd=folder, env=environment, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
    os.close(ours)
    return process.returncode, shown.decode("utf-8")


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


def test_a_terminal_shows_a_bar_with_pace_and_time_left(research, terminal_environment, tiny):
    few_texts_in_many_batches = ("--batch_size", "1", "--max_epochs", "2")
    code, shown = watch(
        research, terminal_environment, "train_hybrid_dl.py", *tiny, *few_texts_in_many_batches
    )
    assert code == 0, shown
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert re.search(r"Epoch 1 ━+.* \d+/120 [\d,]+ samples/s 0:00:\d\d left in this epoch", plain)
    assert "  Batch 10/120 (8.3%) - Loss: " in plain
    assert "📊 Epoch 2 Summary" in plain
