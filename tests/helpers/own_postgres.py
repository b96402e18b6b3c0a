"""A PostgreSQL of one's own, in a temporary folder, for as long as it is needed.

python tests/helpers/own_postgres.py python -m pytest tests/site

runs a command with ``DATABASE_URL`` set to it, and ends as the command does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

_PLACES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")
_SERVANTS = ("postgres", "nobody")  # whom it runs as where this process is root's
_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class NoPostgresError(Exception):
    """PostgreSQL cannot be started here, and why."""


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[str]:
    """Start a server that listens on a socket in its own folder alone.

    Parameters
    ----------
    durable : bool
        Whether it waits for the disk, as a server in use does; tests need not.

    Yields
    ------
    str
        The address of an empty database, as ``DATABASE_URL`` takes it.

    Raises
    ------
    NoPostgresError
        If it is not installed, or does not start.
    """
    initdb, control = _program("initdb"), _program("pg_ctl")
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="roomtone-pg-"))
    try:
        data = folder / "data"
        if owner:
            shutil.chown(folder, owner["user"])
        _run([initdb, "-D", data, "-U", "site", "-A", "trust", "-E", "UTF8", "--no-sync"], owner)
        options = f"-k {folder} -c listen_addresses='' {'' if durable else _QUICK}"
        start = [control, "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
        _run(start, owner)
        try:
            yield f"postgres://site@{quote(str(folder), safe='')}/postgres"
        finally:
            _run([control, "-D", data, "-m", "immediate", "-w", "stop"], owner)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> Path:
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path).resolve()
    found = sorted(path for place in _PLACES for path in Path(place).glob(f"*/bin/{name}"))
    if not found:
        raise NoPostgresError(f"PostgreSQL is not installed ({name}); on Debian: postgresql")
    return found[-1]


def _owner() -> dict[str, Any]:
    """Name the user that it runs as: not root, which it refuses."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    for name in _SERVANTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": name, "group": entry.pw_gid, "extra_groups": []}
    raise NoPostgresError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody"
    )


def _run(command: list[str | Path], owner: dict[str, Any]) -> None:
    # Into a file and not a pipe, which the server would inherit and hold open.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        try:
            done = subprocess.run(
                list(map(str, command)),
                cwd="/",
                stdout=said,
                stderr=subprocess.STDOUT,
                timeout=120,
                check=False,
                **owner,
            )
        except OSError as error:
            raise NoPostgresError(f"{command[0]} cannot be run: {error}") from error
        if done.returncode != 0:
            said.seek(0)
            raise NoPostgresError(f"{command[0]} failed: {said.read().strip()[-500:]}")


def _main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        with running_postgres() as address:
            environment = os.environ | {"DATABASE_URL": address}
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
    except NoPostgresError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    sys.exit(_main())
