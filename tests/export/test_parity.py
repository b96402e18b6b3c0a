from __future__ import annotations

import numpy as np
import pytest

from roomtone.errors import CheckpointError, DataError
from roomtone.export import Parity, Quality, compare, invented_texts, quality
from roomtone.text import Vocabulary


def test_differences_are_counted():
    parity = compare([[1.0, 2.0], [3.0, 0.0]], [[1.0, 2.5], [3.0, 3.25]])
    assert parity == Parity(texts=2, largest=3.25, other_label=1)


@pytest.mark.parametrize("largest", [1.1e-4, float("nan")])
def test_a_model_that_differs_is_refused(largest):
    with pytest.raises(CheckpointError, match="differs from the network by"):
        Parity(texts=10, largest=largest, other_label=0).check()


def test_rounding_is_let_pass():
    Parity(texts=10, largest=9e-5, other_label=0).check()


def test_texts_are_invented_the_same_each_time_and_some_are_empty():
    vocabulary = Vocabulary(min_freq=1).build_from_texts(["some words to use"])
    first, second = (invented_texts(vocabulary, 300) for _ in range(2))
    assert first == second
    assert len(first) == 300
    assert "" in first
    assert max(len(text.split()) for text in first) == 40


def test_quality_is_the_macro_f1_of_both():
    labels = np.array([0, 1, 1, 0])
    right = np.eye(2)[labels]
    assert quality(labels, right, right) == Quality(rows=4, before=1.0, after=1.0)
    assert quality(labels, right, np.eye(2)[[0, 1, 0, 0]]).lost == pytest.approx(
        1 - 0.7333, abs=1e-4
    )


@pytest.mark.parametrize(
    ("rows", "after", "refused"),
    [(1000, 0.794, True), (999, 0.7, False), (5000, 0.796, False), (5000, 0.9, False)],
)
def test_a_loss_of_more_than_half_a_point_is_refused_on_enough_rows(rows, after, refused):
    measured = Quality(rows=rows, before=0.8, after=after)
    if not refused:
        measured.check()
        return
    with pytest.raises(DataError, match=r"int8 costs 0\.60 points of macro-F1 on 1,000 rows"):
        measured.check()
