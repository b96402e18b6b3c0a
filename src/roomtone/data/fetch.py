"""Getting a pinned archive through a package manager: checked by hash, kept in a cache."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from roomtone.data.managers import download
from roomtone.errors import DataError

CACHE_VARIABLE = "ROOMTONE_CACHE"


@dataclass(frozen=True)
class Package:
    """One archive of a public package registry, pinned to its exact bytes.

    Attributes
    ----------
    manager : {"pip", "npm"}
        The client that downloads it, under the user's own settings of index, proxy and so on.
    name, version : str
        What the registry calls it.
    archive : str
        File name of the archive; it keeps this name in the cache.
    sha256 : str
        Hash of the archive's bytes, in hexadecimal.
    without : str
        What a user who cannot get it may do instead; ends the error messages.
    """

    manager: Literal["pip", "npm"]
    name: str
    version: str
    archive: str
    sha256: str
    without: str = ""


def cache_folder(cache_dir: str | os.PathLike[str] | None = None) -> Path:
    """Tell where downloads are kept.

    The first of these that is given: `cache_dir`, the variable ``ROOMTONE_CACHE``, and the
    user's own cache folder (``$XDG_CACHE_HOME`` or ``~/.cache`` on Linux, ``~/Library/Caches``
    on macOS, ``%LOCALAPPDATA%`` on Windows) with ``roomtone`` below it.

    Parameters
    ----------
    cache_dir : path, optional
        A folder that goes before all others.

    Returns
    -------
    Path
        The folder; it need not exist yet.
    """
    chosen = cache_dir or os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "roomtone"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/roomtone"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "roomtone"


def file_sha256(path: Path) -> str:
    """Hash a file's bytes, in hexadecimal, without reading it into memory at once."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(package: Package, *, cache_dir: str | os.PathLike[str] | None = None) -> Path:
    """Return a package's archive, downloading it if the cache does not hold it.

    An archive that a user put into the cache by hand counts like any other. One whose hash is
    wrong is downloaded again.

    Parameters
    ----------
    package : Package
        What to get.
    cache_dir : path, optional
        Where to keep it; see `cache_folder`.

    Returns
    -------
    Path
        The archive in the cache; its bytes have the package's hash.

    Raises
    ------
    DataError
        If the package manager is missing or fails, the bytes have another hash, or the cache
        cannot be written.
    """
    target = cache_folder(cache_dir) / package.archive
    by_hand = f"or put {package.archive} (sha256 {package.sha256}) at {target} yourself"
    advice = f"{by_hand}. {package.without}".strip()
    try:
        if target.is_file():
            if file_sha256(target) == package.sha256:
                return target
            advice = f"the file now at {target} has another hash and is not used; {advice}"
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the last step is a rename within one file system.
        with tempfile.TemporaryDirectory(prefix=".download-", dir=target.parent) as folder:
            archive = download(package, Path(folder), advice=advice)
            _check(archive, package, advice)
            archive.replace(target)
    except OSError as error:
        raise DataError(
            f"{package.name} {package.version} cannot be stored at {target}: {error}. Free some "
            f"space there, or choose another folder with --cache_dir or {CACHE_VARIABLE}."
        ) from error
    return target


def _check(archive: Path, package: Package, advice: str) -> None:
    found = file_sha256(archive)
    if found != package.sha256:
        raise DataError(
            f"{package.archive}, downloaded with {package.manager}, is not the expected archive: "
            f"its sha256 is {found}, expected {package.sha256}. Try again, or look for a proxy or "
            f"mirror that alters it; {advice}"
        )
