from __future__ import annotations

import pytest

from roomtone.reports.risk_coverage import draw_risk_coverage
from roomtone.reports.style import DARK, LIGHT, render, styled
from roomtone.stats.selective import risk_coverage

CURVE = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, True, False, True])


def test_the_line_is_the_curve_and_the_title_its_area():
    with styled(LIGHT):
        figure = draw_risk_coverage(CURVE, LIGHT)
        (axis,) = figure.axes
        line = axis.get_lines()[1]
        assert line.get_xdata().tolist() == list(CURVE.coverage)
        assert line.get_ydata().tolist() == list(CURVE.risk)
        assert f"{CURVE.aurc:.4f}" in figure.legends[0].get_title().get_text()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("correct", [[True] * 4, [False] * 4, [False, True, True, True]])
def test_every_curve_can_be_drawn_and_gives_the_same_bytes_again(theme, correct):
    curve = risk_coverage([0.9, 0.8, 0.8, 0.6], correct)
    one, two = (render(lambda t: draw_risk_coverage(curve, t), theme, "png svg") for _ in range(2))
    assert one == two
    assert len(one) == 2
