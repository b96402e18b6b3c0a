from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, recall_score
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from roomtone.baselines import TfidfSentiment
from roomtone.errors import DataError
from roomtone.experiments.framework import ThesisEvaluationFramework
from roomtone.experiments.predictions import Predictions
from roomtone.experiments.record import CrossValidation
from roomtone.reports.crossval.reading import read_folder


def features(rows: int = 240) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    values = random.normal(size=(rows, 4))
    noisy = values[:, 0] + 0.6 * random.normal(size=rows)
    return values, np.array(["neg", "neu", "pos"])[np.digitize(noisy, [-0.4, 0.8])]


def test_scores_are_those_of_scikit_learn():
    values, labels = features()
    result = ThesisEvaluationFramework(n_folds=6, random_state=3).evaluate(
        LogisticRegression, values, labels
    )
    scorers = {
        "accuracy": "accuracy",
        "f1_macro": "f1_macro",
        "precision_macro": "precision_macro",
        "recall_macro": "recall_macro",
        "f1_micro": "f1_micro",
        "mcc": "matthews_corrcoef",
        "auc": "roc_auc_ovr",
        "neg": make_scorer(recall_score, labels=["neg"], average=None),
    }
    folds = StratifiedKFold(6, shuffle=True, random_state=3)
    truth = cross_validate(
        LogisticRegression(), values, labels, cv=folds, scoring={**scorers, "log": "neg_log_loss"}
    )
    model = result["LogisticRegression"]
    for name in scorers.keys() - {"neg"}:
        assert model.mean[name] == pytest.approx(truth[f"test_{name}"].mean()), name
        assert model.sd[name] == pytest.approx(truth[f"test_{name}"].std(ddof=1)), name
    assert model.mean["log_loss"] == pytest.approx(-truth["test_log"].mean())
    recalls = [fold["metrics"]["recall"]["neg"] for fold in model.folds]
    np.testing.assert_allclose(recalls, truth["test_neg"])
    interval = model.intervals["f1_macro"]
    assert interval.low < model.mean["f1_macro"] < interval.high
    # A pooled matrix holds each row once.
    assert np.sum(model.pooled["confusion"]) == len(labels)
    assert [sum(row) for row in model.pooled["confusion"]] == list(result.record.plan.class_counts)


def shuffled(values):
    """Label the rows by numbers that are not their places."""
    return np.random.default_rng(0).permutation(len(values)) + 1000


@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
@pytest.mark.parametrize(
    ("wrap_x", "wrap_y"),
    [
        (sparse.csr_matrix, list),
        (sparse.coo_array, np.asarray),
        (lambda x: pd.DataFrame(x, index=shuffled(x)), lambda y: pd.Series(y, index=shuffled(y))),
        (lambda x: x.tolist(), lambda y: np.asarray(y)[:, None]),
        (lambda x: x.tolist(), lambda y: pd.Series(y, dtype="category")),
    ],
    ids=["csr", "coo", "pandas", "lists and a column", "categories"],
)
def test_the_same_rows_in_any_container_give_the_same_result(wrap_x, wrap_y):
    values, labels = features(90)
    evaluator = ThesisEvaluationFramework(n_folds=3)
    plain = evaluator.evaluate(LinearSVC, values, labels)["LinearSVC"]
    wrapped = evaluator.evaluate(LinearSVC, wrap_x(values), wrap_y(labels))["LinearSVC"]
    assert wrapped.pooled["confusion"] == plain.pooled["confusion"]
    assert plain.mean["log_loss"] is plain.mean["auc"] is None  # it gives no probabilities


