from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker_processes import worker_environment

from roomtone_site.limits import counting
from roomtone_site.limits.counting import count, take_back, wait
from roomtone_site.limits.models import Use

EACH = 300
COUNTS = """
import sys
import django
django.setup()
from roomtone_site.limits import counting
counting.time.time = lambda: 1_000_000.0
sys.stdin.readline()
print(*[counting.count("the same", 1, 60) for _ in range(int(sys.argv[1]))])
"""


@pytest.fixture
def clock(monkeypatch):
    """The time, which stands still unless a test moves it."""

    class Clock:
        now = 1_000_000.0

        def time(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(counting, "time", clock)
    return clock


@pytest.mark.django_db
def test_a_window_adds_up_and_the_next_begins_at_nothing(clock):
    clock.now = 600.0
    assert [count("a", n, 60) for n in (1, 2, 3)] == [1, 3, 6]
    assert count("b", 1, 60) == 1
    assert count("a", 1, 30) == 1, "windows of another length are others"
    assert wait(60) == 60
    take_back("a", 2, 60)
    clock.now += 59.9
    assert count("a", 1, 60) == 5
    assert wait(60) == 1
    clock.now += 0.1
    assert count("a", 1, 60) == 1
    take_back("never counted", 1, 60)
    assert Use.objects.filter(amount__lt=1).count() == 0


@pytest.mark.django_db
def test_what_is_over_is_swept_away_and_nothing_else(clock):
    for n in range(5):
        count(f"{n}", 1, 60)
    count("longer", 7, 3600)
    clock.now += 60
    count("0", 1, 60)
    assert sorted(Use.objects.values_list("amount", flat=True)) == [1, 7]
    assert count("longer", 1, 3600) == 8


@pytest.mark.django_db
def test_the_table_tells_nothing_of_what_is_counted():
    count("203.0.113.7", 1, 60)
    (row,) = Use.objects.values_list("key", flat=True)
    assert len(row) == 64
    assert "203" not in row or not row.startswith("203")


@given(now=st.floats(0, 4e9), window=st.integers(1, 10**5))
def test_one_never_waits_longer_than_a_window(now, window):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting.time, "time", lambda: now)
        assert 1 <= wait(window) <= window


@pytest.mark.django_db(transaction=True)
def test_several_processes_miss_nothing_of_each_other(tmp_path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COUNTS, str(EACH)],
            env=worker_environment(tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        for _ in range(2)
    ]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    found = [list(map(int, process.communicate(timeout=120)[0].split())) for process in processes]
    # Each number was given to one of them once: a limit between two of them lets so many through.
    assert sorted(found[0] + found[1]) == list(range(1, 2 * EACH + 1))
    assert Use.objects.get().amount == 2 * EACH
