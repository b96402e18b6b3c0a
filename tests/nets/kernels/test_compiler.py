from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from roomtone.nets import kernels
from roomtone.nets.kernels.compiler import CompilationError, find_compiler, shared_library
from roomtone.nets.kernels.library import FOLDER

DESCRIBE = """
import torch
from roomtone.nets import kernels
from roomtone.nets.recurrent import MaskedBiLSTM
layer = MaskedBiLSTM(3, 2, 1, 0.0)
rows, places, lengths = torch.ones(2, 3), torch.tensor([[0, 1]]), torch.tensor([2])
assert layer(rows, places, lengths).isfinite().all()
print(kernels.describe())
"""
compiler_needed = pytest.mark.skipif(not kernels.available(), reason=kernels.describe())


def start(cache: Path, **environment: str) -> subprocess.Popen[str]:
    """Describe the kernels in a process of its own."""
    paths = os.pathsep.join(sys.path)
    kept = {k: v for k, v in os.environ.items() if k not in {"CC", "ROOMTONE_KERNELS"}}
    variables = {**kept, "PYTHONPATH": paths, "ROOMTONE_CACHE": str(cache), **environment}
    return subprocess.Popen(
        [sys.executable, "-c", DESCRIBE], env=variables, stdout=subprocess.PIPE, text=True
    )


def description(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return output.strip()


def libraries(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.rglob("*") if path.is_file())


@compiler_needed
def test_processes_that_compile_at_once_all_get_the_kernel(tmp_path):
    processes = [start(tmp_path) for _ in range(2)]
    assert [description(process) for process in processes] == ["compiled LSTM kernel"] * 2
    ours = ["adam", "attention", "lstm", "phrases"]
    assert [name.partition("-")[0] for name in libraries(tmp_path)] == ours


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"PATH": ""}, "no C compiler found: cc, gcc, clang"),
        ({"CC": "no-such-compiler -O1"}, "no C compiler found: no-such-compiler"),
        ({"CC": "false"}, "fails: no message"),
        ({"ROOMTONE_KERNELS": "off"}, "ROOMTONE_KERNELS=off"),
    ],
)
def test_without_a_compiler_pytorch_runs_and_the_reason_is_told(tmp_path, environment, reason):
    told = description(start(tmp_path, **environment))
    assert told.startswith("PyTorch LSTM (")
    assert reason in told
    assert libraries(tmp_path) == []


@compiler_needed
def test_a_library_is_compiled_once_and_again_where_it_is_damaged(tmp_path, monkeypatch):
    source = FOLDER / "lstm.c"
    headers = sorted(FOLDER.glob("*.h"))
    shared_library(source, headers, tmp_path)
    (name,) = libraries(tmp_path)
    written = (tmp_path / name).stat().st_mtime_ns
    shared_library(source, headers, tmp_path)
    assert (tmp_path / name).stat().st_mtime_ns == written
    # Another file, not the same one cut short: this process still runs the first.
    (tmp_path / "cut").write_bytes((tmp_path / name).read_bytes()[:5000])
    (tmp_path / "cut").replace(tmp_path / name)
    assert shared_library(source, headers, tmp_path).lstm_forward
    assert (tmp_path / name).stat().st_size > 5000
    assert libraries(tmp_path) == [name]


@compiler_needed
def test_a_changed_header_is_compiled_anew(tmp_path):
    folder = shutil.copytree(FOLDER, tmp_path / "sources")
    for comment in ("", "/* changed */\n"):
        header = folder / "lanes.h"
        header.write_text(header.read_text() + comment)
        shared_library(folder / "lstm.c", sorted(folder.glob("*.h")), tmp_path / "cache")
    assert len(libraries(tmp_path / "cache")) == 2


@compiler_needed
def test_a_cache_that_cannot_be_written_costs_a_compilation_only(tmp_path):
    (tmp_path / "file").touch()
    cache = tmp_path / "file" / "cache"
    assert shared_library(FOLDER / "lstm.c", sorted(FOLDER.glob("*.h")), cache).lstm_forward


@compiler_needed
def test_a_source_that_does_not_compile_says_so(tmp_path):
    source = tmp_path / "wrong.c"
    source.write_text("int main(void) { return 0 \n")
    with pytest.raises(CompilationError, match="fails: "):
        shared_library(source, [], tmp_path / "cache")
    assert libraries(tmp_path / "cache") == []


@compiler_needed
def test_the_chosen_compiler_may_have_options(monkeypatch):
    name = Path(find_compiler()[0]).name
    monkeypatch.setenv("CC", f"{name} -O1")
    assert find_compiler()[1:] == ["-O1"]