def test_models_are_compared_on_the_same_folds():
    values, labels = features()
    models = {"lr": LogisticRegression(C=2.0), "nb": GaussianNB, "most": DummyClassifier}
    result = ThesisEvaluationFramework(n_folds=5).evaluate(models, values, labels, reference="most")
    rows = {name: result.predictions[f"{name}-r0-f3-s42"].rows for name in models}
    assert all(np.array_equal(rows["lr"], other) for other in rows.values())
    tested = {
        (row["model"], row["metric"]): row
        for row in result.record.comparisons
        if row["method"] == "corrected_t"
    }
    assert {model for model, _ in tested} == {"lr", "nb"}
    gain = result["lr"].mean["f1_macro"] - result["most"].mean["f1_macro"]
    assert tested["lr", "f1_macro"]["difference"] == pytest.approx(gain)
    assert tested["lr", "f1_macro"]["outcome"] == "better"
    shown = str(result)
    for word in ("lr", "nb", "most", "macro-F1", "F1 neu", "better", f"{gain:+.3f}"):
        assert word in shown
    assert result.record.plan.models["lr"] == {"model": "LogisticRegression(C=2.0)"}


def test_groups_never_span_the_folds():
    values, labels = features()
    groups = np.random.default_rng(1).integers(0, 30, len(labels))
    seen = []

    class Watched(DummyClassifier):
        def fit(self, X, y):  # noqa: N803
            self.train = set(X[:, -1].tolist())
            return super().fit(X, y)

        def predict(self, X):  # noqa: N803
            seen.append(self.train & set(X[:, -1].tolist()))
            return super().predict(X)

    stacked = np.column_stack([values, groups])
    result = ThesisEvaluationFramework(n_folds=5).evaluate(Watched, stacked, labels, groups)
    assert seen == [set()] * 5
    assert result.record.plan.scheme == "grouped"


def test_no_fold_sees_the_rows_that_it_is_tested_on():
    # Every row has a word of its own that tells its label to whoever has seen the row.
    random = np.random.default_rng(2)
    labels = random.integers(0, 2, 120)
    texts = [f"comment word{row}" for row in range(120)]
    vocabularies = []

    class Watched(TfidfSentiment):
        def predict(self, X):  # noqa: N803
            known = set(self.pipeline_["features"].vocabulary_)
            vocabularies.append({word for text in X for word in text.split()} & known)
            return super().predict(X)

    model = ThesisEvaluationFramework(n_folds=4).evaluate(lambda: Watched("logreg"), texts, labels)
    assert vocabularies == [{"comment"}] * 4
    (name,) = model.record.plan.models
    assert model[name].mean["accuracy"] < 0.65
    fitted = TfidfSentiment("logreg").fit(texts, labels)
    assert np.mean(fitted.predict(texts) == labels) == 1.0, "the words would tell"


def test_a_model_that_is_trained_already_is_tested_as_it_is():
    values, labels = features(90)
    trained = LogisticRegression().fit(values, labels)

    def model_fn():
        class Wrapper:
            def fit(self, X, y):  # noqa: N803
                pass

            def predict(self, X):  # noqa: N803
                return trained.predict(X)

        return Wrapper()

    result = ThesisEvaluationFramework(n_folds=3).evaluate(model_fn, values, labels)
    assert result["model_fn"].pooled["accuracy"] == pytest.approx(trained.score(values, labels))


def test_a_class_unknown_to_a_model_gets_no_probability():
    values, labels = features(90)

    class Narrow(LogisticRegression):
        def fit(self, X, y):  # noqa: N803
            return super().fit(X[y != "pos"], y[y != "pos"])

    result = ThesisEvaluationFramework(n_folds=3).evaluate(Narrow, values, labels)
    probabilities = result.predictions["Narrow-r0-f0-s42"].probabilities
    assert probabilities.shape == (30, 3)
    assert not probabilities[:, 2].any()


