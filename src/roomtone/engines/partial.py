"""A file that grows piece by piece, survives a kill, and has its name only when it is whole."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from roomtone.engines.facts import Facts, differences
from roomtone.engines.output import Assembler, Output, write_all
from roomtone.errors import RoomtoneError
from roomtone.files import move_into_place, write_atomically, write_json
from roomtone.training.claim import Claim, claim

FORMAT = 1
SECONDS_BETWEEN_STATES = 1.0
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)


class PartialFile(Output):
    """Collects bytes in ``.NAME.part``, and says in ``.NAME.state.json`` how many of them count.

    Whatever a killed process wrote beyond that is cut off by the next one, which goes on from
    there. One process at a time has the part.

    Parameters
    ----------
    target : Path
        The file.
    facts : mapping
        All that decides what its bytes are; the ``"input"`` is empty where it cannot be read
        again, and nothing is then kept.
    overwrite : bool
        Replace a file that is there.
    restart : bool
        Forget what an earlier process left.
    """

    def __init__(
        self, target: Path, facts: Facts, *, overwrite: bool = False, restart: bool = False
    ) -> None:
        super().__init__()
        self.target = target
        self.part = target.with_name(f".{target.name}.part")
        self.state = target.with_name(f".{target.name}.state.json")
        self._whole = target.with_name(f".{target.name}.whole")
        self._facts = {name: dict(facts[name]) for name in facts}
        self._overwrite, self._restart = overwrite, restart
        self._stack = ExitStack()
        self._saved_at = time.monotonic()
        self._unsaved = False

    @property
    def resumable(self) -> bool:
        """Whether a later process can go on from here."""
        return bool(self._facts["input"])

    def __enter__(self) -> Self:
        try:
            with self._explained():
                self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if not self.finished and self._unsaved and self.resumable:
                # What fails here may be what has failed already, a full disk say; an older state
                # is as good then.
                with suppress(RoomtoneError, OSError):
                    self._save()
            if not self.finished and not self.state.exists():
                self.part.unlink(missing_ok=True)
        finally:
            self._stack.close()

    def append(self, data: bytes, tally: dict[str, Any]) -> None:
        """Add bytes; once a second make sure that they will count.

        Raises
        ------
        RoomtoneError
            If they cannot be written; says how to go on.
        """
        with self._explained():
            write_all(self._handle, data)
            self._done = (self.size + len(data), tally)
            self._unsaved = True
            due = time.monotonic() - self._saved_at >= SECONDS_BETWEEN_STATES
            if due and self.resumable:
                self._save()

    def finish(self, assembler: Assembler) -> None:
        """Let the file appear under its name.

        Raises
        ------
        RoomtoneError
            If it cannot be written; says how to go on.
        """
        with self._explained():
            os.fsync(self._handle)
            if self.resumable:
                self._save(complete=True)
            self._opened.close()  # the lock stays: it has a handle of its own
            assemble = assembler(self.part)
            if assemble is None:
                move_into_place(self.part, self.target)
            else:
                write_atomically(self._whole, assemble)
                move_into_place(self._whole, self.target)
                self.part.unlink()
            self.finished = True
            self.state.unlink(missing_ok=True)

    def _open(self) -> None:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        if not self._restart and self._was_finished():
            self.finished = True
            return
        self._handle = os.open(self.part, _FLAGS, 0o666)
        self._opened = self._stack.enter_context(ExitStack())
        self._opened.callback(os.close, self._handle)
        self._claim()
        state = None if self._restart else self._read_state()
        if state is None:
            self._check_free()
            self.state.unlink(missing_ok=True)
            os.ftruncate(self._handle, 0)
        else:
            self._take_up(state)
        os.lseek(self._handle, self.size, os.SEEK_SET)

    def _claim(self) -> None:
        held = self._stack.enter_context(claim(self.part))
        # The part that was opened may have been finished and renamed before it was locked.
        same = self.part.exists() and os.path.samestat(os.fstat(self._handle), self.part.stat())
        if held is Claim.TAKEN or not same:
            raise RoomtoneError(
                f"{self.target} is being written by another process; wait for it, or choose "
                "another name"
            )

    def _check_free(self) -> None:
        if self.target.exists() and not self._overwrite:
            self.part.unlink()
            raise RoomtoneError(
                f"{self.target} is already there; choose another name, or replace it with "
                "--overwrite"
            )

    def _take_up(self, state: dict[str, Any]) -> None:
        self._check_facts(state)
        self._done = (state["size"], state["tally"])
        found = os.fstat(self._handle).st_size
        if found < self.size:
            raise RoomtoneError(
                f"{self.part} is shorter than it was ({found:,} of {self.size:,} bytes), so that "
                "its scoring cannot go on; start again with --restart"
            )
        os.ftruncate(self._handle, self.size)

    def _was_finished(self) -> bool:
        """Tell whether a process was killed when all was done but for removing its state."""
        if self.part.exists() or not self.target.exists():
            return False
        state = self._read_state()
        if state is None or not state["complete"]:
            return False
        self._check_facts(state)
        self._done = (state["size"], state["tally"])
        self.state.unlink()
        return True

    def _check_facts(self, state: dict[str, Any]) -> None:
        changed = differences(state["facts"], self._facts)
        if changed:
            raise RoomtoneError(
                f"{self.target}: an unfinished scoring is there, which cannot be gone on with: "
                f"{'; '.join(changed)}. Give the same input, model and options as before, or "
                "start again with --restart"
            )

    def _read_state(self) -> dict[str, Any] | None:
        try:
            state = json.loads(self.state.read_bytes())
            good = (
                state["format"] == FORMAT
                and isinstance(state["size"], int)
                and isinstance(state["complete"], bool)
                and all(isinstance(state[key], dict) for key in ("facts", "tally"))
            )
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            good = False
        if not good:
            raise RoomtoneError(
                f"{self.state} is damaged or from another version of roomtone, so that the "
                f"scoring of {self.target} cannot go on; start again with --restart"
            )
        found: dict[str, Any] = state
        return found

    def _save(self, *, complete: bool = False) -> None:
        os.fsync(self._handle)
        state = {"format": FORMAT, "complete": complete, "size": self.size}
        write_json(self.state, {**state, "tally": self.tally, "facts": self._facts})
        self._saved_at, self._unsaved = time.monotonic(), False

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Name the file where the system refuses, and how to go on."""
        try:
            yield
        except OSError as error:
            raise RoomtoneError(
                f"{self.target} cannot be written: {error.strerror or error}{self._way_on()}"
            ) from error
        except RoomtoneError as error:
            if isinstance(error.__cause__, OSError):
                raise RoomtoneError(f"{error}{self._way_on()}") from error
            raise

    def _way_on(self) -> str:
        if not self.tally.get("rows") or not self.resumable:
            return ""
        return "; what was done before is kept: give the same command again to go on"
