"""Charts as SVG without text in it: it stretches to its place, and words stay as large as they are.

Each has a text that says what it shows, and stands beside a table of the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from roomtone.labels import SENTIMENT

_SIDE = 100.0


def share_bar(code: int, share: float, low: float, high: float) -> SafeString:
    """Draw one share from 0 to 1 and its interval; the numbers stand beside it in the table."""
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="ground" width="100" height="10"/>'
        '<rect class="{}" width="{}" height="10"/>'
        '<path class="whisker" d="M{} 5H{}M{} 2V8M{} 2V8"/></svg>',
        SENTIMENT[code],
        *map(_number, (share * _SIDE, low * _SIDE, high * _SIDE, low * _SIDE, high * _SIDE)),
    )


def stacked_bar(counts: Sequence[int], text: str = "") -> SafeString:
    """Draw the shares of classes side by side.

    Parameters
    ----------
    counts : sequence of int
        Of each class.
    text : str
        What it shows, for those who do not see it; where empty, the numbers stand beside it.
    """
    total, left, parts = sum(counts) or 1, 0.0, []
    for name, count in zip(SENTIMENT, counts, strict=True):
        width = count / total * _SIDE
        parts.append((name, _number(left), _number(width)))
        left += width
    label = format_html('role="img" aria-label="{}"', text) if text else 'aria-hidden="true"'
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" {}>{}</svg>',
        SafeString(label),
        format_html_join("", '<rect class="{}" x="{}" width="{}" height="10"/>', parts),
    )


def strength_bar(code: int, value: float, most: float) -> SafeString:
    """Draw a value as a share of the largest one; the number stands beside it."""
    return format_html(
        '<svg class="bar thin" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="{}" width="{}" height="10"/></svg>',
        SENTIMENT[code],
        _number(value / (most or 1) * _SIDE),
    )


def columns(
    periods: Sequence[tuple[str, Sequence[int]]], text: str, *, shares: bool = False
) -> SafeString:
    """Draw a column of stacked classes for each period.

    Parameters
    ----------
    periods : sequence of (str, sequence of int)
        What each is called, and its comments of each class.
    text : str
        What the chart shows, for those who do not see it.
    shares : bool
        Whether all columns have the same height, and show shares.
    """
    most = max((sum(counts) for _, counts in periods), default=0) or 1
    step = _SIDE / max(len(periods), 1)
    drawn = []
    for place, (name, counts) in enumerate(periods):
        top, whole = _SIDE, (sum(counts) or 1) if shares else most
        rects = []
        for kind, count in zip(SENTIMENT, counts, strict=True):
            height = count / whole * _SIDE
            top -= height
            rects.append(
                (kind, *map(_number, (place * step + step * 0.08, top, step * 0.84, height)))
            )
        listed = ", ".join(f"{n} {kind}" for kind, n in zip(SENTIMENT, counts, strict=True))
        drawn.append(
            (
                f"{name}: {listed}",
                format_html_join(
                    "", '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>', rects
                ),
            )
        )
    return format_html(
        '<svg class="columns" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" '
        'aria-label="{}"><path class="grid" d="M0 .2H100M0 50H100M0 99.8H100"/>{}</svg>',
        text,
        format_html_join("", "<g><title>{}</title>{}</g>", drawn),
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
