from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "docs" / "example_engine"


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Path:
    """A folder into which pip has installed the documented example of an engine."""
    folder = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(EXAMPLE, folder / "source")
    command = (
        "install --quiet --no-deps --no-index --no-build-isolation --disable-pip-version-check"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pip", *command.split(), "--target", folder / "site", source],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture
def plugin(installed, monkeypatch):
    """The module of that example, while it is on the path."""
    monkeypatch.syspath_prepend(str(installed))
    import roomtone_lexicon

    yield roomtone_lexicon
    del sys.modules["roomtone_lexicon"]


@pytest.fixture(autouse=True)
def _no_engine_obtained_before(monkeypatch, tmp_path):
    monkeypatch.setattr("roomtone.engines.registry._recent", {})
    monkeypatch.delenv("ROOMTONE_MODELS", raising=False)
