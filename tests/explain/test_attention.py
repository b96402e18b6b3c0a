from __future__ import annotations

import numpy as np
import torch

from roomtone.explain import explain_texts
from roomtone.explain.ablation import with_uniform_attention
from roomtone.guide import HybridCNNBiLSTM


def test_weights_of_a_text_sum_to_one_and_so_do_the_rows_of_each_head(hybrid, labelled):
    for each in explain_texts(hybrid, labelled[0], method="attention"):
        np.testing.assert_allclose(each.scores.sum(), 1, atol=1e-5)
        assert (each.scores >= 0).all()
        np.testing.assert_allclose(each.details["heads"].sum(axis=2), 1, atol=1e-5)
        np.testing.assert_allclose(each.details["pooled"].sum(), 1, atol=1e-5)


def test_heads_are_those_that_the_network_shows(hybrid, run):
    text = "the song is glim today"
    (each,) = explain_texts(hybrid, [text], method="attention")
    network = HybridCNNBiLSTM.from_run(run).eval()
    with torch.no_grad():
        _, weights = network(torch.tensor([hybrid.model.vocabulary.encode(text)]))
    np.testing.assert_allclose(each.details["heads"], weights[0].numpy(), atol=1e-5)


def test_a_word_is_half_its_own_pooled_weight_and_half_what_heads_bring(hybrid):
    (each,) = explain_texts(hybrid, ["the song is glim today"], method="attention")
    pooled, heads = each.details["pooled"], each.details["heads"]
    np.testing.assert_allclose(each.scores, (pooled + pooled @ heads.mean(axis=0)) / 2, atol=1e-5)


def test_tokens_that_share_their_letters_are_one_word_of_the_map(hybrid):
    (each,) = explain_texts(hybrid, ["glim ﷺ song"], method="attention")
    count = len(each.words)
    assert len(hybrid.model.vocabulary.encode("glim ﷺ song")) > count == 3
    assert each.details["heads"].shape == (2, count, count)
    np.testing.assert_allclose(each.details["heads"].sum(axis=2), 1, atol=1e-5)


def test_uniform_attention_is_uniform_and_leaves_the_engine_alone(hybrid, labelled):
    texts = labelled[0][:10]
    before = hybrid.predict_proba(texts)
    flat = with_uniform_attention(hybrid)
    for each in explain_texts(flat, texts, method="attention"):
        np.testing.assert_allclose(each.scores, 1 / len(each.words), atol=1e-6)
    np.testing.assert_array_equal(hybrid.predict_proba(texts), before)
