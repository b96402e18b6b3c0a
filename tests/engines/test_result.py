from __future__ import annotations

import json

import pytest

from roomtone.engines import SentimentResult
from roomtone.engines.result import capitalised

PROBS = {"Negative": 0.2, "Neutral": 0.5, "Positive": 0.3}


def test_a_result_is_a_line_to_print():
    result = SentimentResult("Neutral", 0.5, PROBS, "svm")
    assert str(result) == "Neutral (Negative 0.20, Neutral 0.50, Positive 0.30; svm)"


def test_the_line_tells_of_abstention_and_of_unknown_texts():
    result = SentimentResult(None, 0.5, PROBS, "svm", known=False)
    assert str(result).startswith("undecided (")
    assert str(result).endswith("; svm; nothing in the text is known)")


def test_the_most_probable_class_is_there_also_without_a_label():
    assert SentimentResult(None, 0.5, PROBS, "svm").best == "Neutral"


def test_a_result_is_json():
    result = SentimentResult("Neutral", 0.5, PROBS, "svm", labels=("Neutral", "Positive"))
    again = json.loads(json.dumps(result.to_dict()))
    assert SentimentResult(**{**again, "labels": tuple(again["labels"])}) == result


@pytest.mark.parametrize(
    ("name", "shown"), [("negative", "Negative"), ("NPS low", "NPS low"), ("ärger", "Ärger")]
)
def test_class_names_get_a_capital_and_keep_their_other_letters(name, shown):
    assert capitalised(name) == shown
