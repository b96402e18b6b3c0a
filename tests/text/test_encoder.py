"""Encoded texts: cut to a length, and laid side by side."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from roomtone.text import PAD, EncodedTexts

rows_of_ids = st.lists(st.lists(st.integers(1, 99), min_size=1, max_size=9), max_size=7)


def encoded(rows):
    offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return EncodedTexts(np.array([number for row in rows for number in row], np.int32), offsets)


@given(rows=rows_of_ids, longest=st.integers(1, 12))
def test_a_cut_text_is_its_beginning(rows, longest):
    cut = encoded(rows).cut(longest)
    assert [cut[row].tolist() for row in range(len(cut))] == [row[:longest] for row in rows]


@given(rows=rows_of_ids.filter(bool), data=st.data())
def test_a_batch_holds_the_chosen_texts_and_padding_behind_them(rows, data):
    chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=5))
    ids, lengths = encoded(rows).padded(np.array(chosen))
    assert ids.shape == (len(chosen), lengths.max())
    for line, length, row in zip(ids.tolist(), lengths.tolist(), chosen, strict=True):
        assert line[:length] == rows[row]
        assert set(line[length:]) <= {PAD}
