from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import t

from roomtone.errors import DataError, RoomtoneError
from roomtone.explain.corpus import explain_corpus
from roomtone.explain.pushes import PushTable
from roomtone.explain.words import read_words

from .conftest import DECIDES


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("hybrid", "integrated_gradients"),
        ("hybrid", "leave_one_out"),
        ("svm", "linear"),
        ("stacking", "auto"),
    ],
)
def test_the_word_that_decides_pushes_most_to_its_class(engines, kind, method, labelled):
    found = explain_corpus(engines[kind], *labelled, method=method)
    for name, word in zip(found.class_names, DECIDES, strict=True):
        best, *_ = found.strongest(name, phrases=False, most=5)
        assert (best.words, best.texts) == (word, 20)
        assert 0 < best.low < best.mean < best.high
        assert all(word in push.words for push in found.strongest(name, phrases=True, most=1))


def test_errors_come_by_confidence_with_the_words_of_the_class_that_was_chosen(svm, labelled):
    texts, labels = labelled
    wrong = [(label + 1) % 3 if row in (5, 8, 30) else label for row, label in enumerate(labels)]
    found = explain_corpus(svm, texts, wrong)
    assert found.wrong == 3
    assert {error.row for error in found.errors} == {5, 8, 30}
    confidences = [error.confidence for error in found.errors]
    assert confidences == sorted(confidences, reverse=True)
    for error in found.errors:
        each = error.explanation
        assert each.text == texts[error.row]
        assert each.target == svm.class_names[labels[error.row]] != error.label
        assert each.written(int(each.scores.argmax())) == DECIDES[labels[error.row]]
    json.dumps(found.to_dict(), allow_nan=False)


def test_means_and_intervals_are_those_over_texts():
    table = PushTable(("a", "b"))
    rows = [("x y x", [1.0, 5.0, 3.0]), ("x", [6.0]), ("x z", [1.0, 9.0])]
    for text, scores in rows:
        table.add(read_words(text), np.array([scores, np.negative(scores)]))
    (push,) = table.listed(2)  # all else stands in one text, and speaks for nothing else
    assert (push.words, push.target, push.texts) == ("x", "a", 3)
    values = np.array([2.0, 6.0, 1.0])
    low, high = t.interval(0.95, 2, values.mean(), values.std(ddof=1) / np.sqrt(3))
    assert (push.mean, push.low, push.high) == pytest.approx((values.mean(), low, high))


def test_an_ngram_is_worth_the_sum_of_its_words():
    table = PushTable(("a", "b"))
    for _ in range(2):
        table.add(read_words("so very good"), np.array([[1.0, 2.0, 4.0], [-1.0, -2.0, -4.0]]))
    found = {push.words: push.mean for push in table.listed(2)}
    assert found == {"so very good": 7, "very good": 6, "good": 4, "so very": 3, "very": 2, "so": 1}


def test_unknown_and_empty_texts_are_counted(svm):
    found = explain_corpus(svm, ["glim", "", "qqq"], [2, 2, 2])
    assert (found.texts, found.unknown) == (
        3,
        sum(not known for known in svm.scores(["", "qqq"])[1]),
    )


def test_mistakes_are_named(hybrid, labelled):
    with pytest.raises(RoomtoneError, match="does not tell for which class"):
        explain_corpus(hybrid, *labelled, method="attention")
    with pytest.raises(DataError, match="as many labels, found 1 and"):
        explain_corpus(hybrid, ["glim"], [0, 1])
    with pytest.raises(DataError, match="found 0"):
        explain_corpus(hybrid, [], [])
