"""The gain of the best of many: what luck gives is taken away, what is real stays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.stats.selection import loss_selection_noise, selection_noise


def guesses(rng, labels, accuracy, count):
    """Predictions that are right independently with a chance of `accuracy`."""
    right = rng.random((count, labels.size)) < accuracy
    wrong = (labels + rng.integers(1, 3, (count, labels.size))) % 3
    return {f"s{number}": row for number, row in enumerate(np.where(right, labels, wrong))}


def test_among_equals_the_apparent_gain_is_luck_and_the_corrected_one_is_none():
    rng = np.random.default_rng(0)
    apparent, corrected = [], []
    for repeat in range(60):
        labels = rng.integers(0, 3, 200)
        found = selection_noise(
            labels,
            guesses(rng, labels, 0.6, 20),
            3,
            "accuracy",
            reference="s0",
            resamples=100,
            seed=repeat,
        )
        apparent.append(found.apparent)
        corrected.append(found.corrected)
    spread = np.std(corrected) / np.sqrt(len(corrected))
    assert np.mean(apparent) > 0.05
    # Of independent settings the one chosen is no better elsewhere.
    assert abs(np.mean(corrected)) < 3 * spread + 0.005
    assert np.mean(corrected) < np.mean(apparent) / 4


def test_a_real_gain_stays():
    rng = np.random.default_rng(1)
    gains = []
    for repeat in range(20):
        labels = rng.integers(0, 3, 300)
        table = guesses(rng, labels, 0.5, 8) | {"better": guesses(rng, labels, 0.65, 1)["s0"]}
        found = selection_noise(
            labels, table, 3, "accuracy", reference="s0", resamples=100, seed=repeat
        )
        gains.append(found.corrected)
        assert found.best == "better"
        assert found.chosen["better"] > 0.5
    assert np.mean(gains) == pytest.approx(0.15, abs=0.03)


def test_the_estimate_is_cautious_and_its_interval_wide():
    """What is chosen on a resample is truly worse, on average, than what all rows choose."""
    rng, gained, resampled, covered = np.random.default_rng(2), [], [], []
    gains = 0.02 * np.arange(8)
    for repeat in range(100):
        labels = rng.integers(0, 3, 200)
        table = {
            f"s{place}": guesses(rng, labels, 0.6 + gain, 1)["s0"]
            for place, gain in enumerate(gains)
        }
        noise = selection_noise(
            labels, table, 3, "accuracy", reference="s0", resamples=100, seed=repeat
        )
        gained.append(gains[int(noise.best[1:])])
        resampled.append(sum(gains[int(name[1:])] * part for name, part in noise.chosen.items()))
        covered.append(noise.low <= gained[-1] <= noise.high)
    below = np.array(gained) - resampled
    assert below.mean() > 3 * below.std(ddof=1) / np.sqrt(below.size)
    assert np.mean(covered) > 0.95
    assert "upper estimate" not in selection_noise.__doc__


def test_the_score_of_one_resample_is_that_of_its_rows():
    """By hand: two settings, one drawn set, the metric by scikit-learn on the rows left out."""
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, 50)
    table = guesses(rng, labels, 0.6, 2)
    found = selection_noise(labels, table, 3, reference="s0", resamples=1, seed=5)
    drawn = np.random.default_rng(5).integers(0, 50, (1, 50))[0]
    outside = np.setdiff1d(np.arange(50), drawn)

    def score(name, rows):
        return f1_score(labels[rows], table[name][rows], average="macro")

    winner = max(table, key=lambda name: score(name, drawn))
    assert found.corrected == pytest.approx(score(winner, outside) - score("s0", outside))
    best = max(table, key=lambda name: score(name, np.arange(50)))
    assert found.best == best
    assert found.apparent == pytest.approx(score(best, range(50)) - score("s0", range(50)))


def test_losses_are_better_where_they_are_less():
    rng = np.random.default_rng(4)
    base = rng.random(200)
    found = loss_selection_noise(
        {"base": base, "worse": base + 0.1, "better": base - 0.1}, reference="base"
    )
    assert (found.best, found.chosen) == ("better", {"better": 1.0})
    assert found.apparent == pytest.approx(0.1)
    assert found.corrected == pytest.approx(0.1)
    assert found.noise == pytest.approx(0.0, abs=1e-12)


@given(
    rows=st.integers(2, 12),
    count=st.integers(1, 4),
    seed=st.integers(0, 99),
    metric=st.sampled_from(["accuracy", "f1_macro", "mcc"]),
)
@settings(max_examples=40, deadline=None)
def test_few_rows_are_no_reason_to_fail(rows, count, seed, metric):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, rows)
    table = guesses(rng, labels, 0.5, count)
    found = selection_noise(labels, table, 3, metric, reference="s0", resamples=20)
    assert found.apparent >= 0
    assert found.low <= found.high
    assert sum(found.chosen.values()) == pytest.approx(1)
    if count == 1:
        assert found.corrected == found.apparent == 0


def test_a_mistake_is_a_clear_error():
    labels, table = [0, 1, 2], {"a": [0, 1, 2]}
    with pytest.raises(DataError, match="did you mean 'f1_macro'"):
        selection_noise(labels, table, 3, "f1_makro", reference="a")
    with pytest.raises(DataError, match="no setting 'b' to compare with"):
        selection_noise(labels, table, 3, reference="b")
    with pytest.raises(DataError, match="the same 2 rows or more"):
        selection_noise(labels, {"a": [0, 1]}, 3, reference="a")
