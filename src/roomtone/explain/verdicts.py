"""Plain sentences on whether an explanation says more than chance would."""

from __future__ import annotations

from roomtone.stats.paired import Difference


def verdict(title: str, comprehensiveness: Difference, sufficiency: Difference) -> str:
    """Say whether a method is better than a random order of the words.

    It is where an interval lies above 0: on both measures, on one of them, or on neither. One
    that lies below 0 is said as well.

    Parameters
    ----------
    title : str
        The method's name for a reader.
    comprehensiveness, sufficiency : Difference
        Its advantages over random orders, above 0 where it is better.
    """
    measures = {"comprehensiveness": comprehensiveness, "sufficiency": sufficiency}
    better = [name for name, gain in measures.items() if gain.low > 0]
    worse = [name for name, gain in measures.items() if gain.high < 0]
    figures = "; ".join(f"{name} {with_interval(gain)}" for name, gain in measures.items())
    if len(better) == 2:
        return f"{title}: the words it names matter more than random ones do ({figures})."
    closing = f" It is even worse on {' and '.join(worse)}." if worse else ""
    if better:
        (name,) = better
        (other,) = measures.keys() - {name}
        return (
            f"{title} is better than random words on {name} alone; on {other} it is not "
            f"({figures}).{closing}"
        )
    return (
        f"{title} is no better than random: without the words it names the answer changes no more "
        f"than without any others, and they alone do not sustain it better ({figures}).{closing}"
    )


def with_interval(gain: Difference) -> str:
    """Write a difference with its interval."""
    return f"{gain.estimate:+.3f}, {gain.level:.0%} interval {gain.low:+.3f} to {gain.high:+.3f}"
