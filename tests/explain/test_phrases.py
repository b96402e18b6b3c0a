from __future__ import annotations

import numpy as np
import pytest
import torch

from roomtone.explain import explain_texts, read_words
from roomtone.explain.hybrid import batches, centred
from roomtone.explain.phrases import _effects, _fired


def test_the_strongest_responses_are_those_that_the_network_pools(hybrid, labelled):
    network = hybrid.model.network
    texts = [read_words(text) for text in [*labelled[0][:20], "glim", "so glim"]]
    for _, ids, lengths in batches(hybrid.model, texts):
        with torch.inference_mode():
            vectors = network.vectors(ids.flatten()).view(*ids.shape, -1)
            fired = _fired(network.cnn, vectors, lengths)
            pooled = torch.relu(torch.cat([strongest for strongest, _, _ in fired], dim=1))
            places = torch.arange(ids.numel()).view(ids.shape)
            expected = network.cnn(vectors.flatten(0, 1), places, lengths)
        np.testing.assert_allclose(pooled, expected, atol=1e-5)
        for (strongest, _, shares), conv in zip(fired, network.cnn.convs, strict=True):
            summed = shares.sum(axis=1) + conv.bias.numpy()
            np.testing.assert_allclose(summed, strongest.numpy(), atol=1e-5)


def test_an_effect_is_what_the_logit_loses_without_the_filter(hybrid):
    network = hybrid.model.network
    features, context = torch.rand(network.cnn.output_size), torch.rand(16)
    with torch.inference_mode():
        found = _effects(network, features, context)
        whole = centred(network.classifier(torch.cat([features, context])[None]))
        for number in range(len(features)):
            silent = features.clone()
            silent[number] = 0
            rest = centred(network.classifier(torch.cat([silent, context])[None]))
            np.testing.assert_allclose(found[number], (whole - rest)[0], atol=1e-5)


def test_ngrams_are_written_as_in_the_text_and_add_up_to_the_words(hybrid):
    text = "the   SONG is glim, today &amp; so"
    (each,) = explain_texts(hybrid, [text], method="ngrams")
    ngrams = each.details["ngrams"]
    assert "glim" in ngrams[0]["written"]
    for ngram in ngrams:
        first, last = each.words[ngram["first"]], each.words[ngram["last"]]
        assert ngram["written"] == text[first.start : last.end]
    assert sum(ngram["effect"] for ngram in ngrams) == pytest.approx(each.scores.sum(), abs=1e-5)
    sizes = [abs(ngram["effect"]) for ngram in ngrams]
    assert sizes == sorted(sizes, reverse=True)
