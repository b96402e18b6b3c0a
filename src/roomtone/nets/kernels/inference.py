"""A trained network in compiled code: its weights rearranged once, its logits in one call."""

from __future__ import annotations

import ctypes
import functools
import os

from roomtone.data.fetch import cache_folder
from roomtone.nets.kernels.compiler import CompilationError, shared_library
from roomtone.nets.kernels.library import FOLDER, SWITCH

MOST = 8
BLOCK = 64

_Address = ctypes.c_void_p
_Size = ctypes.c_int64


class Layer(ctypes.Structure):
    """Mirrors ``layer`` in ``inference.h``."""

    _fields_ = (
        ("depth", _Size),
        ("columns", _Size),
        ("weights", _Address),
        ("bias", _Address),
    )


class Network(ctypes.Structure):
    """Mirrors ``network`` in ``inference.h``, which explains the fields."""

    _fields_ = (
        *[(name, _Size) for name in ("dot", "sizes", "filters", "hidden", "layers", "heads")],
        *[(name, _Size) for name in ("head", "dense", "classes", "features", "state")],
        ("size", _Size * MOST),
        ("words", Layer),
        ("inputs", (Layer * 2) * MOST),
        ("recurrent", (Layer * 2) * MOST),
        *[(name, Layer) for name in ("attention", "output", "pooling")],
        ("classifier", Layer * MOST),
        *[(name, _Address) for name in ("filter_bias", "gain", "shift", "real", "score")],
        ("epsilon", ctypes.c_double),
    )


class Call(ctypes.Structure):
    """Mirrors ``call`` in ``inference.h``, which explains the fields."""

    _fields_ = (
        ("net", ctypes.POINTER(Network)),
        *[(name, _Size) for name in ("texts", "rows")],
        *[(name, _Address) for name in ("vectors", "starts", "places", "order")],
        *[(name, _Address) for name in ("table", "work", "logits")],
    )


class Library:
    """The functions of the compiled library; calls into it release Python's lock."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.run = library.inference_run
        self.run.argtypes, self.run.restype = [ctypes.POINTER(Call)], ctypes.c_int
        self.work = library.inference_work
        self.work.argtypes, self.work.restype = [ctypes.POINTER(Call)], ctypes.c_int64
        self.pack = library.inference_pack
        self.pack.argtypes, self.pack.restype = [_Address, _Size, _Size, _Size, _Address], None
        library.inference_panel.restype = ctypes.c_int64
        self.panel: int = library.inference_panel()
        self.dot: bool = library.inference_dot() == 1


@functools.cache
def load() -> Library | str:
    """Load the library, compiling it at the first call; where it cannot be, say why."""
    try:
        headers = sorted(FOLDER.glob("*.h"))
        return Library(shared_library(FOLDER / "inference.c", headers, cache_folder() / "kernels"))
    except (CompilationError, AttributeError) as error:
        return str(error)


def library() -> Library | None:
    """Return the library, or None where it cannot be used or shall not be."""
    if os.environ.get(SWITCH, "").lower() == "off":
        return None
    found = load()
    return found if isinstance(found, Library) else None
