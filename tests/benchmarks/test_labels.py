from __future__ import annotations

from itertools import combinations

import numpy as np
from labels import Labelled, label_points

from roomtone.reports.style import LIGHT, new_figure, styled


def test_labels_of_crowded_points_cover_neither_each_other_nor_a_point() -> None:
    rng = np.random.default_rng(2)
    ys = 0.6 + 0.01 * rng.random(9)
    points = [
        Labelled(f"Model number {number}", 1 + 0.1 * number, y, y - 0.01, y + 0.01)
        for number, y in enumerate(ys)
    ]
    with styled(LIGHT):
        figure = new_figure(8, 5)
        axis = figure.subplots()
        axis.plot([p.x for p in points], [p.y for p in points], "o")
        axis.set_ylim(0.5, 0.7)
        axis.margins(x=0.3)
        label_points(figure, axis, points, LIGHT)
        figure.draw_without_rendering()
        renderer = figure.canvas.get_renderer()
        boxes = [_box(text, renderer) for text in axis.texts]
        centres = axis.transData.transform([(p.x, p.y) for p in points])
    assert [text.get_text() for text in axis.texts] == [p.text for p in points]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert not any(box.contains(*centre) for box in boxes for centre in centres)


def _box(annotation: object, renderer: object) -> object:
    from matplotlib.text import Text

    # The annotation's own extent takes its line in as well.
    return Text.get_window_extent(annotation, renderer)  # type: ignore[arg-type]
