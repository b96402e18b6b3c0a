from __future__ import annotations

import re

from roomtone.cli.main import main


def test_a_saved_engine_is_timed_from_the_start_of_a_process(script, folder, tmp_path):
    model = tmp_path / "logreg"
    train = ["--train_csv", str(folder / "train.csv"), "--output_dir", str(model)]
    assert main(["fit-baseline", "logreg", *train]) == 0
    said = script("cold.py", model, "--times", 2).stdout
    found = re.search(r"after ([0-9.]+) s .*NumPy\s*\(([0-9.]+) s\)", said, re.DOTALL)
    assert found, said
    assert all(float(seconds) > 0 for seconds in found.groups())
