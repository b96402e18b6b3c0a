"""The compiled kernels as Python sees them."""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, cast

import torch

from roomtone.data.fetch import cache_folder
from roomtone.nets.kernels.compiler import CompilationError, shared_library

SWITCH = "ROOMTONE_KERNELS"
FOLDER = Path(__file__).parent

# A function of the library; it takes a `Job` or another structure by reference.
Function: TypeAlias = Callable[[Any], int]
_Pair = ctypes.c_void_p * 2


class Job(ctypes.Structure):
    """What a kernel works on; mirrors ``job`` in ``shares.h``, which explains the fields."""

    _fields_ = (
        *[(name, ctypes.c_int64) for name in ("batch", "width", "hidden", "rows")],
        *[(name, ctypes.c_int64) for name in ("shares", "threads", "half", "half_weights")],
        *[(name, ctypes.c_void_p) for name in ("lengths", "places")],
        ("weights", _Pair),
        *[(name, ctypes.c_void_p) for name in ("projected", "states", "kept", "upstream")],
        *[(name, ctypes.c_void_p) for name in ("gates", "before", "summed", "work", "order")],
        ("parallel", ctypes.c_void_p),
    )


class Pooling(ctypes.Structure):
    """What the pooling of a convolution works on; mirrors ``pooling`` in ``phrases.h``."""

    _fields_ = (
        *[(name, ctypes.c_int64) for name in ("batch", "width", "rows", "sizes", "filters")],
        *[(name, ctypes.c_int64) for name in ("parts", "half", "threads")],
        *[(name, ctypes.c_void_p) for name in ("size", "places", "lengths", "table")],
        *[(name, ctypes.c_void_p) for name in ("strongest", "reached", "parallel")],
    )


class Spreading(ctypes.Structure):
    """What the gradient of such a pooling works on; mirrors ``spreading`` in ``phrases.h``."""

    _fields_ = (
        *[(name, ctypes.c_int64) for name in ("batch", "rows", "sizes", "filters", "parts")],
        *[(name, ctypes.c_int64) for name in ("half", "shares", "threads")],
        *[(name, ctypes.c_void_p) for name in ("size", "reached", "gradient", "products")],
        *[(name, ctypes.c_void_p) for name in ("work", "parallel")],
    )


class Group(ctypes.Structure):
    """Adam's settings; mirrors ``group`` in ``adam.h``."""

    _fields_ = (
        *[(name, ctypes.c_double) for name in ("rate", "decay", "beta1", "beta2", "eps")],
        ("decoupled", ctypes.c_int64),
    )


class Part(ctypes.Structure):
    """A parameter that Adam moves; mirrors ``part`` in ``adam.h``, which explains the fields."""

    _fields_ = (
        *[(name, ctypes.c_void_p) for name in ("values", "first", "second", "steps", "copy")],
        *[(name, ctypes.c_void_p) for name in ("gradient", "moved")],
        *[(name, ctypes.c_int64) for name in ("count", "size", "half", "given")],
        ("group", ctypes.c_void_p),
        *[(name, ctypes.c_double) for name in ("correction1", "correction2")],
    )


class Moves(ctypes.Structure):
    """What Adam works on; mirrors ``moves`` in ``adam.h``."""

    _fields_ = (
        ("parts", ctypes.c_void_p),
        *[(name, ctypes.c_int64) for name in ("count", "threads")],
        ("scale", ctypes.c_double),
        *[(name, ctypes.c_void_p) for name in ("sums", "parallel")],
    )


class Attending(ctypes.Structure):
    """What self-attention works on; mirrors ``attending`` in ``attention.h``."""

    _fields_ = (
        *[(name, ctypes.c_int64) for name in ("batch", "width", "heads", "size")],
        *[(name, ctypes.c_int64) for name in ("shares", "threads", "half")],
        *[(name, ctypes.c_void_p) for name in ("lengths", "parts", "mixed", "upstream")],
        *[(name, ctypes.c_void_p) for name in ("gradient", "work", "parallel")],
    )


