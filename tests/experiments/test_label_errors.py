"""Labels that are probably wrong."""

import numpy as np
import pytest

from roomtone.errors import DataError
from roomtone.experiments.label_errors import MARGIN, find_label_errors

pytest.importorskip("cleanlab")
GOOD = ["good", "great", "lovely", "superb", "fine"]
BAD = ["bad", "awful", "dull", "poor", "weak"]
FILLING = ["film", "plot", "end", "cast", "music", "scene", "story", "part", "show", "song"]


def corpus(rows, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, rows)
    texts = [
        " ".join(rng.permutation([*rng.choice((BAD, GOOD)[label], 2), *rng.choice(FILLING, 4)]))
        for label in labels
    ]
    return texts, labels


def test_planted_errors_are_found_and_others_are_not():
    texts, labels = corpus(800)
    wrong = np.arange(0, 800, 40)
    given = labels.copy()
    given[wrong] = 1 - given[wrong]
    found = find_label_errors(texts, given, np.arange(800))
    assert set(found.rows.tolist()) <= set(wrong.tolist())
    assert found.rows.size >= 0.85 * wrong.size
    assert (found.suggested == labels[found.rows]).all()
    assert (found.margin >= MARGIN).all()
    assert (np.diff(found.margin) <= 0).all()
    assert found.agreement == pytest.approx(1 - 20 / 800, abs=0.01)
    assert found.noise[0] == pytest.approx(20 / 800, abs=0.02)


def test_copies_of_a_wrong_row_do_not_vouch_for_it():
    texts, labels = corpus(400)
    odd = [f"good great lovely film cast {word}" for word in ("xa", "xb", "xc", "xd", "xe")] * 8
    given = np.concatenate([labels, np.zeros(len(odd), dtype=np.int64)])
    rows = np.arange(given.size)
    apart, together = rows.copy(), rows.copy()
    together[400:] = 400
    texts = [*texts, *odd]
    seen = find_label_errors(texts, given, apart).rows
    unseen = find_label_errors(texts, given, together).rows
    assert (unseen >= 400).sum() == len(odd)
    assert (seen >= 400).sum() < len(odd)


def test_the_same_rows_give_the_same_suspects():
    texts, labels = corpus(300)
    labels[:20] = 1 - labels[:20]
    one, other = (find_label_errors(texts, labels, np.arange(300)) for _ in range(2))
    assert one.rows.tolist() == other.rows.tolist()
    assert one.margin.tolist() == other.margin.tolist()


def test_rows_without_a_label_and_rare_classes_are_not_judged():
    texts, labels = corpus(300)
    labels[:3], labels[3:6] = -1, 3
    found = find_label_errors(texts, labels, np.arange(300))
    assert not set(found.rows.tolist()) & set(range(6))
    assert set(found.noise) == {0, 1}


def test_one_class_and_few_rows_are_refused():
    with pytest.raises(DataError, match="found 1 such classes with 200 rows"):
        find_label_errors(["a b"] * 200, np.zeros(200, dtype=np.int64), np.arange(200))
    texts, labels = corpus(60)
    with pytest.raises(DataError, match="100 rows in all; found 2 such classes with 60 rows"):
        find_label_errors(texts, labels, np.arange(60))
