# ruff: noqa: N803 - `X` is scikit-learn's name
from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from numbers_as_words import NumbersAsWords
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks
from torch_kept import torch_kept

from roomtone.config import Config, load_config
from roomtone.engines import load_engine, save_engine
from roomtone.engines.classifier import HybridClassifier
from roomtone.engines.hybrid_fitting import validation_rows
from roomtone.errors import ConfigError, DataError

TINY = str(Path(__file__).parents[2] / "configs" / "tiny.yaml")
GOOD = ["great film", "loved it so much", "what a great day", "lovely and great", "I love this"]
BAD = ["awful film", "hated it so much", "what an awful day", "boring and awful", "I hate this"]
TEXTS, LABELS = [*BAD, *GOOD] * 4, (["bad"] * 5 + ["good"] * 5) * 4


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    with torch_kept(threads=1):
        yield


def tiny(*, settings=None, **parameters) -> HybridClassifier:
    # Macro-F1 of the few rows held out is perfect too soon.
    settings = {"training.early_stopping.monitor": "val_loss", **(settings or {})}
    fixed = {"max_epochs": 20, "learning_rate": 0.02, "device": "cpu", "settings": settings}
    return HybridClassifier(TINY, **{**fixed, **parameters})


@pytest.fixture(scope="module")
def fitted() -> HybridClassifier:
    return tiny().fit(TEXTS, LABELS)


class OfNumbers(NumbersAsWords, HybridClassifier):
    """The same estimator for tables of numbers."""

    def predict_proba(self, X):
        return super().predict_proba(self.words(X))


@parametrize_with_checks([OfNumbers(TINY, max_epochs=12, learning_rate=0.02, device="cpu")])
def test_it_passes_scikit_learns_checks_with_words_for_numbers(estimator, check):
    check(estimator)


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_it_passes_those_checks_that_need_no_table_of_numbers():
    assert {check["status"] for check in check_estimator(tiny())} == {"passed"}


def test_it_learns_labels_of_any_kind(fitted):
    assert fitted.score(TEXTS, LABELS) == 1.0
    assert fitted.predict(["great", "awful"]).tolist() == ["good", "bad"]
    assert fitted.classes_.tolist() == ["bad", "good"]
    numbers = tiny().fit(TEXTS, [{"bad": 3, "good": 1}[label] for label in LABELS])
    assert numbers.predict(["great", "awful"]).tolist() == [1, 3]


def test_the_same_seed_gives_the_same_model_and_another_one_another(fitted):
    again = tiny().fit(TEXTS, LABELS).predict_proba(TEXTS)
    np.testing.assert_array_equal(again, fitted.predict_proba(TEXTS))
    other = tiny(random_state=np.random.RandomState(1)).fit(TEXTS, LABELS)
    assert not np.array_equal(other.predict_proba(TEXTS), again)


def test_it_stops_early_and_tells_how_it_went():
    settings = {"training.early_stopping.monitor": "val_f1_macro"}
    model = tiny(max_epochs=200, settings=settings).fit(TEXTS, LABELS)
    assert model.n_iter_ == len(model.history_["val_f1_macro"]) < 200


def test_it_takes_part_in_cross_validation_and_in_a_grid_search_within_a_pipeline():
    scores = cross_val_score(tiny(), TEXTS, LABELS, cv=2, scoring="f1_macro")
    assert min(scores) > 0.9
    lowered = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    search = GridSearchCV(
        Pipeline([("lower", lowered), ("model", tiny())]),
        {"model__max_epochs": [1, 20], "model__num_filters": [4]},
        cv=2,
    ).fit([text.upper() for text in TEXTS], LABELS)
    assert search.best_params_["model__max_epochs"] == 20
    assert search.predict(["GREAT"]).tolist() == ["good"]


def test_a_clone_has_the_parameters_and_nothing_learnt(fitted):
    copy = clone(fitted.set_params(num_filters=None))
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "engine_")


def test_a_pickled_model_predicts_the_same(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))


def test_what_was_trained_can_be_saved_as_an_engine(fitted, tmp_path):
    again = load_engine(save_engine(fitted.engine_, tmp_path / "saved"))
    np.testing.assert_array_equal(again.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert again.analyze("great").label == "Good"


def test_it_writes_no_files_and_leaves_torch_as_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    tiny(max_epochs=1, threads=2).fit(TEXTS, LABELS)
    assert os.listdir(tmp_path) == []
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"num_filters": 6}, ("model", "cnn", "num_filters", 6)),
        ({"hidden_size": 4}, ("model", "bilstm", "hidden_size", 4)),
        ({"embedding_dim": 5}, ("model", "embedding_dim", 5)),
        ({"settings": {"data.max_len": 3}}, ("model", "max_len", 3)),
        ({"settings": {"model.cnn.num_filters": 3}, "num_filters": 6},
         ("model", "cnn", "num_filters", 6)),
    ],
)  # fmt: skip
def test_parameters_reach_the_network(parameters, expected):
    model = tiny(max_epochs=1, **parameters).fit(TEXTS, LABELS)
    *path, value = expected[1:]
    found = model.engine_.settings()["model"]
    for name in path:
        found = found[name]
    assert found == value


@pytest.mark.parametrize("config", [load_config(Path(TINY), check_files=False), {"seed": 3}])
def test_a_configuration_may_be_at_hand(config):
    small = {"num_filters": 4, "hidden_size": 4, "embedding_dim": 4, "max_epochs": 1}
    model = HybridClassifier(config, device="cpu", **small).fit(TEXTS, LABELS)
    assert model.predict(TEXTS).shape == (40,)


def test_the_configuration_is_the_guides_where_none_is_given():
    from roomtone.engines.hybrid_keywords import configuration

    found = configuration(HybridClassifier(device="auto"), num_classes=3, seed=42)
    assert found == Config()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"learning_rate": -1.0}, "training.learning_rate"),
        ({"settings": {"model.cnn.filters": 3}}, "did you mean 'model.cnn.num_filters'"),
        ({"config": 3}, "expected a configuration or its YAML file"),
        ({"config": "none.yaml"}, "none.yaml"),
        ({"threads": 0}, "threads: found 0"),
    ],
)
def test_settings_that_are_not_allowed_are_refused(parameters, message):
    with pytest.raises(ConfigError, match=message):
        tiny().set_params(**parameters).fit(TEXTS, LABELS)


@pytest.mark.parametrize("fraction", [0.0, 0.6, float("nan")])
def test_a_fraction_that_leaves_nothing_is_refused(fraction):
    with pytest.raises(ValueError, match="validation_fraction"):
        tiny(validation_fraction=fraction).fit(TEXTS, LABELS)


def test_one_text_or_none_is_refused():
    with pytest.raises(DataError, match="put it in a list"):
        tiny().fit("great", ["good"])
    with pytest.raises(ValueError, match="two classes or more"):
        tiny().fit(["great", "fine"], ["good", "good"])
    with pytest.raises(ValueError, match="too few"):
        tiny().fit(["great", "awful"], ["good", "bad"])


def test_rows_are_held_out_class_by_class_and_each_class_keeps_some():
    codes = np.array([0] * 80 + [1] * 20 + [2])
    for seed in range(5):
        held_out = validation_rows(codes, 0.1, seed=seed)
        assert np.bincount(codes[held_out], minlength=3).tolist() in ([8, 2, 0], [9, 2, 0])
