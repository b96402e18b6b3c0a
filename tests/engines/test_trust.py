from __future__ import annotations

import json

import numpy as np
import pytest

from roomtone.engines import RawScores, SentimentEngine
from roomtone.engines.calibrating import calibrate_engine
from roomtone.engines.trust import ERROR_RATES, SHARES, trust_report
from roomtone.errors import RoomtoneError


class Reader(SentimentEngine):
    """Reads the log-odds of the second class from the text, and doubles them."""

    def raw(self, texts):
        logits = np.array([float(text) for text in texts])
        scores = np.column_stack([np.zeros(len(texts)), 2 * logits])
        return RawScores(scores, np.ones(len(texts), dtype=bool))


def rows(count: int, seed: int) -> tuple[list[str], np.ndarray]:
    generator = np.random.default_rng(seed)
    logits = generator.normal(0.5, 2, count)
    return list(map(repr, logits.tolist())), generator.random(count) < 1 / (1 + np.exp(-logits))


def test_it_says_what_the_engine_does_on_the_test_rows():
    engine = Reader("reader", ("no", "yes"))
    calibrate_engine(engine, *rows(2000, 1))
    texts, labels = rows(1500, 2)
    report = trust_report(engine, texts, labels)
    for share, found in zip(SHARES, report.abstention, strict=True):
        results = engine.batch_analyze(texts, abstain=share)
        undecided = np.array([result.label is None for result in results])
        assert found.undecided == pytest.approx(undecided.mean())
        right = engine.predict(texts) == labels
        assert found.accuracy == pytest.approx(right[~undecided].mean())
    for rate, sets in zip(ERROR_RATES, report.conformal, strict=True):
        results = engine.batch_analyze(texts, error_rate=rate)
        hit = np.array(
            [("No", "Yes")[int(y)] in r.labels for y, r in zip(labels, results, strict=True)]
        )
        assert sets.coverage == pytest.approx(hit.mean())
        assert sets.coverage_by_class == pytest.approx((hit[~labels].mean(), hit[labels].mean()))
        assert sets.mean_size == pytest.approx(np.mean([len(r.labels) for r in results]))
        assert sets.coverage == pytest.approx(1 - rate, abs=0.03)
    assert report.risk_coverage.risk_at(0.5) < report.risk_coverage.risk_at(1.0)
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["class_names"] == ["no", "yes"]


def test_an_engine_without_validation_scores_is_refused():
    with pytest.raises(RoomtoneError, match="'reader' has no validation scores; calibrate it"):
        trust_report(Reader("reader", ("no", "yes")), ["1"], [0])


def test_labels_that_do_not_fit_are_refused():
    engine = Reader("reader", ("no", "yes"))
    calibrate_engine(engine, *rows(50, 3))
    with pytest.raises(RoomtoneError, match="2 texts but 1 labels"):
        trust_report(engine, ["1", "2"], [0])
