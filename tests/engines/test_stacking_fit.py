from __future__ import annotations

import numpy as np
import pytest

from roomtone.engines import RawScores, SentimentEngine
from roomtone.engines.stacking_fit import fit_stacking, out_of_fold, stack_fitted
from roomtone.errors import RoomtoneError

NAMES = ("negative", "neutral", "positive")


class Memory(SentimentEngine):
    """Knows by heart what it was fitted on, and nothing else."""

    def __init__(self, texts, labels) -> None:
        super().__init__("memory", NAMES)
        self.known = dict(zip(texts, labels, strict=True))

    def raw(self, texts):
        scores = np.zeros((len(texts), 3))
        for row, text in enumerate(texts):
            if text in self.known:
                scores[row, self.known[text]] = 9
        return RawScores(scores, np.ones(len(texts), dtype=bool))


class Hints(SentimentEngine):
    """Reads the last letter of a text, which is right in two cases of three."""

    def __init__(self, names=NAMES) -> None:
        super().__init__("hints", names)

    def raw(self, texts):
        scores = 2.0 * np.eye(len(self.class_names))[[int(text[-1]) for text in texts]]
        return RawScores(scores, np.ones(len(texts), dtype=bool))


FITS = {"memory": Memory, "hints": lambda texts, labels: Hints()}


def rows(count: int, seed: int) -> tuple[list[str], np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 3, count)
    hint = np.where(generator.random(count) < 2 / 3, labels, generator.integers(0, 3, count))
    return [f"text {seed} {row} {h}" for row, h in enumerate(hint)], labels


def test_no_row_is_scored_by_an_engine_that_saw_it_or_a_copy_of_it():
    texts, labels = rows(60, seed=1)
    texts, labels = [*texts, *texts[:20]], np.concatenate([labels, labels[:20]])
    probs = out_of_fold(FITS, texts, labels, folds=4, seed=0)
    np.testing.assert_allclose(probs[0], 1 / 3, err_msg="one that learns by heart knows none")
    # Copies in another case are not known by heart, but one fold holds both.
    shouted = [text.upper() for text in texts]
    saw: list[set[str]] = []
    fits = {"spy": lambda seen, codes: saw.append({t.lower() for t in seen}) or Hints()}
    out_of_fold(fits, [*texts, *shouted], np.tile(labels, 2), folds=4, seed=0)
    assert [len(seen) for seen in saw] == [45] * 4


def test_every_row_gets_its_own_scores():
    texts, labels = rows(50, seed=2)
    probs = out_of_fold(FITS, texts, labels, folds=7, seed=0)
    np.testing.assert_array_equal(probs[1], Hints().predict_proba(texts))


def test_each_fold_is_fitted_on_the_others_with_their_labels():
    texts, labels = rows(30, seed=3)
    truth, calls = dict(zip(texts, labels, strict=True)), []

    def fit(seen, codes):
        assert [truth[text] for text in seen] == codes.tolist()
        calls.append(set(seen))
        return Hints()

    out_of_fold({"a": fit}, texts, labels, folds=3, seed=0)
    assert [len(seen) for seen in calls] == [20, 20, 20]
    held_out = [set(texts) - seen for seen in calls]
    assert set.union(*held_out) == set(texts)


def test_an_engine_that_learns_by_heart_gets_no_say():
    fitted = fit_stacking(FITS, *rows(400, seed=4))
    unseen, truth = rows(600, seed=5)
    accuracy = (fitted.engine.predict(unseen) == truth).mean()
    hints = (Hints().predict(unseen) == truth).mean()
    assert accuracy == pytest.approx(hints)
    # Fitted on what the engines say of rows that they saw, it would have trusted the memory.
    texts, labels = rows(400, seed=4)
    seen = stack_fitted({"memory": Memory(texts, labels), "hints": Hints()}, texts, labels)
    weight = np.abs(seen.engine.meta.coefficients[:, :3]).max()
    assert weight > 100 * np.abs(fitted.engine.meta.coefficients[:, :3]).max()


def test_the_engines_that_it_weighs_are_fitted_on_all_rows():
    texts, labels = rows(40, seed=6)
    fitted = fit_stacking(FITS, texts, labels)
    assert fitted.engine.models["memory"].known == dict(zip(texts, labels, strict=True))


def test_the_gain_is_told_from_rows_that_were_not_fitted_on():
    gain = fit_stacking(FITS, *rows(400, seed=7)).gain
    # The mean with an engine that knows nothing is half-hearted; stacking is not.
    assert gain.over_equal.log_loss.low > 0
    assert gain.fitted.nll < gain.equal.nll


def test_the_same_rows_and_seed_give_the_same_engine():
    texts, labels = rows(60, seed=8)
    one, other = (fit_stacking(FITS, texts, labels, seed=3).engine for _ in range(2))
    np.testing.assert_array_equal(one.meta.coefficients, other.meta.coefficients)


@pytest.mark.parametrize(
    ("fits", "count", "message"),
    [
        ({}, 10, "expected at least one engine"),
        ({"a": FITS["hints"], "b": lambda t, y: Hints(NAMES[:2])}, 10, "the same classes"),
        (FITS, 4, "folds: found 5, expected 2 to 4"),
    ],
)
def test_what_cannot_be_stacked_is_refused(fits, count, message):
    with pytest.raises(RoomtoneError, match=message):
        fit_stacking(fits, *rows(count, seed=9))


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(RoomtoneError, match="2 texts but 3 labels"):
        fit_stacking({"hints": FITS["hints"]}, ["a 0", "b 1"], [0, 1, 2])
