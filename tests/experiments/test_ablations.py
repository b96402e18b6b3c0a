"""Each ablation takes away what its name says, and only where it is there."""

import pytest

from roomtone.config import load_config, to_tree
from roomtone.config.tree import LEAVES, put
from roomtone.errors import ConfigError
from roomtone.experiments.ablations import ABLATIONS, FULL, changes, choose

RICH = {
    "model": {"subwords": {"buckets": 50}, "embedding_dropout": 0.1},
    "training": {
        "class_weights": "balanced",
        "label_smoothing": 0.1,
        "freeze_epochs": 1,
        "warmup_steps": 5,
    },
    "embeddings": {"extra_words": 9},
}


@pytest.fixture
def rich(tmp_path):
    """A configuration that has everything that can be taken away."""
    (tmp_path / "vectors.txt").write_text("a 1 2\n")
    tree = {**RICH, "embeddings": {"extra_words": 9, "path": str(tmp_path / "vectors.txt")}}
    return load_config(tree=tree, check_files=False)


@pytest.mark.parametrize("name", ABLATIONS)
def test_it_changes_something_in_a_model_that_has_it_and_nothing_in_one_that_has_not(name, rich):
    changed = changes(name, rich)
    assert changed
    assert changed.keys() <= LEAVES.keys()
    tree = to_tree(rich)
    for key, value in changed.items():
        put(tree, key, value)
    without = load_config(tree=tree, check_files=False)  # and it is a valid configuration
    assert not changes(name, without)


def test_all_that_apply_are_run_the_full_model_first(rich):
    variants, left_out = choose([], rich)
    assert next(iter(variants)) == FULL
    assert set(variants) == {FULL, *ABLATIONS}
    assert not left_out
    plain = load_config(tree={"training": {"weight_decay": 0.0}}, check_files=False)
    variants, left_out = choose([], plain)
    assert "no_cnn" in variants
    assert left_out == [
        *("no_pretrained", "frozen_vectors", "no_extra_words", "no_subwords"),
        *("no_class_weights", "no_label_smoothing", "no_weight_decay"),
    ]


def test_without_a_file_of_vectors_nothing_can_be_taken_from_it(rich):
    absent = rich.embeddings.model_copy(update={"path": None})
    without = rich.model_copy(update={"embeddings": absent})
    assert not changes("no_pretrained", without)
    assert not changes("frozen_vectors", without)


def test_names_that_are_asked_for(rich):
    variants, _ = choose(["no_cnn", "full"], rich)
    assert list(variants) == [FULL, "no_cnn"]
    with pytest.raises(ConfigError, match="--only no_cmm: no such ablation; did you mean 'no_cnn'"):
        choose(["no_cmm"], rich)
    plain = load_config(tree={}, check_files=False)
    with pytest.raises(ConfigError, match="--only no_class_weights: changes nothing"):
        choose(["no_class_weights"], plain)
