"""Command line over YAML over default, for every flag and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roomtone.config import Config, load_config, to_tree
from roomtone.config.flags import FLAGS
from roomtone.config.overrides import TWINS
from roomtone.config.tree import LEAVES, get

GUIDE_YAML = Path(__file__).parents[2] / "backend/research/config/hybrid_dl_config.yaml"

# The training guide's flags that set a key: a value to type, the keys it reaches, what it means
# there, and the default that the guide states.
GUIDE_FLAGS: list[tuple[str, str, tuple[str, ...], Any, Any]] = [
    ("train_csv", "a.csv", ("train_csv",), "a.csv", "data/train.csv"),
    ("val_csv", "b.csv", ("val_csv",), "b.csv", "data/val.csv"),
    ("test_csv", "c.csv", ("test_csv",), "c.csv", None),
    ("embedding_dim", "100", ("model.embedding_dim", "embeddings.dim"), 100, 300),
    ("max_len", "150", ("model.max_len", "data.max_len"), 150, 200),
    ("num_classes", "5", ("model.num_classes",), 5, 3),
    ("batch_size", "64", ("training.batch_size",), 64, 32),
    ("max_epochs", "10", ("training.max_epochs",), 10, 50),
    ("learning_rate", "5e-4", ("training.learning_rate",), 0.0005, 0.001),
    ("weight_decay", "0.00001", ("training.weight_decay",), 0.00001, 0.0001),
    ("gradient_clip", "1", ("training.gradient_clip",), 1.0, 5.0),
    ("early_stopping_patience", "3", ("training.early_stopping.patience",), 3, 7),
    (
        "early_stopping_monitor",
        "val_accuracy",
        ("training.early_stopping.monitor",),
        "val_accuracy",
        "val_f1_macro",
    ),
    ("vocab_path", "v.pkl", ("vocab_path",), "v.pkl", None),
    ("vocab_max_size", "10000", ("data.vocab_max_size", "model.vocab_size"), 10000, 20000),
    ("vocab_min_freq", "1", ("data.vocab_min_freq",), 1, 2),
    ("glove_path", "g.txt", ("embeddings.path",), "g.txt", None),
    ("output_dir", "o", ("output_dir",), "o", "output"),
    ("tensorboard_dir", "t", ("tensorboard_dir",), "t", "runs"),
    ("experiment_name", "baseline", ("experiment_name",), "baseline", None),
    ("device", "cpu", ("device",), "cpu", "auto"),
    ("seed", "7", ("seed",), 7, 42),
    ("num_workers", "2", ("num_workers",), 2, 0),
]
OTHER_FLAGS: list[tuple[str, str, str, Any]] = [
    ("text_column", "comment", "data.text_column", "comment"),
    ("label_column", "mood", "data.label_column", "mood"),
    ("optimizer", "adamw", "training.optimizer", "adamw"),
    ("lr_scheduler", "none", "training.lr_scheduler.type", "none"),
    ("warmup_steps", "100", "training.warmup_steps", 100),
    ("class_weights", "balanced", "training.class_weights", "balanced"),
    ("class_weights", "1,2,0.5", "training.class_weights", [1.0, 2.0, 0.5]),
    ("class_weights", "[1, 2, 3]", "training.class_weights", [1.0, 2.0, 3.0]),
    ("label_smoothing", "0.1", "training.label_smoothing", 0.1),
    ("precision", "bf16", "training.precision", "bf16"),
    ("init_from", "output/run", "init_from", "output/run"),
    ("freeze", "embedding,cnn", "training.freeze", ["embedding", "cnn"]),
    ("freeze", "embedding", "training.freeze", ["embedding"]),
    ("freeze_epochs", "2", "training.freeze_epochs", 2),
    ("threads", "2", "threads", 2),
    ("threads", "auto", "threads", "auto"),
    ("deterministic", "false", "deterministic", False),
    ("deterministic", "no", "deterministic", False),
    ("experiment_name", "2026", "experiment_name", "2026"),
    ("experiment_name", "yes, really", "experiment_name", "yes, really"),
    ("device", "cuda:1", "device", "cuda:1"),
    ("test_csv", "none", "test_csv", None),
    ("test_csv", "", "test_csv", None),
    ("train_csv", "a, b: [c].csv", "train_csv", "a, b: [c].csv"),
]


def load(path: Path | None = None, **options: Any) -> dict[str, Any]:
    return to_tree(load_config(path, check_files=False, **options))


def changed(tree: dict[str, Any]) -> dict[str, Any]:
    """Name the keys that differ from the defaults."""
    before = to_tree(Config())
    return {key: get(tree, key) for key in LEAVES if get(tree, key) != get(before, key)}


@pytest.mark.parametrize(("name", "typed", "keys", "value", "default"), GUIDE_FLAGS)
def test_a_flag_of_the_guide_sets_its_keys_and_nothing_else(name, typed, keys, value, default):
    assert changed(load(flags={name: typed})) == dict.fromkeys(keys, value)
    for key in keys:
        assert get(to_tree(Config()), key) == default


@pytest.mark.parametrize(("name", "typed", "key", "value"), OTHER_FLAGS)
def test_a_further_flag_sets_its_key(name, typed, key, value):
    assert get(load(flags={name: typed}), key) == value


def test_every_flag_is_tried_here():
    tried = {case[0] for case in GUIDE_FLAGS} | {case[0] for case in OTHER_FLAGS}
    assert tried == {flag.name for flag in FLAGS}


def test_flags_name_keys_of_the_schema_and_no_key_has_two_flags():
    keys = [key for flag in FLAGS for key in flag.keys]
    assert set(keys) <= LEAVES.keys()
    assert len(keys) == len(set(keys))


def test_flags_over_the_file_over_the_defaults(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("training: {batch_size: 16, learning_rate: 0.01}")
    tree = load(path, flags={"batch_size": "64"})
    assert changed(tree) == {"training.batch_size": 64, "training.learning_rate": 0.01}


def test_a_flag_typed_with_its_default_still_overrides_the_file(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text("training: {batch_size: 16}")
    assert changed(load(path, flags={"batch_size": "32"})) == {}


def test_set_comes_after_the_flags():
    tree = load(flags={"batch_size": "64"}, sets=["training.batch_size=8", "seed=1", "seed=2"])
    assert changed(tree) == {"training.batch_size": 8, "seed": 2}


@pytest.mark.parametrize(
    ("item", "key", "value"),
    [
        ("model.cnn.filter_sizes=2,3", "model.cnn.filter_sizes", [2, 3]),
        ("model.cnn.filter_sizes=2", "model.cnn.filter_sizes", [2]),
        ("training.betas=[0.8, 0.99]", "training.betas", [0.8, 0.99]),
        ("training.lr_scheduler.min_lr=1e-6", "training.lr_scheduler.min_lr", 1e-6),
        ("tensorboard.histograms=true", "tensorboard.histograms", True),
        ("embeddings.type=none", "embeddings.type", "none"),
        ("data.encoding=utf-8", "data.encoding", "utf-8"),
        ("data.delimiter=,", "data.delimiter", ","),
        ("experiment_name=a=b", "experiment_name", "a=b"),
    ],
)
def test_set_reaches_any_key(item, key, value):
    assert changed(load(sets=[item])) == {key: value}


def test_set_reads_a_label_map():
    tree = load(sets=["data.label_map={bad: 0, fair: 1, good: 2}"])
    assert tree["data"]["label_map"] == {"bad": 0, "fair": 1, "good": 2}


@pytest.mark.parametrize(("first", "second"), [*TWINS, *(pair[::-1] for pair in TWINS)])
def test_setting_one_twin_sets_the_other(first, second, tmp_path):
    section, key = first.split(".")
    path = tmp_path / "run.yaml"
    path.write_text(f"{section}: {{{key}: 90}}")
    assert changed(load(path)) == {first: 90, second: 90}
    assert changed(load(sets=[f"{first}=90"])) == {first: 90, second: 90}


def test_a_flag_overrides_both_twins_of_the_file():
    assert (
        changed(load(GUIDE_YAML, flags={"max_len": "150"})).items()
        >= {
            "model.max_len": 150,
            "data.max_len": 150,
        }.items()
    )


def test_the_guides_configuration_is_the_defaults_and_its_own_files():
    assert changed(load(GUIDE_YAML)) == {
        "test_csv": "data/test.csv",
        "embeddings.path": "embeddings/glove.6B.300d.txt",
    }


def test_the_guides_configuration_names_what_the_guide_names():
    tree = load(GUIDE_YAML)
    assert tree["model"]["classifier"] == {"hidden_sizes": [256, 128], "dropout": [0.5, 0.4]}
    assert tree["training"]["lr_scheduler"]["type"] == "reduce_on_plateau"
    assert tree["train_csv"] == "data/train.csv"


def test_loading_changes_neither_the_tree_nor_the_defaults():
    tree: dict[str, Any] = {"model": {"cnn": {"filter_sizes": [2]}}}
    load_config(tree=tree, flags={"max_len": "9"}, check_files=False)
    assert tree == {"model": {"cnn": {"filter_sizes": [2]}}}
    assert Config() == load_config(check_files=False)
