"""How the values of a report are written: one function for each form, the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

ABSENT = "–"
MINUS = "\u2212"


def _number(pattern: str) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        return ABSENT if value is None else pattern.format(value).replace("-", MINUS)

    return write


def _p(value: Any) -> str:
    if value is None:
        return ABSENT
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _p_equation(value: Any) -> str:
    if value is None:
        return "p unknown"
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _text(value: Any) -> str:
    return ABSENT if value is None else str(value)


def _names(value: Any) -> str:
    return ", ".join(map(str, value)) if value else ABSENT


def _percent(value: Any) -> str:
    return ABSENT if value is None else f"{100 * value:.1f}%"


def _level(value: Any) -> str:
    return ABSENT if value is None else f"{100 * value:g}%"


def _time(value: Any) -> str:
    if value is None:
        return ABSENT
    if value < 90:
        return f"{value:.1f} s"
    return f"{value / 60:.1f} min" if value < 5400 else f"{value / 3600:.1f} h"


def _hash(value: Any) -> str:
    return f"{value[:12]}…" if value else ABSENT


FORMS: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "text": _text,
        "names": _names,
        "score": _number("{:.3f}"),
        "difference": _number("{:+.3f}"),
        "rank": _number("{:.2f}"),
        "plain": _number("{:g}"),
        "count": _number("{:,}"),
        "percent": _percent,
        "level": _level,
        "p": _p,
        "p_equation": _p_equation,
        "time": _time,
        "hash": _hash,
    }
)
"""From a value of ``report.json`` to what stands in the page and in LaTeX."""
