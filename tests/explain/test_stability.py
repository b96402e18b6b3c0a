from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.stats import kendalltau

from roomtone.engines.hybrid import HybridDLSentimentEngine
from roomtone.errors import DataError, RoomtoneError
from roomtone.explain.ablation import uniform_attention, with_uniform_attention
from roomtone.explain.stability import jensen_shannon, kendall_tau, seed_variance

weights = arrays(np.float64, 6, elements=st.floats(0.01, 1).map(lambda x: round(x, 2)))


@given(weights, weights)
def test_measures_are_those_of_scipy(first, second):
    # SciPy takes the root of what rounding may have left below zero.
    golden = np.nan_to_num(jensenshannon(first, second, base=2)) ** 2
    assert jensen_shannon(first, second) == pytest.approx(golden, abs=1e-9)
    assert jensen_shannon(first, second) == pytest.approx(jensen_shannon(second, first), abs=1e-12)
    tau = kendalltau(first, second).statistic
    assert kendall_tau(first, second) == pytest.approx(0 if np.isnan(tau) else tau)


def twin(engine, scale=1.0001, **record):
    """Copy an engine as one of another seed, its weights nearly the same."""
    model = engine.model
    network = deepcopy(model.network)
    with torch.no_grad():
        for weights in network.parameters():
            weights.mul_(scale)
    run = {**engine.record["run"], "seed": 99, **record}
    common = {**model.common, "record": {**engine.record, "run": run}}
    return HybridDLSentimentEngine.of(replace(model, network=network, common=common))


def test_runs_that_agree_do_so_more_than_shuffled_words(hybrid, labelled):
    found = seed_variance([hybrid, twin(hybrid)], labelled[0])
    assert found.divergence == pytest.approx(0, abs=1e-4)
    assert found.tau > 0.95
    assert found.random_divergence > 0.01
    assert abs(found.random_tau) < 0.15
    assert "agrees more than chance" in found.verdict
    json.dumps(found.to_dict(), allow_nan=False)


def test_another_seed_agrees_less_than_nearly_the_same_run(hybrid, other_run, labelled):
    other = HybridDLSentimentEngine(other_run)
    found = seed_variance([hybrid, other, twin(hybrid)], labelled[0])
    assert found.runs == 3
    assert found.divergence > 0.001
    assert found.tau < 1
    again = seed_variance([hybrid, other, twin(hybrid)], labelled[0])
    assert found.to_dict() == again.to_dict()


def test_uniform_weights_agree_in_no_order(hybrid, labelled):
    flat = with_uniform_attention(hybrid)
    found = seed_variance([flat, twin(flat)], labelled[0])
    assert found.divergence == pytest.approx(0, abs=1e-6)
    assert not found.closer.low > 0.001
    assert "no more than random" in found.verdict


def test_what_cannot_be_compared_is_refused(hybrid, svm, labelled):
    with pytest.raises(DataError, match="two runs or more, found 1"):
        seed_variance([hybrid], labelled[0])
    with pytest.raises(RoomtoneError, match="looks into the hybrid network"):
        seed_variance([hybrid, svm], labelled[0])
    with pytest.raises(DataError, match="no text has two words"):
        seed_variance([hybrid, twin(hybrid)], ["", "glim"])


def test_the_same_run_twice_is_refused(hybrid, run, other_run, labelled):
    other = HybridDLSentimentEngine(other_run)
    with pytest.raises(DataError, match="runs 1 and 3 have the same weights"):
        seed_variance([hybrid, other, HybridDLSentimentEngine(run)], labelled[0])


def test_runs_of_one_seed_are_refused(hybrid, labelled):
    with pytest.raises(DataError, match="runs 1 and 2 have the same seed, 1,"):
        seed_variance([hybrid, twin(hybrid, seed=1)], labelled[0])


def test_runs_that_differ_in_more_than_their_seed_are_refused(hybrid, labelled):
    training = {**hybrid.record["run"]["training"], "batch_size": 7}
    with pytest.raises(DataError, match=r"training\.batch_size: 16 and 7"):
        seed_variance([hybrid, twin(hybrid, training=training)], labelled[0])
    larger = twin(hybrid)
    larger.record["data"] = {"train": {"sha256": "another"}}
    with pytest.raises(DataError, match="sha256 of the training file"):
        seed_variance([hybrid, larger], labelled[0])
    config = hybrid.model.config.model_copy(update={"max_len": 7})
    shorter = HybridDLSentimentEngine.of(replace(twin(hybrid).model, config=config))
    with pytest.raises(DataError, match=r"model\.max_len: 40 and 7"):
        seed_variance([hybrid, shorter], labelled[0])


def test_attention_is_worth_what_labels_and_probabilities_lose_without_it(hybrid, labelled):
    texts, labels = labelled
    found = uniform_attention(hybrid, texts, labels)
    flat = with_uniform_attention(hybrid).predict_proba(texts)
    own = hybrid.predict_proba(texts)
    assert found.changed == np.mean(own.argmax(axis=1) != flat.argmax(axis=1))
    assert found.distance == pytest.approx(0.5 * np.abs(own - flat).sum(axis=1).mean())
    lost = np.mean(own.argmax(axis=1) == labels) - np.mean(flat.argmax(axis=1) == labels)
    assert found.accuracy.estimate == pytest.approx(lost)
    assert uniform_attention(hybrid, texts).f1_macro is None
    flattened = uniform_attention(with_uniform_attention(hybrid), texts, labels)
    assert (flattened.changed, flattened.f1_macro.estimate) == (0, 0)
    assert "answers as well without" in flattened.verdict
