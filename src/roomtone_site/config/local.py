"""Settings of a site on one's own machine, where the environment says nothing."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from roomtone.errors import RoomtoneError
from roomtone_site.config.environment import PREFIX, Environment

KEY_FILE = "secret_key"


def use_local_settings() -> bool:
    """Set up a local site, unless the environment has a say in what keeps it safe.

    Of ``SECRET_KEY`` and ``HOSTS`` none must be given; then the site answers to this machine
    alone, without HTTPS, and its key is one drawn at random and kept in its folder.

    Returns
    -------
    bool
        Whether it did.

    Raises
    ------
    RoomtoneError
        If the key cannot be kept.
    """
    if any(os.environ.get(PREFIX + name) for name in ("SECRET_KEY", "HOSTS")):
        return False
    folder = Environment(os.environ).folder()
    os.environ[f"{PREFIX}SECRET_KEY"] = _key(folder / KEY_FILE)
    os.environ[f"{PREFIX}HOSTS"] = "localhost,127.0.0.1,[::1]"
    os.environ.setdefault(f"{PREFIX}HTTPS", "0")
    return True


def _key(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Made by one process alone where several begin at once, and for its owner's eyes.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text("ascii").strip()
        with os.fdopen(handle, "w", encoding="ascii") as file:
            key = secrets.token_urlsafe(50)
            file.write(key)
        return key
    except (OSError, UnicodeDecodeError) as error:
        raise RoomtoneError(
            f"{path}: the site's key cannot be kept there ({error}); choose another folder with "
            f"{PREFIX}FOLDER"
        ) from error
