from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone import errors
from roomtone.errors import ConfigError, MissingExtraError, RoomtoneError, nearest, require


def test_every_error_of_the_module_is_a_roomtone_error():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    kinds = [kind for kind in kinds if issubclass(kind, Exception)]
    assert len(kinds) >= 6
    assert all(issubclass(kind, RoomtoneError) for kind in kinds)


@pytest.mark.parametrize(
    ("problems", "heading"), [(["a"], "1 problem in the x:"), (["a", "b"], "2 problems in the x:")]
)
def test_a_configuration_error_lists_its_problems_under_a_heading(problems, heading):
    error = ConfigError(iter(problems), source="x")
    assert error.problems == tuple(problems)
    assert str(error).splitlines() == [heading, *(f"  - {line}" for line in problems)]


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [
        ("batchsize", "; did you mean 'batch_size'?"),
        ("BATCH_SIZE", "; did you mean 'batch_size'?"),
        ("max-epoch", "; did you mean 'Max_Epochs'?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_the_nearest_known_name_is_suggested_as_it_is_written(word, suggestion):
    assert nearest(word, iter(["batch_size", "Max_Epochs"])) == suggestion


@given(st.text(), st.lists(st.text()))
def test_a_suggestion_is_a_known_name_or_nothing(word, known):
    suggestion = nearest(word, known)
    assert suggestion == "" or any(suggestion == f"; did you mean {name!r}?" for name in known)


def test_a_package_that_is_there_is_imported():
    assert require("json.decoder", extra="x", purpose="X").__name__ == "json.decoder"


def test_a_missing_package_names_the_command_that_installs_it():
    with pytest.raises(MissingExtraError) as caught:
        require("no_such_package.part", extra="plots", purpose="A figure")
    assert str(caught.value) == (
        "A figure needs the package 'no_such_package', which is not installed. "
        "Install it with: pip install 'roomtone[plots]'"
    )


def test_a_package_broken_by_a_dependency_of_its_own_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("import no_such_dependency")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_dependency"):
        require("broken_package", extra="plots", purpose="A figure")


def test_the_foundation_imports_nothing_heavy():
    code = (
        "import sys, roomtone.errors, roomtone.labels\n"
        "heavy = {'torch', 'numpy', 'pydantic', 'rich', 'sklearn'} & sys.modules.keys()\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