def test_the_result_is_saved_as_one_file_or_as_a_folder(tmp_path):
    values, labels = features(90)
    result = ThesisEvaluationFramework(n_folds=5).evaluate(
        {"lr": LogisticRegression, "nb": GaussianNB}, values, labels
    )
    written = json.loads(result.save(tmp_path / "result.json").read_text(encoding="utf-8"))
    assert written == result.to_dict()
    folder = result.save(tmp_path / "folder")
    assert CrossValidation.load(folder) == result.record
    again = Predictions.load(folder / "cells" / "nb-r0-f4-s42.npz")
    np.testing.assert_array_equal(
        again.probabilities, result.predictions["nb-r0-f4-s42"].probabilities
    )


def test_nothing_is_written_outside_the_folder_whatever_the_models_are_called(tmp_path):
    values, labels = features(90)
    outside = tmp_path / "outside" / "evil"
    names = [str(outside), "../../evil", "svm/C=1", "..", "C:\\evil", "модель", "название" * 40]
    result = ThesisEvaluationFramework(n_folds=3).evaluate(
        dict.fromkeys(names, DummyClassifier), values, labels
    )
    folder = result.save(tmp_path / "saved" / "here")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 2 + 2 * 3 * len(names)
    assert {path.parent for path in files} == {folder, folder / "cells"}
    assert list(CrossValidation.load(folder).plan.models) == names
    assert read_folder(folder).pooled("../../evil").rows.size == 90


def test_models_whose_files_would_be_the_same_are_refused():
    values, labels = features(90)
    models = {"svm/C=1": DummyClassifier, "svm C=1": DummyClassifier}
    with pytest.raises(DataError, match=r"'svm/C=1' and 'svm C=1': .* svm_C_1; rename one"):
        ThesisEvaluationFramework(n_folds=3).evaluate(models, values, labels)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"labels": ["a"] * 86 + ["b"] * 4}, r"found 5, but class b has 4 row\(s\).*use 4 folds"),
        ({"labels": ["a"] * 90}, "all 90 rows are a, and two classes"),
        ({"labels": ["a", "b"] * 44}, "X has 90 rows but y has 88 labels"),
        ({"labels": ["a", None] * 45}, "y: row 1 is None, expected a number or a string"),
        ({"labels": ["a", ...] * 45}, "y: row 1 is Ellipsis"),
        ({"labels": [1.0, float("nan")] * 45}, "y: row 1 is nan"),
        ({"labels": [1, "a"] * 45}, "numbers and strings"),
        ({"groups": ["x"] * 45 + ["y"] * 45}, "need 5 groups or more; there are 2"),
        ({"groups": ["x", None] * 45}, "groups: row 1 has none"),
        ({"groups": ["x"] * 3}, "groups: expected 90 values"),
        ({"model": object()}, "expected a function that makes a model"),
        ({"model": dict}, "dict has no fit and no predict"),
        ({"model": {}}, "expected at least one model"),
        ({"classes": ["neg", "pos"]}, "y: 'neu' is none of the labels 'neg', 'pos'"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_anything_is_fitted(change, said):
    values, labels = features(90)
    model = change.pop("model", LogisticRegression)
    labels = change.pop("labels", labels)
    with pytest.raises(DataError, match=said):
        ThesisEvaluationFramework(n_folds=5).evaluate(model, values, labels, **change)


def test_predictions_that_cannot_be_are_told_by_model_and_fold():
    values, labels = features(90)

    class Wrong(DummyClassifier):
        def predict(self, X):  # noqa: N803
            return ["good"] * len(X)

    class Short(DummyClassifier):
        def predict_proba(self, X):  # noqa: N803
            return np.ones((len(X), 2)) / 2

    evaluator = ThesisEvaluationFramework(n_folds=5)
    with pytest.raises(DataError, match="'good' is none of the labels") as caught:
        evaluator.evaluate({"wrong": Wrong}, values, labels)
    assert caught.value.__notes__ == ["model 'wrong', fold 1 of 5"]
    with pytest.raises(DataError, match=r"predict_proba: expected the shape \[18, 3\]"):
        evaluator.evaluate({"short": Short}, values, labels)
