from __future__ import annotations

import json

import numpy as np
import pytest

from roomtone.errors import DataError, RoomtoneError
from roomtone.explain import faithfulness
from roomtone.explain.verdicts import verdict
from roomtone.explain.words import read_words
from roomtone.stats.paired import Difference


@pytest.fixture(scope="module")
def measured(hybrid, labelled):
    return faithfulness.measure(hybrid, labelled[0], seed=3)


def gain(result, method, over="random"):
    (found,) = [a for a in result.advantages if (a.method, a.over) == (method, over)]
    return found


def test_methods_that_find_the_word_are_better_than_chance_on_both_measures(measured):
    for method in ("leave_one_out", "integrated_gradients", "ngrams"):
        for over in ("random", "uniform"):
            found = gain(measured, method, over)
            assert found.comprehensiveness.low > 0.2
            assert found.sufficiency.low > 0.2
        assert "matter more than random" in measured.verdicts[method]


def test_chance_itself_is_not_better_than_chance(hybrid, labelled, monkeypatch):
    # Another random order in the place of attention's.
    from roomtone.explain.chance import RandomScores
    from roomtone.explain.method import Options

    class Noise(RandomScores):
        name = "attention"
        title = "Attention"

        def __init__(self, options, *, detailed=False):
            super().__init__(Options(seed=99))

    monkeypatch.setattr("roomtone.explain.attention.Attention", Noise)
    result = faithfulness.measure(hybrid, labelled[0], ["attention"], seed=3)
    found = gain(result, "attention")
    assert found.comprehensiveness.low < 0 < found.comprehensiveness.high
    assert result.verdicts["attention"].startswith("Attention is no better than random: ")


def test_the_measures_are_differences_of_probabilities(svm):
    text = "the song is glim today so"
    result = faithfulness.measure(svm, [text], ["linear"])
    (curve,) = [curve for curve in result.curves if curve.method == "linear"]
    (whole,) = svm.predict_proba([text])[:, 2]
    without, alone = svm.predict_proba(["the song is   today so", " glim "])[:, 2]
    # A share of one, five or ten in a hundred of six words is one word.
    for place in range(3):
        assert curve.comprehensiveness[place] == pytest.approx(whole - without)
        assert curve.sufficiency[place] == pytest.approx(whole - alone)
    assert curve.aopc_comprehensiveness == pytest.approx(np.mean(curve.comprehensiveness))


def test_shares_are_rounded_up_and_kept_and_removed_words_make_up_the_text():
    text = read_words("a b c d e f g h i j")
    order = np.arange(10)[::-1]
    variants = [v.split() for v in faithfulness._variants(text, order)]
    assert [len(v) for v in variants] == [9, 9, 9, 8, 5, 1, 1, 1, 2, 5]
    for gone, kept in zip(variants[:5], variants[5:], strict=True):
        assert sorted(gone + kept) == list("abcdefghij")
    assert variants[5] == ["j"]


def test_texts_without_two_words_are_counted_and_left_out(svm):
    result = faithfulness.measure(svm, ["glim", "", "qqq zzz", "so glim"], ["linear"])
    assert (result.texts, result.skipped) == (1, 3)
    with pytest.raises(DataError, match="none of 2 texts has 2 words"):
        faithfulness.measure(svm, ["", "glim"], ["linear"])


def test_a_method_that_an_engine_does_not_admit_is_refused(svm, labelled):
    with pytest.raises(RoomtoneError, match="looks into the hybrid network"):
        faithfulness.measure(svm, labelled[0], ["attention"])


def test_equal_seeds_give_equal_bytes_and_others_other_orders(hybrid, labelled, measured):
    again = faithfulness.measure(hybrid, labelled[0], seed=3)
    other = faithfulness.measure(hybrid, labelled[0], ["leave_one_out"], seed=4)
    as_json = json.dumps(measured.to_dict(), allow_nan=False)
    assert as_json == json.dumps(again.to_dict())
    assert other.curves[1] != measured.curves[-2]
    assert other.curves[0] == measured.curves[0]


def test_every_text_is_reported_as_done(svm, labelled):
    seen = []
    faithfulness.measure(svm, labelled[0] * 2, ["linear"], watch=seen.append)
    assert seen == [64, 120]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ((0.1, 0.3), (0.1, 0.3), "matter more than random"),
        ((0.1, 0.3), (-0.1, 0.3), "on comprehensiveness alone; on sufficiency it is not"),
        ((-0.1, 0.3), (0.1, 0.3), "on sufficiency alone; on comprehensiveness it is not"),
        ((-0.1, 0.1), (-0.1, 0.1), "no better than random"),
        ((-0.3, -0.1), (-0.1, 0.1), "even worse on comprehensiveness"),
    ],
)
def test_what_the_intervals_say_is_said_in_a_sentence(first, second, said):
    gains = [Difference(sum(ends) / 2, *ends, 0.95, "BCa", 0.1) for ends in (first, second)]
    assert said in verdict("Attention", *gains)
