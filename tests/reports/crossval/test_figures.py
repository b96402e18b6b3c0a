"""Labels of figures do not overlap, also of many models with long names."""

from __future__ import annotations

import json
from itertools import combinations

import pytest

from roomtone.reports.comparison import draw_differences, draw_scores
from roomtone.reports.critical_difference import draw_critical_difference
from roomtone.reports.curve_bands import bands, draw_curve_bands
from roomtone.reports.risk_coverages import draw_risk_coverages
from roomtone.reports.style import DARK, LIGHT, series_line, styled

NAMES = [
    "logreg",
    "svm with words and runs of characters",
    "a hybrid of convolutions, a bidirectional LSTM and attention",
    "ensemble",
    "stacking of everything that there is, and then some more",
    "x" * 60,
    "naïve Bayes",
    "prior",
]


def texts_of(figure):
    """Every text that is drawn, with its box in dots."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    FigureCanvasAgg(figure).draw()
    beyond = set()  # labels of ticks outside the axes exist, but are not drawn
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        ticks = set(axis.get_major_ticks()) - set(axis._update_ticks())
        beyond |= {label for tick in ticks for label in (tick.label1, tick.label2)}
    drawn = [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in beyond
    ]
    return [(text.get_text(), text.get_window_extent()) for text in drawn]


def check_labels(figure):
    found = texts_of(figure)
    assert len(found) >= 5
    for (first, box), (second, other) in combinations(found, 2):
        # Boxes hold a dot of air that ink does not fill.
        apart = (
            box.x1 <= other.x0 + 1
            or other.x1 <= box.x0 + 1
            or box.y1 <= other.y0 + 1
            or other.y1 <= box.y0 + 1
        )
        assert apart, f"{first!r} lies over {second!r}"
    return [text for text, _ in found]


@pytest.fixture(params=[LIGHT, DARK], ids=["light", "dark"])
def theme(request):
    with styled(request.param):
        yield request.param


def model(place: int) -> dict:
    folds = [{"f1_macro": 0.6 + 0.01 * place + 0.01 * fold} for fold in range(5)]
    score = {"mean": 0.62 + 0.01 * place, "low": 0.58, "high": 0.7}
    curve = {"coverage": [0.01, 0.5, 1.0], "risk": [0.0, 0.1, 0.2 + 0.01 * place], "aurc": 0.1}
    return {
        "name": NAMES[place],
        "scores": {"f1_macro": score},
        "fold_scores": folds,
        "risk": curve,
        "mean_rank": 1.0 + 0.9 * place,
    }


def test_scores_of_eight_models(theme):
    check_labels(draw_scores([model(place) for place in range(8)], "f1_macro", theme))


def test_differences_of_twenty_eight_pairs(theme):
    rows = [
        {"model": NAMES[b], "reference": NAMES[a], "difference": (b - a) / 50, "outcome": "better"}
        | {"low": (b - a) / 50 - 0.03, "high": (b - a) / 50 + 0.03}
        for a, b in combinations(range(8), 2)
    ]
    family = {"rows": rows, "rope": 0.01, "metric_name": "macro-F1"}
    check_labels(draw_differences(family, theme))


@pytest.mark.parametrize("spread", [1.0, 0.001], ids=["apart", "tied"])
@pytest.mark.parametrize("count", [2, 3, 8])
def test_the_critical_difference_diagram(spread, count, theme):
    models = [{**model(place), "mean_rank": 1 + spread * place} for place in range(count)]
    across = {"refused": None, "models": models, "groups": [[0, 1], [count // 2, count - 1]]}
    labels = check_labels(draw_critical_difference(across, theme))
    assert sum("1.0" in label for label in labels) >= 1


def test_risk_coverage_of_eight_models(theme):
    labels = check_labels(draw_risk_coverages([model(place) for place in range(8)], theme))
    assert sum("(area 0.100)" in label for label in labels) == 8


def test_bands_of_three_runs(theme):
    histories = [
        {"train_loss": [1.0, 0.9 - 0.1 * run], "val_f1_macro": [0.5, 0.6, 0.6][: 2 + run % 2]}
        for run in range(3)
    ]
    check_labels(draw_curve_bands(bands(histories), theme))


def test_eight_models_look_different_without_colour_and_stand_out_from_the_paper():
    for theme in (LIGHT, DARK):
        lines = [series_line(place, theme) for place in range(8)]
        assert len({line.colour for line in lines}) == 8
        assert len({(line.dash, line.marker) for line in lines}) == 8
        for line in lines:
            assert contrast(line.colour, theme.paper) >= 3, line  # WCAG 2.1, 1.4.11


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_figures_are_drawn_from_what_json_can_hold():
    assert json.loads(json.dumps(model(0))) == model(0)
