from __future__ import annotations

import pytest

from roomtone.config.monitor import EPOCH_METRICS, MONITORS, check_monitor, is_minimised
from roomtone.config.tree import LEAVES, drop, get, locate, put, siblings


def test_every_key_of_the_schema_is_documented():
    assert [path for path, field in LEAVES.items() if not field.description] == []


def test_a_path_that_is_not_set_is_none():
    assert get({"a": {"b": 1}}, "a.b") == 1
    assert get({"a": {"b": 1}}, "a.c") is None
    assert get({"a": {"b": 1}}, "a.b.c") is None


def test_setting_a_path_makes_the_sections_on_the_way():
    tree = {"a": None}
    put(tree, "a.b", 1)
    put(tree, "c.d.e", 2)
    assert tree == {"a": {"b": 1}, "c": {"d": {"e": 2}}}


def test_setting_a_path_leaves_a_value_in_the_place_of_a_section():
    tree = {"a": 5}
    put(tree, "a.b", 1)
    assert tree == {"a": 5}


def test_dropping_a_key_removes_that_key_alone():
    tree = {"a": {"b": 1, 3: 2, None: 3}, "a.b": 4}
    drop(tree, ("a", "3"))
    drop(tree, ("a", "None"))
    drop(tree, ("a.b",))
    assert tree == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("loc", "key"),
    [
        (("seed",), ("seed",)),
        (("model",), ("model",)),
        (("model", "cnn", "filter_sizes", 1), ("model", "cnn", "filter_sizes")),
        (("training", "class_weights", "tuple[...]", 1), ("training", "class_weights")),
        (("data", "label_map", "a", "int"), ("data", "label_map")),
        (("training", "batch-size"), ("training", "batch-size")),
        (("model.cnn", "x"), ("model.cnn",)),
    ],
)
def test_a_location_belongs_to_a_key(loc, key):
    assert locate(loc) == key


def test_siblings_are_the_keys_and_sections_beside_a_path():
    assert siblings("model.cnn.x") == ["filter_sizes", "num_filters", "dropout", "enabled"]
    assert siblings("x")[:2] == ["model", "training"]


@pytest.mark.parametrize("name", MONITORS)
def test_losses_alone_are_minimised(name):
    assert check_monitor(name) == name
    assert is_minimised(name) is name.endswith("_loss")


def test_each_metric_of_an_epoch_can_be_monitored_on_either_split():
    assert len(MONITORS) == 2 * len(EPOCH_METRICS)
