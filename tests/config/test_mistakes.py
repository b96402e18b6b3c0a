"""Every mistake in a configuration is named by its key, all of them at once."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roomtone.config import load_config
from roomtone.config.tree import LEAVES
from roomtone.errors import ConfigError


def problems(tree: dict[str, Any] | None = None, **options: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(tree=tree or {}, **{"check_files": False, **options})
    return list(caught.value.problems)


def nested(path: str, value: object) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("trainning", "the configuration has no key 'trainning'; did you mean 'training'?"),
        (
            "training.batchsize",
            "the section `training` has no key 'batchsize'; did you mean 'batch_size'?",
        ),
        (
            "training.batch-size",
            "the section `training` has no key 'batch-size'; did you mean 'batch_size'?",
        ),
        (
            "training.lr_scheduler.patients",
            "the section `training.lr_scheduler` has no key 'patients'; did you mean 'patience'?",
        ),
        (
            "batch_size",
            "the configuration has no key 'batch_size'; it belongs in the section `training`",
        ),
        (
            "training.hidden_size",
            "the section `training` has no key 'hidden_size'; "
            "it belongs in the section `model.bilstm`",
        ),
        (
            "data.train_csv",
            "the section `data` has no key 'train_csv'; it belongs in the top level",
        ),
        ("model.zzz", "the section `model` has no key 'zzz'"),
    ],
)
def test_an_unknown_key_gets_the_likeliest_remedy(path, line):
    assert problems(nested(path, 1)) == [f"{path}: {line}"]


def test_a_dotted_key_in_the_file_is_told_to_nest():
    assert problems({"model.cnn.dropout": 0.1}) == [
        "model.cnn.dropout: the configuration has no key 'model.cnn.dropout'; "
        "write `model:` and, indented below it, `cnn.dropout:`"
    ]


@pytest.mark.parametrize("key", [3, None, True, 1.5, "", "a b", ("x", "y")])
@pytest.mark.parametrize("section", ["", "training", "model.cnn"])
def test_what_cannot_be_a_key_is_an_unknown_key(key, section):
    tree = nested(section, {key: 1}) if section else {key: 1}
    (line,) = problems(tree)
    assert f"has no key {str(key)!r}" in line


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("training.batch_size", "x", "found 'x', expected a whole number"),
        ("training.batch_size", 1.5, "found 1.5, expected a whole number"),
        ("training.batch_size", True, "found True, expected a whole number"),
        ("training.batch_size", None, "found None, expected a whole number"),
        ("training.batch_size", 0, "found 0, expected at least 1"),
        ("training.learning_rate", "0.001", "found '0.001', expected a number"),
        ("training.learning_rate", 0, "found 0, expected more than 0"),
        ("training.learning_rate", float("nan"), "found nan, expected a finite number"),
        ("training.label_smoothing", 1.0, "found 1.0, expected less than 1"),
        ("training.lr_scheduler.factor", 1, "found 1, expected less than 1"),
        ("training.betas", [0.9], "found [0.9], expected two values"),
        ("training.betas", 0.9, "found 0.9, expected a list"),
        ("training.optimizer", "adm", "found 'adm', expected 'adam' or 'adamw'"
         "; did you mean 'adam'?"),
        ("training.class_weights", "balance", "found 'balance', expected 'none' or 'balanced' "
         "or a list; did you mean 'balanced'?"),
        ("training.class_weights", [1, 0, 1], "found [1, 0, 1], expected more than 0 "
         "in place of 0"),
        ("training.early_stopping.enabled", 1, "found 1, expected true or false"),
        ("training.early_stopping.enabled", "maybe", "found 'maybe', expected true or false"),
        ("training.lr_scheduler", "cosine", "found 'cosine', expected a section with the keys "
         "type, patience, factor, step_size, min_lr"),
        ("model.cnn.filter_sizes", [], "found [], expected at least 1 value(s)"),
        ("model.cnn.filter_sizes", [3, "x"], "found [3, 'x'], expected a whole number "
         "in place of 'x'"),
        ("model.num_classes", 1, "found 1, expected at least 2"),
        ("model.num_classes", 21, "found 21, expected at most 20"),
        ("model.cnn.dropout", -0.1, "found -0.1, expected at least 0"),
        ("data.text_column", 3, "found 3, expected a text (in quotes)"),
        ("data.label_map", ["a"], "found ['a'], expected keys with values"),
        ("data.label_map", {"a": "x"}, "found {'a': 'x'}, expected a whole number "
         "in place of 'x'"),
        ("train_csv", 3, "found 3, expected a path"),
        ("seed", -1, "found -1, expected at least 0"),
        ("seed", 2**32, "found 4294967296, expected less than 4294967296"),
        ("threads", 0, "found 0, expected 'auto' or at least 1"),
        ("device", "gpu", "found 'gpu', expected auto, cpu, mps, cuda or cuda:N"),
        ("device", "cuda:x", "found 'cuda:x', expected auto, cpu, mps, cuda or cuda:N"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_shown_beside_what_is_allowed(path, value, expected):
    assert problems(nested(path, value)) == [f"{path}: {expected}"]


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "..", ".hidden", "a\nb", "a:b", "x" * 201])
def test_a_name_that_could_leave_the_output_folder_is_refused(name):
    (line,) = problems({"experiment_name": name})
    assert "experiment_name: found" in line


def test_an_unknown_monitor_lists_those_there_are():
    (line,) = problems(nested("training.early_stopping.monitor", "val_f1"))
    assert "val_cohen_kappa" in line
    assert line.endswith("did you mean 'val_f1_macro'?")


def test_the_consoles_name_of_the_loss_can_be_monitored():
    tree = nested("training.early_stopping.monitor", "val_avg_loss")
    config = load_config(tree=tree, check_files=False)
    assert config.training.early_stopping.monitor == "val_loss"


def test_all_mistakes_are_reported_at_once():
    found = problems(
        {
            "training": {"batch_size": 0, "epochs": 5, "learning_rate": 0.01},
            "model": {"bilstm": {"hidden_size": 5}, "attention": {"num_heads": 3}},
            "seed": "x",
        },
        flags={"max_len": "long"},
        sets=["no.such=1", "novalue", "model.cnn.dropout=[1"],
    )
    assert [line.split(":")[0] for line in found] == [
        "--set no.such",
        "--set novalue",
        "--set model.cnn.dropout",
        "model.max_len (from --max_len)",
        "training.batch_size",
        "training.epochs",
        "seed",
        "model.attention.num_heads",
    ]


def test_the_error_is_readable_as_a_whole():
    with pytest.raises(ConfigError) as caught:
        load_config(tree={"seed": "x", "threads": 0}, check_files=False)
    assert str(caught.value) == (
        "2 problems in the configuration:\n"
        "  - seed: found 'x', expected a whole number\n"
        "  - threads: found 0, expected 'auto' or at least 1"
    )


def test_the_file_is_named_in_the_heading(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("sed: 1")
    with pytest.raises(ConfigError, match=r"1 problem in the .*run\.yaml:"):
        load_config(path, check_files=False)


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ("seed", "--set seed: expected KEY=VALUE, such as training.batch_size=64"),
        (
            "batch_size=1",
            "--set batch_size: no such key; did you mean 'training.batch_size'?",
        ),
        (
            "model.cnn=3",
            "--set model.cnn: a section; set one of its keys: filter_sizes, num_filters, dropout, "
            "enabled",
        ),
        ("seed=x", "seed (from --set seed): found 'x', expected a whole number"),
    ],
)
def test_a_mistaken_set_is_named_as_typed(item, line):
    assert problems(sets=[item]) == [line]


def test_a_value_that_yaml_cannot_read_names_its_flag():
    (line,) = problems(flags={"class_weights": "[1, 2"})
    assert line.startswith("--class_weights: '[1, 2' cannot be read:")


def test_a_flag_does_not_hide_a_value_in_the_place_of_a_section():
    (line,) = problems({"model": 5}, flags={"max_len": "100"})
    assert line.startswith("model: found 5, expected a section with the keys embedding_dim")


def test_a_long_value_is_shortened():
    (line,) = problems({"seed": "x" * 10_000})
    assert len(line) < 150


def test_twins_that_differ_are_one_problem():
    assert problems({"model": {"max_len": 100}, "data": {"max_len": 90}}) == [
        "model.max_len and data.max_len must agree: found 100 and 90; "
        "set both to one value, or leave one out"
    ]


@pytest.mark.parametrize("path", ["model.max_len", "data.max_len"])
def test_a_wrong_twin_is_reported_once_where_it_was_set(path):
    assert problems(nested(path, "x")) == [f"{path}: found 'x', expected a whole number"]


def test_a_twin_equal_to_the_other_but_of_the_wrong_type_is_reported():
    assert problems({"model": {"max_len": 1}, "data": {"max_len": True}}) == [
        "data.max_len: found True, expected a whole number"
    ]


@pytest.mark.parametrize(
    ("tree", "line"),
    [
        (
            {"model": {"bilstm": {"hidden_size": 3}}},
            "model.attention.num_heads: found 4, expected a divisor of 6 "
            "(twice model.bilstm.hidden_size): 1, 2, 3, 6",
        ),
        (
            {"model": {"embedding_dim": 9, "bilstm": {"enabled": False}}},
            "model.attention.num_heads: found 4, expected a divisor of 9 "
            "(model.embedding_dim): 1, 3, 9",
        ),
        (
            {"model": {part: {"enabled": False} for part in ("cnn", "bilstm", "attention")}},
            "model.cnn.enabled, model.bilstm.enabled, model.attention.enabled: all are false, "
            "expected one true",
        ),
        (
            {"model": {"classifier": {"hidden_sizes": [64]}}},
            "model.classifier.dropout: found 2 value(s), expected 1, "
            "one for each of model.classifier.hidden_sizes",
        ),
        (
            {"training": {"lr_scheduler": {"min_lr": 0.01}}},
            "training.lr_scheduler.min_lr: found 0.01, expected at most "
            "training.learning_rate, which is 0.001",
        ),
        (
            {"training": {"class_weights": [1, 2]}},
            "training.class_weights: found 2 weight(s), expected 3, one for each class",
        ),
        (
            {"data": {"label_map": {"bad": 0, "good": 1}}},
            "data.label_map: names 2 classes, but model.num_classes is 3; "
            "set model.num_classes (--num_classes) to 2",
        ),
        (
            {"data": {"label_map": {"bad": 0, "good": 2}}, "model": {"num_classes": 2}},
            "data.label_map: label map: the codes must be 0 to 1 without a gap, found [0, 2]",
        ),
        (
            {"data": {"label_map": {"bad": 0, " BAD ": 1, "ok": 2}}},
            "data.label_map: label map: ' BAD ' stands for two classes",
        ),
    ],
)
def test_keys_that_disagree_are_reported(tree, line):
    assert problems(tree) == [line]


def test_a_linear_classifier_needs_neither_sizes_nor_dropout():
    tree = {"model": {"classifier": {"hidden_sizes": [], "dropout": []}}}
    config = load_config(tree=tree, check_files=False)
    assert config.model.classifier.hidden_sizes == ()


def test_labels_that_yaml_reads_as_numbers_need_no_quotes():
    config = load_config(tree={"data": {"label_map": {1: 0, 2: 1, 3: 2}}}, check_files=False)
    assert config.data.label_map == {"1": 0, "2": 1, "3": 2}


keys = st.sampled_from([*{part for path in LEAVES for part in path.split(".")}]) | st.text()
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary(max_size=3)
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | st.integers(), inner),
    max_leaves=12,
)


@given(st.dictionaries(keys | st.integers() | st.none() | st.booleans(), values, max_size=6))
@example({"model": {"cnn": {"filter_sizes": {}}}})
@example({"model": {"max_len": []}, "data": {"max_len": {}}})
@example({"data": {"label_map": {}}, "training": {"class_weights": []}})
def test_any_tree_loads_or_is_refused_and_never_anything_else(tree):
    with contextlib.suppress(ConfigError):
        load_config(tree=tree)


@given(st.sampled_from(list(LEAVES)), values)
def test_any_value_of_any_key_loads_or_is_refused_by_that_key(path, value):
    try:
        load_config(tree=nested(path, value), check_files=False)
    except ConfigError as error:
        assert any(path in line for line in error.problems)  # noqa: PT017


@given(st.lists(st.text() | st.sampled_from(list(LEAVES)).map("{}=".format)), st.text())
def test_any_set_loads_or_is_refused(paths, value):
    with contextlib.suppress(ConfigError):
        load_config(sets=[path + value for path in paths], check_files=False)
