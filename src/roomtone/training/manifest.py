"""What a run was made with: versions, hardware, data, times."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

PACKAGES = ("torch", "numpy", "scipy", "tokenizers", "pydantic", "scikit-learn", "matplotlib")


def environment(device: torch.device) -> dict[str, Any]:
    """Describe the software and the machine.

    Returns
    -------
    dict
        Versions of roomtone, Python and the packages that results depend on; processor,
        cores, memory in GiB, accelerator.
    """
    return {
        "roomtone": _version("roomtone"),
        "python": platform.python_version(),
        "packages": _packages(),
        "hardware": hardware(device),
        "command": [os.path.basename(sys.argv[0]), *sys.argv[1:]],
    }


def hardware(device: torch.device | None = None) -> dict[str, Any]:
    """Describe the machine, and the accelerator if the device is one."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": _memory(),
        "accelerator": _accelerator(device),
    }


def versions() -> dict[str, str]:
    """Name the versions of Python, of roomtone and of the packages that results depend on."""
    own = {"python": platform.python_version(), "roomtone": _version("roomtone") or "unknown"}
    return {**own, **_packages()}


def _packages() -> dict[str, str]:
    return {name: found for name in PACKAGES if (found := _version(name))}


def _accelerator(device: torch.device | None) -> str | None:
    if device is None or device.type != "cuda":
        return None
    import torch

    return torch.cuda.get_device_name(device)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None
