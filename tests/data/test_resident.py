"""Batches put together on a device equal those that the host puts together."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import SentimentDataset
from roomtone.data.resident import ResidentTexts
from roomtone.text import Vocabulary

CPU = torch.device("cpu")


def dataset_of(lengths):
    texts = [" ".join(f"w{word % 90}" for word in range(length)) for length in lengths]
    vocabulary = Vocabulary(100, 1).build_from_texts(["w0", *texts])
    return SentimentDataset(texts, [row % 3 for row in range(len(texts))], vocabulary)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=60), st.integers(1, 9), st.data())
@settings(max_examples=60, deadline=None)
def test_they_equal_those_of_the_host_whatever_the_rows(lengths, size, data):
    dataset = dataset_of(lengths)
    rows = st.lists(st.sampled_from(range(len(lengths))), min_size=1, unique=True)
    loader = BatchLoader(dataset, size, shuffle=True, indices=np.array(data.draw(rows)))
    plan = [loader.indices[rows] for rows in loader.plan(3)]
    drawn = list(ResidentTexts(dataset, CPU).draw(plan))
    for batch, (ids, lengths_, labels) in zip(loader.batches(3), drawn, strict=True):
        assert ids.dtype == batch.input_ids.dtype
        assert ids.equal(batch.input_ids)
        assert lengths_.equal(batch.lengths)
        assert labels.equal(batch.labels)


def test_no_rows_are_no_batches():
    assert list(ResidentTexts(dataset_of([]), CPU).draw([])) == []


@pytest.mark.parametrize("start", [0, 3])
def test_a_loader_gives_the_same_batches_on_any_device(start, device):
    loader = BatchLoader(dataset_of(range(1, 30)), 4, shuffle=True, num_workers=2)
    plain = list(loader.batches(1, start))
    there = list(loader.batches(1, start, device=torch.device(device)))
    assert [batch.rows.tolist() for batch in there] == [batch.rows.tolist() for batch in plain]
    for one, other in zip(plain, there, strict=True):
        assert other.input_ids.device.type == other.labels.device.type == device
        for name in ("input_ids", "lengths", "labels"):
            assert getattr(one, name).equal(getattr(other, name).cpu())
