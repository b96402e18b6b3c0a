"""The files that a configuration names, and the file that it is saved to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydantic
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from roomtone.config import Config, label_scheme, load_config, save_config, to_tree
from roomtone.errors import ConfigError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with the files that the defaults name."""
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    for name in ("train", "val"):
        Path(f"data/{name}.csv").write_text("text,label\n")
    return tmp_path


def problems(tree: dict[str, Any] | None = None, **options: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(tree=tree or {}, **options)
    return list(caught.value.problems)


def test_files_that_are_there_are_no_problem(folder):
    assert load_config() == Config()


def test_a_mistyped_file_gets_the_nearest_one(folder):
    assert problems({"train_csv": "data/trian.csv"}) == [
        "train_csv: no file data/trian.csv; did you mean 'train.csv'?"
    ]


def test_a_missing_file_lists_what_the_folder_holds(folder):
    assert problems({"test_csv": "data/zzz"}) == [
        "test_csv: no file data/zzz; the folder holds train.csv, val.csv"
    ]


def test_a_missing_folder_names_the_current_one(folder):
    assert problems(flags={"val_csv": "dta/val.csv"}) == [
        "val_csv (from --val_csv): no file dta/val.csv: the folder dta does not exist "
        f"(current: {folder})"
    ]


def test_a_folder_in_the_place_of_a_file_is_refused(folder):
    assert problems({"train_csv": "data"}) == ["train_csv: data is a folder, expected a file"]


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_what_cannot_be_a_path_is_a_missing_file(name, folder):
    (line,) = problems({"train_csv": name})
    assert line.startswith("train_csv: no file")


def test_every_missing_file_is_reported(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tree = {"test_csv": "t", "vocab_path": "v", "init_from": "i"}
    found = [line.split(":")[0] for line in problems(tree)]
    assert found == ["train_csv", "val_csv", "test_csv", "vocab_path", "init_from"]


def test_vectors_named_in_the_file_may_be_missing(folder):
    config = load_config(tree={"embeddings": {"path": "glove.txt"}})
    assert config.embeddings.path == Path("glove.txt")


@pytest.mark.parametrize(
    ("tree", "options"),
    [
        ({"embeddings": {"path": "glove.txt", "required": True}}, {}),
        ({}, {"flags": {"glove_path": "glove.txt"}}),
        ({}, {"sets": ["embeddings.path=glove.txt"]}),
    ],
)
def test_vectors_that_were_asked_for_must_be_there(tree, options, folder):
    (line,) = problems(tree, **options)
    assert "embeddings.path" in line
    assert "no file glove.txt" in line


def test_an_empty_path_is_no_file(folder):
    config = load_config(tree={"test_csv": "", "vocab_path": "", "embeddings": {"path": ""}})
    assert (config.test_csv, config.vocab_path, config.embeddings.path) == (None, None, None)


def test_sections_with_all_keys_commented_out_have_their_defaults(folder):
    (folder / "run.yaml").write_text("model:\n  cnn:\ntraining:\n  # batch_size: 8\n")
    assert load_config(Path("run.yaml")) == Config()


def test_a_configuration_cannot_be_changed():
    config = Config()
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        config.seed = 1
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        config.model.cnn.dropout = 0.9


def test_defaults_are_shared_by_no_two_configurations_that_differ():
    changed = load_config(tree={"model": {"cnn": {"num_filters": 7}}}, check_files=False)
    assert changed.model.cnn.num_filters == 7
    assert Config().model.cnn.num_filters == 128


trees = st.fixed_dictionaries(
    {},
    optional={
        "seed": st.integers(0, 2**32 - 1),
        "train_csv": st.text(st.characters(codec="utf-8"), min_size=1),
        "experiment_name": st.text("ab 1é😀_-=+", min_size=1).filter(str.strip).map(str.strip),
        "threads": st.just("auto") | st.integers(1, 64),
        "training": st.fixed_dictionaries(
            {},
            optional={
                "learning_rate": st.floats(1e-30, 1e30),
                "betas": st.tuples(*[st.floats(0, 0.999)] * 2).map(list),
                "class_weights": st.just("balanced") | st.just([1, 0.25, 3.5]),
                "freeze": st.lists(st.text()),
                "early_stopping": st.none() | st.just({"monitor": "val_avg_loss"}),
            },
        ),
        "data": st.fixed_dictionaries(
            {},
            optional={
                "max_len": st.integers(1, 10**6),
                "delimiter": st.text(),
                "label_map": st.permutations(["no", "1e-4", "Ja: nein"]).map(
                    lambda names: {name: code for code, name in enumerate(names)}
                ),
            },
        ),
    },
)


@given(trees)
def test_what_is_saved_is_loaded_again_the_same(tmp_path_factory, tree):
    config = load_config(tree=tree, check_files=False)
    path = tmp_path_factory.mktemp("saved") / "config.yaml"
    save_config(config, path)
    assert load_config(path, check_files=False) == config
    assert load_config(tree=to_tree(config), check_files=False) == config


def test_the_saved_file_names_every_key_and_can_be_read_by_any_yaml_reader(tmp_path):
    save_config(Config(), tmp_path / "config.yaml")
    assert yaml.safe_load((tmp_path / "config.yaml").read_text()) == to_tree(Config())
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_a_text_that_looks_like_a_number_stays_a_text(tmp_path):
    config = load_config(tree={"experiment_name": "1e4"}, check_files=False)
    save_config(config, tmp_path / "config.yaml")
    assert yaml.safe_load((tmp_path / "config.yaml").read_text())["experiment_name"] == "1e4"
    assert load_config(tmp_path / "config.yaml", check_files=False) == config


def test_the_classes_are_those_of_the_label_map_or_the_usual_ones():
    assert label_scheme(Config()).names == ("negative", "neutral", "positive")
    tree = {"model": {"num_classes": 2}, "data": {"label_map": {"bad": 0, "good": 1, "fine": 1}}}
    scheme = label_scheme(load_config(tree=tree, check_files=False))
    assert scheme.names == ("bad", "good")
    assert scheme.parse("Fine") == 1
