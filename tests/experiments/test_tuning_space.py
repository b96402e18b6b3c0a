"""The space of a search is the guide's: its lists, in its order."""

import io
import re
from pathlib import Path

import pytest

from roomtone.config.tree import LEAVES
from roomtone.experiments.study import open_study
from roomtone.experiments.tuning import plan_tuning
from roomtone.experiments.tuning_space import guide_groups, settled_groups
from roomtone.training.console import Console

AS_THE_GUIDE_SAYS = [
    ("Learning rate", {"learning rate": (0.0001, 0.0005, 0.001, 0.002, 0.005)}),
    ("Batch size", {"batch size": (16, 32, 64, 128)}),
    (
        "Architecture",
        {"CNN filters": (64, 96, 128, 160), "LSTM hidden": (64, 96, 128, 192, 256)},
    ),
    (
        "Regularization",
        {"dropout": (0.2, 0.3, 0.4, 0.5), "weight decay": (0.00001, 0.0001, 0.001)},
    ),
    ("Sequence length", {"max_len": (20, 40)}),
]


def test_groups_and_lists_are_those_of_the_guide_in_its_order():
    groups = guide_groups([20, 40], None, one_by_one=False)
    found = [(group.title, {axis.name: axis.values for axis in group.axes}) for group in groups]
    assert found == AS_THE_GUIDE_SAYS
    assert [len(list(group.candidates())) for group in groups] == [5, 4, 20, 12, 2]
    assert all(key in LEAVES for group in groups for axis in group.axes for key in axis.keys)


def test_one_by_one_each_quantity_is_a_group():
    groups = guide_groups([20, 40], None, one_by_one=True)
    assert [len(list(group.candidates())) for group in groups] == [5, 4, 4, 5, 4, 3, 2]


@pytest.mark.parametrize(("rate", "count"), [(0.02, 6), (0.0011, 5), (None, 5)])
def test_a_suggested_rate_joins_the_list_unless_it_is_there(rate, count):
    axis = guide_groups([], rate, one_by_one=False)[0].axes[0]
    assert len(axis.values) == count
    assert list(axis.values) == sorted(axis.values)


def test_lengths_come_from_the_training_texts_and_are_found_out_once(study_config, tmp_path):
    config = study_config()
    plan = plan_tuning(config, "guide", find_rate=True, one_by_one=False)
    stream = io.StringIO()
    with open_study(tmp_path / "study", plan) as study:
        groups = settled_groups(study, Console(stream=stream))
        assert re.search("Looking for a learning rate", stream.getvalue())
        before = (study.root / "space.json").read_bytes()
        assert settled_groups(study, Console(stream=stream)) == groups
        assert (study.root / "space.json").read_bytes() == before
    assert stream.getvalue().count("Looking") == 1
    lengths = groups[-1].axes[0].values
    assert lengths == (15, 40) or lengths == (10, 15, 40)
    assert Path(config.train_csv).is_file()
