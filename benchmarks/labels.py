"""Labels beside the points of a figure, placed so that none covers another or a point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roomtone.reports.style import Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

SIZE = 8.5  # of the letters, in points
NEAR = 8.0  # a label farther from its point than this, in points, gets a line to it
CLEARANCE = 5.0  # about each point, in pixels


@dataclass(frozen=True)
class Labelled:
    """A point with an error bar from `low` to `high`, and what is to be written beside it."""

    text: str
    x: float
    y: float
    low: float
    high: float


def label_points(figure: Figure, axis: Any, points: Sequence[Labelled], theme: Theme) -> None:
    """Write each text beside its point, at the first place that is free and within the axes.

    No label covers another, a point, or an error bar.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.transforms import Bbox

    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    figure.draw_without_rendering()  # so that the layout is settled
    figure.set_layout_engine("none")
    room = axis.get_window_extent(renderer)
    taken = []
    for p in points:
        bottom, centre, top = axis.transData.transform([(p.x, p.low), (p.x, p.y), (p.x, p.high)])
        taken.append(Bbox([centre - CLEARANCE, centre + CLEARANCE]))
        taken.append(Bbox([(bottom[0] - 1, bottom[1]), (top[0] + 1, top[1])]))
    for point in points:
        text, at = point.text, (point.x, point.y)
        chosen = None
        for away, place, sides in _places():
            label = axis.annotate(
                text, at, xytext=place, textcoords="offset points", fontsize=SIZE, **sides
            )
            box = label.get_window_extent(renderer)
            if _inside(box, room) and not any(box.overlaps(other) for other in taken):
                chosen = (away, place, sides)
                taken.append(box)
            label.remove()
            if chosen:
                break
        away, place, sides = chosen or next(_places())
        line = {"arrowstyle": "-", "color": theme.muted, "linewidth": 0.6, "shrinkB": 3}
        axis.annotate(
            text,
            at,
            xytext=place,
            textcoords="offset points",
            fontsize=SIZE,
            arrowprops=line if away > NEAR else None,
            **sides,
        )


def _places() -> Iterator[tuple[float, tuple[float, float], dict[str, str]]]:
    """Try near places before far ones, beside the point before above and below it."""
    for away in (8, 14, 22, 32, 44, 58, 74, 92):
        for across, up in ((1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1), (0, 1), (0, -1)):
            side = {1: "left", 0: "center", -1: "right"}[across]
            yield (
                float(away),
                (across * min(away, 14), up * away),
                {"ha": side, "va": "center" if up == 0 or away > NEAR else "baseline"},
            )


def _inside(box: Bbox, room: Bbox) -> bool:
    return bool(room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1)
