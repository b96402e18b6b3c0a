from __future__ import annotations

import json

import numpy as np
import pytest

from roomtone.engines import RawScores, SentimentEngine
from roomtone.engines.ensemble import EnsembleEngine
from roomtone.engines.ensemble_fit import fit_weights
from roomtone.errors import RoomtoneError

NAMES = ("negative", "neutral", "positive")


class Noisy(SentimentEngine):
    """Reads the label from the text, ``"2 0.53"``, through noise that depends on both."""

    def __init__(self, name: str, strength: float) -> None:
        super().__init__(name, NAMES)
        self.strength = strength

    def raw(self, texts):
        rows = [text.split() for text in texts]
        noise = np.array([np.random.default_rng([int(n), *self.name.encode()]).normal(size=3)
                          for _, n in rows])  # fmt: skip
        signal = self.strength * np.eye(3)[[int(label) for label, _ in rows]]
        return RawScores(self.strength * (signal + noise), np.ones(len(rows), dtype=bool))


def test_fitted_weights_favour_the_engine_that_knows_more_and_say_what_they_gain():
    labels = np.random.default_rng(0).integers(0, 3, 600)
    texts = [f"{label} {row}" for row, label in enumerate(labels)]
    models = {name: Noisy(name, strength) for name, strength in (("good", 2.0), ("poor", 0.3))}
    fitted = fit_weights(models, texts, labels)
    assert fitted.weights["good"] > 0.9
    assert fitted.gain.over_equal.log_loss.low > 0
    assert fitted.gain.n == 600
    ensemble = EnsembleEngine(models, fitted.weights)
    equal = EnsembleEngine(models)
    truth = np.arange(600), labels
    assert (
        np.log(ensemble.predict_proba(texts)[truth]).mean()
        > np.log(equal.predict_proba(texts)[truth]).mean()
    )
    json.dumps(fitted.to_dict(), allow_nan=False)


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(RoomtoneError, match="2 rows of probabilities but 1 labels"):
        fit_weights({"good": Noisy("good", 1.0)}, ["0 1", "1 2"], [0])
