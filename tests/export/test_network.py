from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from roomtone.config.load import load_config
from roomtone.errors import RoomtoneError
from roomtone.export import build_model, compare, invented_texts

ROOT = Path(__file__).parents[2]
SHIPPED = [
    *(ROOT / "configs").glob("*.yaml"),
    ROOT / "backend" / "research" / "config" / "hybrid_dl_config.yaml",
]
SIZES = {
    "as_it_is": {},
    "two_layers": {"bilstm": {"hidden_size": 8, "num_layers": 2}},
    "three_layers": {"bilstm": {"hidden_size": 6, "num_layers": 3}},
    "even_filters": {"cnn": {"filter_sizes": [2, 4, 6], "num_filters": 5}},
    "one_wide_filter": {"cnn": {"filter_sizes": [9], "num_filters": 4}},
    "filters_of_one_word": {"cnn": {"filter_sizes": [1, 2], "num_filters": 4}},
    "one_head": {"attention": {"num_heads": 1}},
    "linear": {"classifier": {"hidden_sizes": [], "dropout": []}},
    "deep": {"classifier": {"hidden_sizes": [12, 8, 6], "dropout": [0.1, 0.1, 0.1]}},
    "subwords": {"subwords": {"buckets": 50}},
    "seven_classes": {"num_classes": 7},
    "one_unit": {"bilstm": {"hidden_size": 1}, "attention": {"num_heads": 2}},
}


def scores(model: onnx.ModelProto, run, texts: list[str], batch: int = 32) -> np.ndarray:
    """Run a model as a program in another language would, in batches as they come."""
    session = onnxruntime.InferenceSession(model.SerializeToString())
    encoded = run.vocabulary.encode_batch(texts).cut(run.config.max_len)
    found = []
    for start in range(0, len(texts), batch):
        rows = np.arange(start, min(start + batch, len(texts)))
        ids, lengths = encoded.padded(rows)
        found.append(session.run(["logits"], {"input_ids": ids, "lengths": lengths})[0])
    return np.concatenate(found)


@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_the_model_gives_the_networks_logits_whatever_its_sizes(make_run, sizes):
    run = make_run(**sizes)
    texts = ["", *invented_texts(run.vocabulary, 150)]
    found = scores(build_model(run.weights()), run, texts)
    assert found.std(axis=0).min() > 1e-3  # the texts do differ
    assert compare(run.logits(texts), found).largest < 1e-5


@pytest.mark.parametrize(
    ("sizes", "setting"),
    [
        ({"cnn": {"enabled": False}}, "model.cnn.enabled: false"),
        ({"attention": {"pooling": "mean"}}, "model.attention.pooling: mean"),
    ],
)
def test_a_network_that_lacks_a_part_is_refused(make_run, sizes, setting):
    with pytest.raises(RoomtoneError, match=setting):
        build_model(make_run(**sizes).weights())


def test_extra_words_and_their_subwords_are_in_the_table(make_run):
    run = make_run(["wonderful", "terrible"], subwords={"buckets": 50})
    texts = ["wonderful", "terrible", "a terrible movie", "wonderful so wonderful"]
    assert compare(run.logits(texts), scores(build_model(run.weights()), run, texts)).largest < 1e-5
    logits = run.logits(texts)
    assert np.abs(logits[0] - logits[1]).max() > 1e-3


def test_five_thousand_texts_differ_by_rounding_alone(make_run):
    run = make_run(subwords={"buckets": 50}, bilstm={"hidden_size": 8, "num_layers": 2})
    texts = invented_texts(run.vocabulary, 5000)
    parity = compare(run.logits(texts), scores(build_model(run.weights()), run, texts))
    assert (parity.texts, parity.other_label) == (5000, 0)
    parity.check()


@pytest.mark.parametrize("int8", [False, True])
def test_a_text_scores_the_same_alone_and_in_any_batch(make_run, int8):
    run = make_run()
    model = build_model(run.weights(), int8=int8)
    texts = invented_texts(run.vocabulary, 60)
    alone = scores(model, run, texts, batch=1)
    np.testing.assert_allclose(scores(model, run, texts, batch=60), alone, atol=1e-5)


def test_whole_numbers_come_near(make_run):
    run = make_run(bilstm={"hidden_size": 8, "num_layers": 2}, subwords={"buckets": 50})
    texts = invented_texts(run.vocabulary, 400)
    expected = run.logits(texts)
    parity = compare(expected, scores(build_model(run.weights(), int8=True), run, texts))
    assert 1e-6 < parity.largest < 0.1 * np.ptp(expected)


def test_whole_numbers_take_a_quarter_of_the_space(make_run):
    run = make_run([f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(600)])
    sizes = [len(build_model(run.weights(), int8=int8).SerializeToString()) for int8 in (0, 1)]
    assert run.vocabulary.extra == 600
    assert sizes[0] - sizes[1] > 0.7 * 4 * 600 * 12


def test_equal_networks_give_equal_bytes(make_run):
    run = make_run()
    first, second = (build_model(run.weights()).SerializeToString() for _ in range(2))
    assert first == second


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_configuration_can_be_exported(make_run, path):
    sizes = load_config(path, check_files=False).model.model_dump(mode="json")
    run = make_run(**sizes)
    texts = invented_texts(run.vocabulary, 20)
    compare(run.logits(texts), scores(build_model(run.weights()), run, texts)).check()
