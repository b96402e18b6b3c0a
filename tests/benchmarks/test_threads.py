from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from threads import competing

from roomtone.training.device import CLEARLY_FASTER, available_cores


@pytest.mark.slow
def test_each_choice_is_held_against_what_was_measured(script: Any, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    small = ("--trials", 1, "--rounds", 1, "--busy", 1, "--config", "configs/tiny.yaml")
    done = script("threads.py", *small, "--json", path)
    trials = json.loads(path.read_text("utf-8"))["trials"]
    assert [trial["state"] for trial in trials] == ["idle", "busy"]
    for trial in trials:
        times = {int(count): found for count, found in trial["milliseconds"].items()}
        assert times.keys() == {1, available_cores()}
        assert trial["right"] == (times[trial["chosen"]] <= CLEARLY_FASTER * min(times.values()))
        assert f"{trial['state']}: right in {int(trial['right'])} of 1 trials" in done.stdout


def test_competing_processes_end_with_what_they_compete_with() -> None:
    with competing(2) as started:
        assert [process.poll() for process in started] == [None, None]
    assert all(isinstance(process, subprocess.Popen) for process in started)
    assert all(process.poll() is not None for process in started)
