"""Compiling C sources into a cached shared library."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=gnu11", "-O3", "-fno-math-errno", "-ffp-contract=fast", "-shared", "-fPIC")
# x86 compilers know the first, Arm's the second, and very old ones neither.
PROCESSOR_FLAGS = (("-march=native",), ("-mcpu=native",), ())
TIMEOUT = 120.0  # seconds; a second is usual


class CompilationError(Exception):
    """Why there is no library, in a few words."""


def shared_library(source: Path, headers: Sequence[Path], cache: Path) -> ctypes.CDLL:
    """Load the library made of one C file, compiling it where the cache has none.

    The library's name holds a hash of all that it depends on (sources, flags, and what the
    compiler says of itself and of the processor) and one of its own bytes. So a cache that
    machines of different kinds share stays right, a damaged file is never loaded, and processes
    that compile at once do each other no harm.

    Parameters
    ----------
    source : Path
        The C file.
    headers : sequence of Path
        What it includes, from its own folder.
    cache : Path
        Folder of the libraries; where it cannot be written, the library is compiled for this
        process only.

    Returns
    -------
    ctypes.CDLL
        The library.

    Raises
    ------
    CompilationError
        If there is no compiler, or it fails.
    """
    if sys.platform == "win32":
        raise CompilationError("not made for Windows")
    compiler = find_compiler()
    flags, macros = _probe(compiler)
    parts = [" ".join([*compiler, *flags]).encode(), macros]
    parts += [path.read_bytes() for path in (source, *headers)]
    key = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    command = [*compiler, *flags, str(source)]
    found = _cached(cache, f"{source.stem}-{key}-*.so")
    if found is not None:
        return found
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".compile-", dir=cache) as folder:
            return _load(_publish(_compile(command, Path(folder)), cache / f"{source.stem}-{key}"))
    except OSError:
        with tempfile.TemporaryDirectory(prefix="roomtone-") as folder:
            return _load(_compile(command, Path(folder)))


def find_compiler() -> list[str]:
    """Find the C compiler: ``$CC``, which may hold options, or the first usual name."""
    chosen = shlex.split(os.environ.get("CC", ""))
    for name in [chosen[0]] if chosen else COMPILERS:
        if path := shutil.which(name):
            return [path, *chosen[1:]]
    raise CompilationError(f"no C compiler found: {', '.join(chosen[:1] or COMPILERS)}")


def _probe(compiler: list[str]) -> tuple[list[str], bytes]:
    """Choose flags that the compiler takes; its macros name its version and the processor."""
    for processor in PROCESSOR_FLAGS:
        flags = [*FLAGS, *processor]
        done = _run([*compiler, *flags, "-dM", "-E", "-x", "c", os.devnull])
        if done.returncode == 0:
            return flags, done.stdout
    raise CompilationError(f"{compiler[0]} fails: {_last_line(done.stderr)}")


def _compile(command: list[str], folder: Path) -> Path:
    target = folder / "library.so"
    done = _run([*command, "-o", str(target)])
    if done.returncode != 0 or not target.is_file():
        raise CompilationError(f"{command[0]} fails: {_last_line(done.stderr)}")
    return target


def _publish(library: Path, stem: Path) -> Path:
    target = stem.with_name(f"{stem.name}-{_digest(library)}.so")
    return library.replace(target)


def _cached(cache: Path, pattern: str) -> ctypes.CDLL | None:
    with suppress(OSError, CompilationError):
        for path in sorted(cache.glob(pattern)):
            # A library cut short can end the process when it is loaded, so its bytes are checked.
            if path.stem.endswith(_digest(path)):
                return _load(path)
    return None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _load(path: Path) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise CompilationError(f"the compiled library cannot be loaded: {error}") from error


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompilationError(f"{command[0]} cannot be run: {error}") from error


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no message"
