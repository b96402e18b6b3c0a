"""Where a stream of scored rows goes: a pipe here, a file in `roomtone.engines.partial`."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from roomtone.errors import RoomtoneError

Assembler = Callable[[Path], Callable[[BinaryIO], None] | None]


class Output(ABC):
    """Takes bytes, and remembers how far they go.

    Attributes
    ----------
    finished : bool
        Whether nothing is left to do.
    """

    def __init__(self) -> None:
        self.finished = False
        # Both at once, so that no interruption falls between them.
        self._done: tuple[int, dict[str, Any]] = (0, {})

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return self._done[0]

    @property
    def tally(self) -> dict[str, Any]:
        """What was given with the last of them."""
        return self._done[1]

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    @abstractmethod
    def append(self, data: bytes, tally: dict[str, Any]) -> None:
        """Take more bytes, which complete what the tally counts."""

    @abstractmethod
    def finish(self, assembler: Assembler) -> None:
        """Let the file appear; `assembler` is that of the `RowWriter`."""


class PipeOutput(Output):
    """Standard output, or a device or named pipe.

    Parameters
    ----------
    name : str
        ``"-"``, or its path.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __enter__(self) -> Self:
        standard = self._name == "-"
        self._handle = os.dup(sys.stdout.fileno()) if standard else os.open(self._name, os.O_WRONLY)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._handle)

    def append(self, data: bytes, tally: dict[str, Any]) -> None:
        """Pass the bytes on at once.

        Raises
        ------
        BrokenPipeError
            If the reader has gone.
        RoomtoneError
            If they cannot be written for another reason.
        """
        try:
            write_all(self._handle, data)
        except BrokenPipeError:
            raise
        except OSError as error:
            name = "standard output" if self._name == "-" else self._name
            raise RoomtoneError(f"{name} cannot be written: {error.strerror or error}") from error
        self._done = (self.size + len(data), tally)

    def finish(self, assembler: Assembler) -> None:
        """Nothing is left to do: the bytes are with the reader."""
        self.finished = True


def write_all(handle: int, data: bytes) -> None:
    """Write to an open file, past all buffers: what fails leaves nothing that is written later."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]
