"""Data sets encode once, cut at the length limit and read labels as people write them."""

import numpy as np
import pytest

from roomtone.data.dataset import CSVSentimentDataset, SentimentDataset
from roomtone.errors import DataError
from roomtone.labels import LabelScheme
from roomtone.text import Vocabulary

TEXTS = ["good good film", "a bad one , really bad", "so so"]


@pytest.fixture
def vocabulary():
    return Vocabulary(100, 1).build_from_texts(TEXTS)


def test_long_texts_are_cut_and_short_ones_left_alone(vocabulary):
    dataset = SentimentDataset(TEXTS, [2, 0, 1], vocabulary, max_len=3)
    whole = SentimentDataset(TEXTS, [2, 0, 1], vocabulary)
    assert dataset.lengths.tolist() == [3, 3, 2]
    for row in range(3):
        assert dataset[row][0].tolist() == whole[row][0][:3].tolist()
    assert np.diff(dataset.encoded.offsets).tolist() == whole.lengths.tolist()


def test_labels_may_be_names_or_codes(vocabulary):
    named = SentimentDataset(TEXTS, ["Positive", "NEGATIVE", " neutral"], vocabulary)
    assert named.labels.tolist() == [2, 0, 1]
    assert SentimentDataset(TEXTS, [2, 0, 1], vocabulary).labels.tolist() == [2, 0, 1]


def test_an_unknown_label_or_a_missing_one_is_an_error(vocabulary):
    with pytest.raises(DataError, match="unknown label 'great'"):
        SentimentDataset(TEXTS, ["great", 0, 1], vocabulary)
    with pytest.raises(DataError, match="3 texts but 2 labels"):
        SentimentDataset(TEXTS, [0, 1], vocabulary)


def test_rows_out_of_range_are_an_index_error(vocabulary):
    dataset = SentimentDataset(TEXTS, [0, 1, 2], vocabulary)
    assert dataset[-1][1] == 2
    with pytest.raises(IndexError):
        dataset[3]


def test_a_csv_file_gives_the_same_data_set(tmp_path, vocabulary):
    path = tmp_path / "comments.csv"
    path.write_text('body,mood\n"good good film",up\n"a bad one , really bad",down\n')
    scheme = LabelScheme.from_map({"down": 0, "up": 1})
    dataset = CSVSentimentDataset(
        path, vocabulary, text_column="body", label_column="mood", scheme=scheme
    )
    assert dataset.labels.tolist() == [1, 0]
    assert dataset[0][0].tolist() == SentimentDataset(TEXTS[:1], [0], vocabulary)[0][0].tolist()
