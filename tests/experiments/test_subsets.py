"""Folds and nested parts of rows: all rows, once each, every class with its share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.errors import DataError
from roomtone.experiments.study import make_plan, open_study
from roomtone.experiments.subsets import FORMAT, Writer, nested_order, read_split, write_folds
from roomtone.experiments.trial import Trial
from roomtone.training.preparation import split_files


@pytest.fixture
def study(study_config, tmp_path):
    config = study_config()
    plan = make_plan("ablation", config, split_files(config), {})
    with open_study(tmp_path / "study", plan) as opened:
        yield opened


@given(
    labels=st.lists(st.integers(0, 3), min_size=1, max_size=80).map(np.array),
    seed=st.integers(0, 2**32 - 1),
)
def test_each_beginning_of_a_nested_order_has_its_share_of_every_class(labels, seed):
    order = nested_order(labels, seed)
    np.testing.assert_array_equal(np.sort(order), np.arange(labels.size))
    shares = np.bincount(labels, minlength=4) / labels.size
    for size in range(1, labels.size + 1):
        counts = np.bincount(labels[order[:size]], minlength=4)
        assert np.all(np.abs(counts - size * shares) < 1.5)


def test_another_seed_takes_other_rows():
    labels = np.arange(100) % 3
    assert set(nested_order(labels, 1)[:30]) != set(nested_order(labels, 2)[:30])


def test_folds_test_each_row_once_and_leave_the_test_file_alone(study):
    files, rows = write_folds(study, 4, seed=3)
    np.testing.assert_array_equal(np.sort(np.concatenate(rows)), np.arange(90 + 45))
    config = study.base
    texts = [t for p in (config.train_csv, config.val_csv) for t in read_split(config, p).texts]
    for place, (parts, tested) in enumerate(zip(files, rows, strict=True)):
        own = Trial(f"f{place}", FORMAT, parts).configure(study)
        read = {s: read_split(own, path).texts for s, path in parts.items()}
        assert read["test"] == [texts[row] for row in tested]
        assert sorted([*read["train"], *read["val"], *read["test"]]) == sorted(texts)
        assert 0 < len(read["val"]) <= len(read["train"]) / 8


def test_more_folds_than_the_rarest_class_has_rows_are_refused(study):
    with pytest.raises(DataError, match="--folds 46: expected 2 to 45, the rows of the rarest"):
        write_folds(study, 46, seed=1)


@given(texts=st.lists(st.text(min_size=1), min_size=1, max_size=6))
def test_texts_are_read_back_as_they_were(tmp_path_factory, study_corpus, texts):
    from roomtone.config import load_config
    from roomtone.experiments.study import Study

    root = tmp_path_factory.mktemp("texts")
    config = load_config(tree={"train_csv": str(study_corpus / "train.csv")}, check_files=False)
    study = Study(root, make_plan("ablation", config, {}, {}), config)
    kept = [text for text in texts if text.strip() and "\0" not in text and text.isprintable()]
    if not kept:
        return
    path = Writer(study).write("some", kept, np.zeros(len(kept), dtype=np.int64))
    assert read_split(config, path).texts == kept
