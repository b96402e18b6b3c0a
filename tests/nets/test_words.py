from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from roomtone.nets.words import distinct, each_position, takes_shortcuts

batches = st.tuples(st.integers(1, 5), st.integers(1, 6)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 9), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@given(batches)
def test_each_word_is_listed_once_and_found_again_at_its_places(batch):
    ids = torch.tensor(batch)
    words, places = distinct(ids)
    once = sorted(set(ids.flatten().tolist()))
    assert words[: len(once)].tolist() == once
    assert not words[len(once) :].any(), "what fills up is padding"
    assert torch.equal(words[places], ids)


def test_the_number_of_rows_is_one_of_few_and_little_more_than_there_are_words():
    counts = range(1, 3000)
    rows = [len(distinct(torch.arange(1, count + 1)[None])[0]) for count in counts]
    assert all(row >= count for row, count in zip(rows, counts, strict=True))
    assert all(row - count < max(8, count / 8) for row, count in zip(rows, counts, strict=True))
    assert len(set(rows)) < 80


@given(batches)
def test_without_shortcuts_each_position_is_a_word_of_its_own(batch):
    ids = torch.tensor(batch, device="meta")
    words, places = distinct(ids)
    assert words.shape == (ids.numel(),)
    assert places.shape == ids.shape
    own = each_position(torch.tensor(batch))
    assert own.shape == ids.shape
    assert own.flatten().tolist() == list(range(ids.numel()))


class Looking(torch.nn.Module):
    def __init__(self, look):
        super().__init__()
        self.forward = look


def test_shortcuts_are_for_a_processor_and_not_for_a_traced_graph():
    assert takes_shortcuts(torch.device("cpu"))
    assert not takes_shortcuts(torch.device("cuda"))
    seen = []

    def look(states):
        seen.append(takes_shortcuts(states.device))
        return states + 1

    torch.jit.trace(look, torch.ones(2), check_trace=False)
    torch.export.export(Looking(look), (torch.ones(2),), strict=False)
    assert len(seen) >= 2
    assert not any(seen)
