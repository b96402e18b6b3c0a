import io
import time

import pytest

from roomtone.cli.progress import clock, time_left
from roomtone.cli.score_progress import ScoreProgress
from roomtone.training.console import Console


@pytest.fixture
def now(monkeypatch):
    times = {"now": 100.0}
    monkeypatch.setattr(time, "monotonic", lambda: times["now"])
    return times


@pytest.mark.parametrize(
    ("seconds", "before", "fraction", "left"),
    [
        (10, 0.0, 0.5, 10),
        (10, 0.5, 0.75, 10),
        (10, 0.0, 1.0, 0),
        (10, 0.5, 0.5, None),
        (10, 0.0, None, None),
    ],
)
def test_the_rest_takes_as_long_as_the_pace_so_far_says(seconds, before, fraction, left):
    assert time_left(seconds, before, fraction) == left


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0:00"), (59.6, "1:00"), (3723, "1:02:03"), (360000, "100:00:00")]
)
def test_a_duration_is_shown_as_a_clock_shows_it(seconds, shown):
    assert clock(seconds) == shown


def test_without_a_terminal_a_line_comes_every_ten_seconds(now):
    stream = io.StringIO()
    with ScoreProgress(Console(stream=stream)) as progress:
        progress.update(1000, 0.2)
        for second in range(1, 31):
            now["now"] = 100.0 + second
            progress.update(1000 + 100 * second, 0.2 + 0.02 * second)
    assert stream.getvalue().splitlines() == [
        "  40.0 %, 2,000 rows, 100 rows/s, 0:30 left",
        "  60.0 %, 3,000 rows, 100 rows/s, 0:20 left",
        "  80.0 %, 4,000 rows, 100 rows/s, 0:10 left",
    ]


def test_where_the_size_is_unknown_rows_and_pace_are_shown(now):
    stream = io.StringIO()
    with ScoreProgress(Console(stream=stream)) as progress:
        progress.update(0, None)
        now["now"] = 120.0
        progress.update(1000, None)
    assert stream.getvalue() == "  1,000 rows, 50 rows/s\n"


def test_a_quiet_one_shows_nothing(now):
    stream = io.StringIO()
    with ScoreProgress(Console(quiet=True, stream=stream)) as progress:
        progress.update(0, 0.0)
        now["now"] = 120.0
        progress.update(1000, 0.5)
    assert stream.getvalue() == ""
