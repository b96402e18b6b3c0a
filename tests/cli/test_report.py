from __future__ import annotations

import subprocess
import sys

import pytest

from roomtone.cli import report
from roomtone.cli.main import main


def test_the_verb_needs_no_plotting_library_to_show_its_help():
    code = (
        "import sys, roomtone.cli.report; "
        "sys.exit(bool({'matplotlib', 'numpy', 'torch', 'pydantic'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert report.SUMMARY


@pytest.mark.parametrize("argument", ["nowhere", "."])
def test_a_folder_that_holds_no_run_is_a_clear_error(argument, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["report", argument]) == 2
    assert "folder" in capsys.readouterr().err
