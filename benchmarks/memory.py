"""How much memory a process has held."""

from __future__ import annotations

import resource
import sys


def peak_bytes() -> int:
    """Give the most memory that this process has held so far."""
    try:
        with open("/proc/self/status", encoding="ascii") as lines:
            # Unlike the system call's figure, this one knows nothing of the parent process.
            found = next(line for line in lines if line.startswith("VmHWM"))
        return int(found.split()[1]) * 1024
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
