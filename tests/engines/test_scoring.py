"""Batches by length, rows in their order, and what is added to them."""

import numpy as np
import pytest

from roomtone.data.streams import Chunk
from roomtone.engines import RawScores, SentimentEngine
from roomtone.engines.scoring import Scorer, Stopped, Tally
from roomtone.engines.validation import ValidationScores
from roomtone.errors import RoomtoneError

NAMES = ("negative", "neutral", "positive")


class Lengths(SentimentEngine):
    """Scores a text by its length, and remembers what it was asked."""

    def __init__(self, **options):
        super().__init__("lengths", NAMES, **options)
        self.batches = []

    def raw(self, texts):
        self.batches.append([len(text) for text in texts])
        scores = np.array([[0, len(text) % 3, len(text) % 5] for text in texts], dtype=float)
        return RawScores(scores, np.array(["?" not in text for text in texts]))


def never():
    return False


def calibrated():
    probs = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.1, 0.8, 0.1]] * 10)
    return Lengths(validation=ValidationScores.of(probs, [0, 2, 1] * 10))


def chunk_of(texts, problems=None):
    problems = problems or [""] * len(texts)
    return Chunk(list(range(2, 2 + len(texts))), list(texts), problems, lambda: iter([]))


def test_batches_hold_texts_of_similar_length_and_results_the_order_of_the_rows():
    texts = ["x" * n for n in (9, 1, 8, 2, 7, 3)]
    engine = Lengths()
    results = Scorer(engine, batch_size=2).results(texts, [True] * 6, never)
    assert engine.batches == [[1, 2], [3, 7], [8, 9]]
    assert results == Lengths().batch_analyze(texts)


def test_rows_with_a_problem_are_not_scored():
    engine = Lengths()
    results = Scorer(engine).results(["", "ab", ""], [False, True, False], never)
    assert engine.batches == [[2]]
    assert [result is None for result in results] == [True, False, True]


def test_columns_hold_what_the_engine_says_and_why_it_says_nothing():
    chunk = chunk_of(["ab", "", "?"], ["", "empty text", ""])
    scorer = Scorer(Lengths(), prefix="x_")
    results = scorer.results(chunk.texts, [True, False, True], never)
    columns = dict(
        zip(
            [column.name for column in scorer.added],
            scorer.columns(chunk, results, "line"),
            strict=True,
        )
    )
    assert list(columns) == [
        "x_label",
        "x_score",
        "x_p_negative",
        "x_p_neutral",
        "x_p_positive",
        "x_known",
        "x_status",
        "x_problem",
    ]
    assert columns["x_label"] == ["Neutral", None, "Negative"]
    assert columns["x_score"] == [0.468311, None, 0.333333]
    assert columns["x_p_negative"] == [0.063379, None, 0.333333]
    assert columns["x_known"] == [True, None, False]
    assert columns["x_status"] == ["ok", "bad", "ok"]
    assert columns["x_problem"] == [None, "line 3: empty text", None]


@pytest.mark.parametrize("problems", [["", ""], ["", "missing text"], ["missing text"] * 2])
def test_abstaining_and_label_sets_add_columns_of_their_own(problems):
    scorer = Scorer(calibrated(), abstain=0.5, error_rate=0.2)
    chunk = chunk_of(["abcd", "ab"], problems)
    results = scorer.results(chunk.texts, [not why for why in problems], never)
    columns = scorer.columns(chunk, results, "row")
    kinds = [(column.name, column.kind) for column in scorer.added]
    assert kinds[-5:-2] == [("known", "flag"), ("decided", "flag"), ("labels", "texts")]
    assert [len(column) for column in columns] == [2] * len(scorer.added)
    for at, result in enumerate(results):
        row = {
            column.name: values[at] for column, values in zip(scorer.added, columns, strict=True)
        }
        if result is None:
            assert set(row.values()) == {None, "bad", f"row {at + 2}: missing text"}
        else:
            assert row["label"] == result.label
            assert row["decided"] == (result.label is not None)
            assert row["labels"] == result.labels


def test_an_engine_that_was_never_calibrated_is_refused_before_anything_is_read():
    for options in ({"abstain": 0.1}, {"error_rate": 0.1}):
        with pytest.raises(RoomtoneError, match="no validation scores"):
            Scorer(Lengths(), **options)
    with pytest.raises(RoomtoneError, match="between 0 and 1"):
        Scorer(calibrated(), abstain=7)


def test_a_request_to_stop_is_heard_between_two_batches():
    engine = Lengths()
    answers = iter([False, True])
    with pytest.raises(Stopped):
        Scorer(engine, batch_size=1).results(["a", "b", "c"], [True] * 3, lambda: next(answers))
    assert len(engine.batches) == 1


def test_the_tally_counts_each_kind_of_row_and_survives_being_saved():
    texts = ["abcd", "", "?", "ab", "abc"]
    problems = ["", "empty text", "", "", ""]
    scorer = Scorer(calibrated(), abstain=0.5)
    chunk = chunk_of(texts, problems)
    chunk.beyond = 2
    tally = Tally()
    results = scorer.results(texts, [not why for why in problems], never)
    tally.count(chunk, results, "line")
    again = Tally.from_dict(tally.to_dict())
    assert again == tally
    again.count(chunk, results, "line")
    assert (again.rows, again.bad, again.unknown, again.beyond) == (10, 2, 2, 4)
    assert again.undecided + sum(again.labels.values()) == 8
    assert again.undecided == 2 * sum(r is not None and r.label is None for r in results) > 0
    assert again.first == ["line 3: empty text"] * 2


def test_the_first_problems_alone_are_remembered():
    tally = Tally()
    tally.count(chunk_of([""] * 50, ["empty text"] * 50), [None] * 50, "line")
    assert tally.bad == 50
    assert tally.first == [f"line {n}: empty text" for n in range(2, 7)]
