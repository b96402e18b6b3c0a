from __future__ import annotations

import numpy as np
import pytest

from roomtone.engines import RawScores, SentimentEngine
from roomtone.engines.calibrating import calibrate_engine
from roomtone.errors import DataError
from roomtone.stats.metrics import log_losses


class Boaster(SentimentEngine):
    """Reads the logit of the second class from the text, and makes five times as much of it."""

    def raw(self, texts):
        logits = np.array([float(text or 0) for text in texts])
        return RawScores(
            np.column_stack([np.zeros(len(texts)), 5 * logits]), np.array([bool(t) for t in texts])
        )


def rows(count: int, seed: int):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, count)
    labels = (rng.random(count) < 1 / (1 + np.exp(-logits))).astype(int)
    return [repr(float(logit)) for logit in logits], labels


@pytest.fixture
def engine() -> Boaster:
    return Boaster("boaster", ("no", "yes"), prior=(0.6, 0.4))


def test_an_engine_that_boasts_is_brought_down_to_what_it_knows(engine):
    report = calibrate_engine(engine, *rows(2000, 1), test=rows(2000, 2))
    assert report.calibration.kind == "temperature"
    assert engine.calibration.temperature == pytest.approx(5, rel=0.15)
    texts, labels = rows(2000, 2)
    assert report.test_after.nll == pytest.approx(
        log_losses(engine.predict_proba(texts), labels).mean()
    )
    assert report.test_after.nll < report.test_before.nll - 0.5


def test_afterwards_it_abstains_and_gives_sets_at_about_the_rates_asked_for(engine):
    calibrate_engine(engine, *rows(2000, 1))
    texts, labels = rows(2000, 2)
    undecided = [r.label is None for r in engine.batch_analyze(texts, abstain=0.2)]
    assert np.mean(undecided) == pytest.approx(0.2, abs=0.03)
    sets = [r.labels for r in engine.batch_analyze(texts, error_rate=0.1)]
    missed = [("No", "Yes")[label] not in found for label, found in zip(labels, sets, strict=True)]
    assert np.mean(missed) == pytest.approx(0.1, abs=0.03)


def test_texts_without_anything_known_take_no_part_but_count_for_thresholds(engine):
    texts, labels = rows(500, 1)
    calibrate_engine(engine, texts, labels)
    alone = engine.calibration
    calibrate_engine(engine, [*texts, "", ""], [*labels, 1, 0])
    assert engine.calibration == alone
    assert len(engine.validation.confidence) == 502
    assert 0.6 in engine.validation.confidence


def test_rows_that_say_nothing_are_refused(engine):
    with pytest.raises(DataError, match="'boaster' knows nothing in any of the 2 texts"):
        calibrate_engine(engine, ["", ""], [0, 1])


def test_texts_and_labels_must_be_as_many(engine):
    with pytest.raises(DataError, match="2 texts but 1 labels"):
        calibrate_engine(engine, ["1", "2"], [0])
