"""Kernels in C, compiled on the user's machine at first use, with PyTorch behind them.

There is no package that does this small thing: cffi and setuptools need Python's headers and a
build of an extension module, `torch.utils.cpp_extension` needs a C++ compiler, ninja and a minute
for PyTorch's headers. A library without either's headers takes a second and one call of ``cc``.
"""

from roomtone.nets.kernels.adam import Adam, Moving
from roomtone.nets.kernels.attention import attend
from roomtone.nets.kernels.library import available, describe
from roomtone.nets.kernels.phrases import TYPES, spread, strongest
from roomtone.nets.kernels.recurrence import Texts, recurrence

__all__ = [
    "TYPES",
    "Adam",
    "Moving",
    "Texts",
    "attend",
    "available",
    "describe",
    "recurrence",
    "spread",
    "strongest",
]
