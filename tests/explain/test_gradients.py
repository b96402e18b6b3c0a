from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from roomtone.errors import MissingExtraError, RoomtoneError
from roomtone.explain import Options, admitted, explain_texts
from roomtone.explain.explaining import chosen_method


def gradients(engine, texts, **options):
    found = explain_texts(engine, texts, method="integrated_gradients", options=Options(**options))
    return found, [each.details for each in found]


@pytest.mark.parametrize("baseline", ["padding", "unknown"])
def test_attributions_add_up_to_the_difference_that_they_explain(hybrid, labelled, baseline):
    found, checks = gradients(hybrid, labelled[0], baseline=baseline)
    for each, check in zip(found, checks, strict=True):
        assert check["baseline"] == baseline
        assert check["sum"] == pytest.approx(each.scores.sum())
        assert abs(check["error"]) <= 0.02 * max(abs(check["difference"]), 0.25)
        assert check["error"] == pytest.approx(check["sum"] - check["difference"], abs=1e-9)


def test_the_difference_is_that_of_the_centred_logits_of_the_engine(hybrid):
    text = "the song is glim today"
    (each,), (check,) = gradients(hybrid, [text])
    logits = hybrid.raw([text]).log_probs[0]
    code = hybrid.class_names.index(each.target)
    assert check["logit"] == pytest.approx(logits[code] - logits.mean(), abs=1e-4)


def test_a_word_without_a_vector_of_its_own_is_given_nothing_against_the_unknown(hybrid):
    (each,), _ = gradients(hybrid, ["qqq glim zzz"], baseline="unknown")
    assert [bool(score) for score in each.scores] == [False, True, False]


def test_steps_are_doubled_until_the_sum_is_right(hybrid, labelled):
    _, checks = gradients(hybrid, labelled[0][:20], steps=2, tolerance=0.01)
    steps = {check["steps"] for check in checks}
    assert max(steps) > 2
    assert all(count & (count - 1) == 0 for count in steps)


def test_what_cannot_be_completed_is_an_error_with_both_numbers(hybrid, labelled, monkeypatch):
    monkeypatch.setattr("roomtone.explain.gradients.MOST_STEPS", 4)
    with pytest.raises(RoomtoneError, match=r"after 4 steps .* sum to .* is .*leave_one_out"):
        gradients(hybrid, labelled[0], steps=2, tolerance=1e-6)


def test_compiled_code_and_plain_torch_agree(hybrid, labelled, monkeypatch):
    texts = labelled[0][:12]
    fast, _ = gradients(hybrid, texts, tolerance=0.9)
    monkeypatch.setattr("roomtone.nets.conv.takes_shortcuts", lambda device: False)
    monkeypatch.setattr("roomtone.nets.recurrent.takes_shortcuts", lambda device: False)
    plain, _ = gradients(hybrid, texts, tolerance=0.9)
    for one, other in zip(fast, plain, strict=True):
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-3)


def test_it_is_what_captum_finds_at_the_layer_of_word_vectors(hybrid):
    """Captum's own layer method, on the network as it is."""
    from captum.attr import LayerIntegratedGradients

    text = "the song is glim today"
    (each,), (check,) = gradients(hybrid, [text])
    network = hybrid.model.network
    ids = torch.tensor([hybrid.model.vocabulary.encode(text)])
    code = hybrid.class_names.index(each.target)

    class Plain(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = network.embedding

        def forward(self, ids):
            vectors = self.embedding(ids)
            places = torch.arange(ids.numel()).view(ids.shape)
            lengths = torch.full((len(ids),), ids.shape[1])
            logits = network.classify(vectors.flatten(0, 1), places, lengths).logits
            return logits[:, code] - logits.mean(dim=1)

    plain = Plain()
    layer = LayerIntegratedGradients(plain, plain.embedding)
    golden = layer.attribute(ids, torch.zeros_like(ids), n_steps=check["steps"]).sum(dim=2)[0]
    np.testing.assert_allclose(each.scores, golden.numpy(), atol=1e-3)


def test_without_captum_the_command_that_installs_it_is_named(hybrid, monkeypatch):
    monkeypatch.setitem(sys.modules, "captum", None)
    monkeypatch.setitem(sys.modules, "captum.attr", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'roomtone\[explain\]'"):
        gradients(hybrid, ["glim"])


def test_without_captum_auto_leaves_words_out(hybrid, monkeypatch):
    monkeypatch.setattr("roomtone.explain.explaining.util.find_spec", lambda name: None)
    assert "integrated_gradients" not in admitted(hybrid)
    assert chosen_method(hybrid, "auto") == "leave_one_out"
