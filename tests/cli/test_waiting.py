"""Threads sleep while they wait for each other, unless the user wants it otherwise."""

import os
import subprocess
import sys

import pytest

SHOW = """
import os, sys
from roomtone.cli.main import main
assert main(["report", "no-such-run"]) == 2
assert main(["train", "--train_csv", "no-such-file"]) == 2
print(os.environ["OMP_WAIT_POLICY"])
"""


@pytest.mark.parametrize(("given", "found"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_how_threads_wait_is_settled_before_torch_starts_them(given, found):
    environment = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"}
    if given is not None:
        environment["OMP_WAIT_POLICY"] = given
    done = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [found], done.stderr