class Library:
    """The functions of the compiled library; calls into it release Python's lock.

    Attributes
    ----------
    forward, backward : callable
        Take a `Job` by reference and return 0, or 1 if a place is out of range.
    work_size, kept_size, order_size : callable
        Floats of working memory, floats kept from forward to backward, and integers of working
        memory, for a `Job` of these sizes.
    pool : callable
        Takes a `Pooling` by reference and returns 0, or 1 if a place or a length is out of range.
    spread, spread_size : callable
        Take `Spreading` by reference; the second gives the floats of working memory.
    spans, squares, move : callable
        Take `Moves` by reference: the number of sums that are needed, the sum of the squares of all
        gradients, and a step of Adam.
    attend, attend_back, attend_size : callable
        Take `Attending` by reference; the last gives the floats of working memory.
    parallel : int or None
        Address of ``GOMP_parallel`` in PyTorch's own OpenMP.
    """

    def __init__(
        self, lstm: ctypes.CDLL, phrases: ctypes.CDLL, adam: ctypes.CDLL, attention: ctypes.CDLL
    ) -> None:
        self.forward = _function(lstm, "lstm_forward", ctypes.c_int)
        self.backward = _function(lstm, "lstm_backward", ctypes.c_int)
        self.work_size = _function(lstm, "lstm_work", ctypes.c_int64)
        self.kept_size = _function(lstm, "lstm_kept", ctypes.c_int64)
        self.order_size = _function(lstm, "lstm_order", ctypes.c_int64)
        self.pool = _function(phrases, "phrases_forward", ctypes.c_int, Pooling)
        self.spread = _function(phrases, "phrases_backward", ctypes.c_int, Spreading)
        self.spread_size = _function(phrases, "phrases_work", ctypes.c_int64, Spreading)
        self.spans = _function(adam, "adam_spans", ctypes.c_int64, Moves)
        self.squares = _function(adam, "adam_squares", ctypes.c_int, Moves)
        self.move = _function(adam, "adam_move", ctypes.c_int, Moves)
        self.attend = _function(attention, "attention_forward", ctypes.c_int, Attending)
        self.attend_back = _function(attention, "attention_backward", ctypes.c_int, Attending)
        self.attend_size = _function(attention, "attention_work", ctypes.c_int64, Attending)
        self.parallel = _openmp()


def available() -> bool:
    """Tell whether the compiled kernels can be used; compiles them at the first call."""
    return isinstance(_state(), Library)


def describe() -> str:
    """Tell which LSTM runs on the processor (and what else is compiled) and, if PyTorch's, why.

    Returns
    -------
    str
        ``"compiled LSTM kernel"`` or, say, ``"PyTorch LSTM (no C compiler found: cc, gcc,
        clang)"``.
    """
    state = _state()
    return "compiled LSTM kernel" if isinstance(state, Library) else f"PyTorch LSTM ({state})"


def library() -> Library:
    """Return the compiled library; only where `available` says so."""
    state = _state()
    if not isinstance(state, Library):
        raise RuntimeError(f"no compiled kernels: {state}")
    return state


def _state() -> Library | str:
    if os.environ.get(SWITCH, "").lower() == "off":
        return f"{SWITCH}=off"
    return _load()


@functools.cache
def _load() -> Library | str:
    try:
        headers, cache = sorted(FOLDER.glob("*.h")), cache_folder() / "kernels"
        sources = (FOLDER / name for name in ("lstm.c", "phrases.c", "adam.c", "attention.c"))
        return Library(*(shared_library(source, headers, cache) for source in sources))
    except CompilationError as error:
        return str(error)


def _function(
    library: ctypes.CDLL, name: str, result: type, job: type[ctypes.Structure] = Job
) -> Function:
    try:
        function = getattr(library, name)
    except AttributeError as error:
        raise CompilationError(f"the compiled library has no {name}") from error
    function.argtypes, function.restype = [ctypes.POINTER(job)], result
    return cast(Function, function)


def _openmp() -> int | None:
    """Find the thread pool that PyTorch's operators run on.

    A pool of our own would fight with it: OpenMP's threads keep spinning on their cores for
    some milliseconds after each operator. A library's symbols include those of the libraries it
    needs, so PyTorch's leads to the very OpenMP that it uses. Where that is none that has
    ``GOMP_parallel`` (GNU's, LLVM's and Intel's have), the kernels run on one thread.
    """
    folder = Path(torch.__file__).parent / "lib"
    for path in (folder / "libtorch_cpu.so", folder / "libtorch_cpu.dylib"):
        try:
            function = ctypes.CDLL(str(path)).GOMP_parallel
        except (OSError, AttributeError):
            continue
        return ctypes.cast(function, ctypes.c_void_p).value
    return None
