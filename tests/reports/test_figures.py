from __future__ import annotations

import sys
from functools import partial
from itertools import pairwise

import matplotlib
import numpy as np
import pytest

from roomtone.errors import MissingExtraError
from roomtone.reports import pages, read_run
from roomtone.reports.curves import draw_training_curves
from roomtone.reports.figures import FIGURES, write_figures
from roomtone.reports.heatmap import draw_confusion_matrix
from roomtone.reports.lengths import draw_lengths
from roomtone.reports.records import DataSummary, Evaluation, History
from roomtone.reports.reliability import draw_reliability
from roomtone.reports.style import DARK, LIGHT, render, styled
from roomtone.stats import classification_metrics

LONG = "an exceptionally long name of a class that nobody would choose, number {}"


def evaluation(names, most=99_999) -> Evaluation:
    size = len(names)
    counts = np.random.default_rng(0).integers(0, most, (size, size))
    cells = np.repeat(np.arange(size**2), counts.ravel() // 50 + 1)
    metrics = classification_metrics(cells // size, cells % size, size)
    return Evaluation(split="test", metrics=metrics.to_dict(names), class_names=names)


def legend_texts(figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_every_figure_is_written_as_png_and_pdf(make_run, tmp_path):
    written = write_figures(read_run(make_run(rows=60)), tmp_path / "figures")
    names = [f"{name}{suffix}" for name in FIGURES for suffix in (".png", ".pdf")]
    assert sorted(path.name for path in (tmp_path / "figures").iterdir()) == sorted(names)
    assert [path.name for path in written] == names
    for path in written:
        assert path.read_bytes()[:5] in (b"\x89PNG\r", b"%PDF-")


def test_the_same_run_gives_the_same_bytes_whatever_the_users_matplotlib_settings(
    make_run, tmp_path
):
    run = read_run(make_run(rows=60))
    first = [path.read_bytes() for path in write_figures(run, tmp_path / "first")]
    pictures = [pages.figure(partial(draw, run), "", "") for draw in FIGURES.values()]
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "text.usetex": True}):
        again = [path.read_bytes() for path in write_figures(run, tmp_path / "again")]
        assert [pages.figure(partial(draw, run), "", "") for draw in FIGURES.values()] == pictures
        assert matplotlib.rcParams["font.size"] == 30
    assert first == again


def test_figures_without_data_are_left_out(make_run, tmp_path):
    run = read_run(make_run(rows=20, data_report=False, with_probs=False))
    names = {path.stem for path in write_figures(run, tmp_path)}
    assert names == {"training_curves", "confusion_matrix"}


@pytest.mark.parametrize("size", [2, 3, 6, 7, 10, 11, 20])
@pytest.mark.parametrize("name", ["class {}", LONG, "$_{}^$", "😡 {}"])
def test_no_text_of_the_confusion_matrix_leaves_its_place(size, name):
    names = [name.format(code) for code in range(size)]
    with styled(LIGHT):
        figure = draw_confusion_matrix(evaluation(names), LIGHT)
        figure.draw_without_rendering()
    (axis,) = figure.axes
    cell = axis.get_window_extent().width / size
    for text in axis.texts:
        extent = text.get_window_extent()
        assert max(extent.width, extent.height) < cell
    boxes = [label.get_window_extent() for label in axis.get_yticklabels()]
    for upper, lower in pairwise(boxes):
        assert upper.y0 >= lower.y1 or upper.y1 <= lower.y0
    title = axis.yaxis.label.get_window_extent()
    assert all(title.x1 <= box.x0 for box in boxes)


@pytest.mark.parametrize("name", ["$_{}^$", "\\frac{{ {}", "😡{}", "\t{}", "正面{}", "سلبي{}"])
def test_any_class_name_can_be_drawn_in_every_format(name):
    drawn = evaluation([name.format(code) for code in range(3)])
    assert len(render(lambda theme: draw_confusion_matrix(drawn, theme), DARK, "png pdf svg")) == 3


@pytest.mark.parametrize("epochs", [1, 2, 9, 12, 30, 31, 200])
def test_epochs_have_whole_numbers_that_do_not_touch(make_run, epochs):
    history = read_run(make_run(rows=10, epochs=epochs)).history
    with styled(LIGHT):
        figure = draw_training_curves(history, LIGHT)
        figure.draw_without_rendering()
    labels = [label for label in figure.axes[-1].get_xticklabels() if label.get_text()]
    assert all(label.get_text().isdecimal() for label in labels)
    assert int(labels[-1].get_text()) <= epochs
    for left, right in pairwise(label.get_window_extent() for label in labels):
        assert left.x1 + 2 < right.x0


def test_the_best_epoch_and_the_early_stop_are_in_the_legend(make_run):
    history = read_run(make_run(rows=10, epochs=12)).history
    assert legend_texts(draw_training_curves(history, LIGHT)) == [
        "Training",
        "Validation",
        "Best epoch: 5 (stopped early after 12)",
    ]
    full = read_run(make_run(name="full", rows=10, epochs=12, stopped="max_epochs")).history
    assert legend_texts(draw_training_curves(full, LIGHT))[-1] == "Best epoch: 5"


def test_a_run_that_diverged_is_drawn_and_an_empty_history_is_not():
    broken = History(history={"train_loss": [1.0, None], "val_loss": [float("nan"), None]})
    assert draw_training_curves(broken, LIGHT) is not None
    assert draw_training_curves(History(history={}), LIGHT) is None


def test_the_legend_says_how_many_texts_the_cut_meets():
    split = {
        "length": {"p99": 30, "max": 90},
        "length_histogram": {"edges": [0, 50, 100], "counts": [95, 5]},
    }
    for cut, max_len, expected in [
        (0.05, 50, "max_len 50: cuts 5.0% of training texts"),
        (0.0, 200, "max_len 200 (beyond the axis): cuts none"),
        (None, 80, "max_len 80"),
    ]:
        data = DataSummary(splits={"train": {**split, "cut": cut}})
        figure = draw_lengths(data, max_len, LIGHT)
        assert expected in legend_texts(figure)
        beyond = figure.axes[0].get_xlim()[1] < max_len
        assert beyond == ("beyond" in expected)


def test_a_long_tail_is_cut_from_the_axis_and_said():
    split = {
        "length": {"p99": 40, "max": 9000},
        "length_histogram": {"edges": [0, 50, 9000], "counts": [995, 5]},
    }
    axis = draw_lengths(DataSummary(splits={"train": split}), None, LIGHT).axes[0]
    assert axis.get_xlim()[1] < 100
    assert axis.get_xlabel() == "Length in tokens (the longest text has 9,000)"


def test_the_reliability_diagram_states_the_error_and_the_number_of_texts(make_run):
    run = read_run(make_run(rows=80))
    figure = draw_reliability(run.predictions, LIGHT)
    title = figure.legends[0].get_title().get_text()
    assert title == (
        f"Expected calibration error: {run.evaluation.metrics.ece:.3f} (80 texts, 15 bins)"
    )


def test_without_matplotlib_the_way_to_install_it_is_shown(make_run, tmp_path, monkeypatch):
    run = read_run(make_run(rows=10))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'roomtone\[plots\]'"):
        write_figures(run, tmp_path)
