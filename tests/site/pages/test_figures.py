from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

import roomtone_site.pages
from roomtone.reports.style import DARK, LIGHT
from roomtone.stats.proportions import exact_interval
from roomtone_site.analysis.summary import Summary
from roomtone_site.pages import charts, figures
from roomtone_site.pages.templatetags.site_pages import p_equals, percent, points

COUNTS = st.lists(st.integers(0, 10**6), min_size=3, max_size=3)


def _summary(counts, **values):
    plain = {
        "weights": counts, "squares": counts, "unit": "day", "periods": [], "undated": 0,
        "opening": counts, "replies": [0, 0, 0], "threads": [], "words": [[], [], []],
        "phrases": [[], [], []], "removed": {}, "removed_comments": 0,
    }  # fmt: skip
    return Summary(counts=counts, **plain | values)


@given(COUNTS)
def test_shares_are_those_of_the_counts_with_exact_intervals(counts):
    rows = figures.shares(_summary(counts))
    total = sum(counts)
    low, high = exact_interval(counts, [total] * 3)
    for code, row in enumerate(rows):
        assert row.share == pytest.approx(100 * counts[code] / total if total else 0)
        assert row.low == pytest.approx(100 * low[code])
        assert row.high == pytest.approx(100 * high[code])
        assert row.low - 1e-9 <= row.share <= row.high + 1e-9 or not total


@given(COUNTS)
def test_bars_fill_their_place_and_stay_in_it(counts):
    drawn = re.findall(r'x="([\d.]+)" width="([\d.]+)"', charts.stacked_bar(counts))
    assert float(drawn[0][0]) == 0
    assert all(float(x) + float(width) <= 100.02 for x, width in drawn)
    if sum(counts):
        assert sum(float(width) for _, width in drawn) == pytest.approx(100, abs=0.05)


@given(st.lists(st.tuples(st.just("2025-01-01"), COUNTS), min_size=1, max_size=48), st.booleans())
def test_columns_stay_in_their_chart(periods, shares):
    drawn = charts.columns(periods, 'of "all" <b>', shares=shares)
    assert 'aria-label="of &quot;all&quot; &lt;b&gt;"' in drawn
    for y, height in re.findall(r' y="(-?[\d.]+)" width="[\d.]+" height="([\d.]+)"', drawn):
        assert -0.05 <= float(y) <= 100
        assert float(y) + float(height) <= 100.05
    assert drawn.count("<title>") == len(periods)


def test_a_lead_that_chance_may_explain_is_called_so():
    assert figures.headline(figures.shares(_summary([100, 200, 700]))) == (
        "Of 1,000 comments, 70 % are positive and 20 % neutral."
    )
    close = figures.headline(figures.shares(_summary([48, 2, 50])))
    assert close.endswith("though not by more than chance may explain.")
    assert figures.headline(figures.shares(_summary([0, 0, 0]))) == "No comment is left to count."


@pytest.mark.parametrize("counts", [(62, 50, 88), (60, 50, 88), (10, 0, 2), (5, 0, 0), (6, 0, 0)])
def test_a_lead_is_sure_where_the_exact_test_of_the_two_largest_says_so(counts):
    least, most = sorted(counts)[1:]
    sure = "by more than chance may" not in figures.headline(figures.shares(_summary(counts)))
    assert sure == (binomtest(most, least + most).pvalue < 0.05)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([5, 5, 2], "Of 12 comments, as many are negative as neutral: 42 % each."),
        ([0, 0, 1], "Of 1 comment, 100 % are positive and 0 % negative, though not by more than"),
    ],
)
def test_ties_and_single_comments_are_named(counts, said):
    assert figures.headline(figures.shares(_summary(counts))).startswith(said)


def test_the_style_has_the_colours_of_the_figures():
    css = (Path(roomtone_site.pages.__file__).parent / "static/pages/site.css").read_text()
    light, dark = (
        dict(re.findall(r"--(\w+): (#\w{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.S)[:2]
    )
    for theme, found in ((LIGHT, light), (DARK, dark)):
        assert (found["ink"], found["muted"], found["grid"], found["paper"]) == (
            theme.ink, theme.muted, theme.grid, theme.paper,
        )  # fmt: skip
        assert (found["negative"], found["positive"]) == (theme.train, theme.validation)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0 %"), (0.004, "< 1 %"), (0.5, "50 %"), (0.995, "> 99 %"), (1, "100 %")],
)
def test_what_is_not_quite_all_never_looks_like_all(value, shown):
    assert percent(value) == shown


def test_differences_and_p_values_are_written_as_papers_do():
    assert (points(-0.0531), points(0.02)) == ("−5.3", "+2.0")
    assert (p_equals(0.0004), p_equals(0.0421)) == ("p < 0.001", "p = 0.042")
