"""Batches hold each row once, padded to their own longest text, in a reproducible order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import SentimentDataset
from roomtone.text import Vocabulary

text_lengths = st.lists(st.integers(1, 30), min_size=1, max_size=80)


def dataset_of(lengths, max_len=200):
    texts = [" ".join(f"w{word}" for word in range(length)) for length in lengths]
    vocabulary = Vocabulary(100, 1).build_from_texts(texts)
    return SentimentDataset(texts, [row % 3 for row in range(len(texts))], vocabulary, max_len)


@given(text_lengths, st.integers(1, 9), st.booleans(), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_each_row_stands_in_exactly_one_batch_of_an_epoch(lengths, size, shuffle, epoch):
    loader = BatchLoader(dataset_of(lengths), size, shuffle=shuffle)
    batches = list(loader.batches(epoch))
    assert sorted(np.concatenate([batch.rows for batch in batches])) == list(range(len(lengths)))
    assert len(batches) == len(loader)


@given(text_lengths, st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_a_batch_holds_each_text_whole_and_padding_only_behind_it(lengths, size):
    dataset = dataset_of(lengths)
    for batch in BatchLoader(dataset, size, shuffle=True):
        assert batch.input_ids.shape[1] == batch.lengths.max()
        for line, length, row in zip(batch.input_ids, batch.lengths, batch.rows, strict=True):
            assert line[:length].tolist() == dataset[row][0].tolist()
            assert not line[length:].any()
        assert batch.labels.tolist() == dataset.labels[batch.rows].tolist()


def test_the_order_depends_on_seed_and_epoch_alone():
    dataset = dataset_of([3] * 50)

    def rows(seed, epoch):
        loader = BatchLoader(dataset, 4, shuffle=True, seed=seed)
        return np.concatenate(loader.plan(epoch)).tolist()

    assert rows(1, 0) == rows(1, 0)
    assert rows(1, 0) != rows(1, 1)
    assert rows(1, 0) != rows(2, 0)


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_workers_and_a_later_start_change_nothing_in_the_batches(workers):
    dataset = dataset_of(list(range(1, 41)))
    plain = list(BatchLoader(dataset, 4, shuffle=True).batches(2))
    ahead = list(BatchLoader(dataset, 4, shuffle=True, num_workers=workers).batches(2, start=3))
    assert len(ahead) == len(plain) - 3
    for one, other in zip(plain[3:], ahead, strict=True):
        assert one.input_ids.equal(other.input_ids)
        assert one.rows.tolist() == other.rows.tolist()


def test_length_buckets_leave_little_padding():
    lengths = np.random.default_rng(0).integers(1, 60, 3000)
    loader = BatchLoader(dataset_of(lengths.tolist()), 32, shuffle=True)
    padded = sum(batch.input_ids.numel() for batch in loader.batches(0))
    assert padded < 1.05 * lengths.sum()


def test_a_subset_draws_its_own_rows_only():
    dataset = dataset_of([2] * 10)
    loader = BatchLoader(dataset, 3, indices=np.array([7, 1, 4]))
    drawn = np.concatenate([batch.rows for batch in loader])
    assert sorted(loader.indices[drawn]) == [1, 4, 7]
    assert loader.labels.tolist() == [7 % 3, 1, 1]
