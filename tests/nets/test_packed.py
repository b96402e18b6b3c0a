"""The compiled network says what the plain one says of each text alone, in whatever company."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roomtone.config.model import ModelConfig
from roomtone.nets import HybridNetwork, initialise
from roomtone.nets.kernels import inference
from roomtone.nets.packed import PackedNetwork, can_be_packed

pytestmark = pytest.mark.skipif(
    inference.library() is None, reason=f"no compiled kernels: {inference.load()}"
)
WORDS, EXTRA = 30, 6
texts = st.lists(
    st.lists(st.integers(1, WORDS + EXTRA - 1), min_size=1, max_size=70), min_size=1, max_size=70
)
# Networks are in evaluation mode and are not changed, so that examples may share them.
with_network = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SHAPES = {
    "one layer": {"bilstm": {"hidden_size": 8, "num_layers": 1}},
    "three layers": {"bilstm": {"hidden_size": 5, "num_layers": 3}, "attention": {"num_heads": 5}},
    "wider than a panel": {
        "embedding_dim": 33,
        "bilstm": {"hidden_size": 36, "num_layers": 2},
        "attention": {"num_heads": 1},
        "cnn": {"filter_sizes": [1, 2, 7], "num_filters": 40},
        "classifier": {"hidden_sizes": [50, 9], "dropout": [0.1, 0.1]},
    },
    "linear classifier": {"num_classes": 5, "classifier": {"hidden_sizes": [], "dropout": []}},
    "subwords": {"subwords": {"buckets": 40}},
}


def build(**shape) -> HybridNetwork:
    base = {
        "embedding_dim": 7,
        "cnn": {"filter_sizes": [2, 3], "num_filters": 6},
        "bilstm": {"hidden_size": 8, "num_layers": 2},
        "attention": {"num_heads": 2},
        "classifier": {"hidden_sizes": [11], "dropout": [0.3]},
    }
    config = ModelConfig.model_validate({**base, **shape})
    network = HybridNetwork(config, WORDS, EXTRA)
    generator = torch.Generator().manual_seed(3)
    initialise(network, generator)
    with torch.no_grad():
        network.extra.vectors.normal_(std=0.1, generator=generator)
        for name, parameter in network.named_parameters():
            if "bias" in name or "norm" in name:
                parameter.add_(0.3 * torch.rand(parameter.shape, generator=generator))
        if network.subwords is not None:
            network.subwords.weight.normal_(generator=generator)
            network.subwords.spell([f"word{number}" for number in range(WORDS + EXTRA)], 3)
    return network.eval()


@pytest.fixture(scope="module", params=SHAPES)
def network(request) -> HybridNetwork:
    return build(**SHAPES[request.param])


def flat(batch: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    ids = np.array([code for text in batch for code in text], dtype=np.int32)
    return ids, np.cumsum([0, *map(len, batch)])


def plainly(network: HybridNetwork, batch: list[list[int]]) -> np.ndarray:
    with torch.inference_mode():
        return torch.cat([network(torch.tensor([text])).logits for text in batch]).numpy()


@given(batch=texts)
@with_network
def test_logits_are_those_of_the_plain_network_one_text_at_a_time(network, batch):
    packed = PackedNetwork(network, inference.library())
    found = packed.logits(*flat(batch))
    np.testing.assert_allclose(found, plainly(network, batch), atol=1e-5)


@pytest.mark.parametrize("bf16", [False, True])
@given(batch=texts)
@with_network
def test_a_text_has_the_same_logits_to_the_last_bit_in_any_company(network, bf16, batch):
    packed = PackedNetwork(network, inference.library(), bf16=bf16)
    together = packed.logits(*flat(batch))
    for row, text in enumerate(batch):
        np.testing.assert_array_equal(packed.logits(*flat([text]))[0], together[row])


def test_bfloat16_stays_near(network):
    rng = np.random.default_rng(0)
    batch = [rng.integers(1, WORDS + EXTRA, size=rng.integers(1, 40)).tolist() for _ in range(200)]
    found = PackedNetwork(network, inference.library(), bf16=True).logits(*flat(batch))
    np.testing.assert_allclose(found, plainly(network, batch), atol=0.02)


def test_later_changes_of_the_network_do_not_reach_it():
    network = build()
    packed = PackedNetwork(network, inference.library())
    before = packed.logits(*flat([[4, 5, 6]]))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    np.testing.assert_array_equal(packed.logits(*flat([[4, 5, 6]])), before)


def test_a_text_without_tokens_is_refused():
    packed = PackedNetwork(build(), inference.library())
    with pytest.raises(ValueError, match="without tokens"):
        packed.logits(np.array([4], dtype=np.int32), np.array([0, 1, 1]))


def test_a_code_that_no_word_has_is_refused():
    packed = PackedNetwork(build(), inference.library())
    with pytest.raises(IndexError):
        packed.logits(np.array([WORDS + EXTRA], dtype=np.int32), np.array([0, 1]))


@pytest.mark.parametrize("sizes", [[3], list(range(1, 9)), list(range(1, 10))])
def test_networks_of_more_parts_than_there_is_room_for_are_left_to_pytorch(sizes):
    network = build(cnn={"filter_sizes": sizes, "num_filters": 4})
    assert can_be_packed(network) == (len(sizes) <= inference.MOST)
    assert not can_be_packed(network.double())


def test_the_switch_turns_it_off():
    code = "from roomtone.nets.kernels import inference; print(inference.library())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"ROOMTONE_KERNELS": "off", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "None"
