"""Folds are stratified, disjoint and complete."""

import numpy as np
import pytest

from roomtone.data.dataset import SentimentDataset
from roomtone.data.folds import create_k_fold_loaders
from roomtone.errors import DataError
from roomtone.text import Vocabulary


@pytest.fixture
def dataset():
    texts = [f"text number {row}" for row in range(60)]
    vocabulary = Vocabulary(100, 1).build_from_texts(texts)
    return SentimentDataset(texts, [0] * 30 + [1] * 20 + [2] * 10, vocabulary)


def test_the_validation_parts_of_all_folds_are_the_whole_data_set_once(dataset):
    seen = []
    for fold in range(5):
        train, val = create_k_fold_loaders(dataset, n_folds=5, fold_index=fold)
        assert not set(train.indices) & set(val.indices)
        assert len(train.indices) + len(val.indices) == len(dataset)
        assert np.bincount(val.labels).tolist() == [6, 4, 2]
        seen.extend(val.indices)
    assert sorted(seen) == list(range(len(dataset)))


@pytest.mark.parametrize(
    ("folds", "index", "message"),
    [(5, 5, "expected 0 to 4"), (11, 0, "expected 2 to 10"), (1, 0, "expected 2 to 10")],
)
def test_a_fold_that_cannot_be_made_is_an_error(dataset, folds, index, message):
    with pytest.raises(DataError, match=message):
        create_k_fold_loaders(dataset, n_folds=folds, fold_index=index)
