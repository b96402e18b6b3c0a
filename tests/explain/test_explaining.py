"""Each method finds the word that decides; chance does not; nothing breaks on odd texts."""

from __future__ import annotations

import json

import numpy as np
import pytest

from roomtone.engines.hybrid import HybridDLSentimentEngine
from roomtone.errors import ConfigError, RoomtoneError
from roomtone.explain import Options, admitted, explain_texts
from roomtone.explain.explaining import chosen_method, make_method

from .conftest import DECIDES

ODD = ["", "   ", "qqq zzz", "\u200b", "<br>", "😡" * 30, "glim " * 300, "&amp;" * 5, "é̩ שלום glim"]
KINDS = ("hybrid", "onnx", "svm", "logreg", "tfidf", "ensemble", "stacking")


def hits(engine, method, labelled) -> float:
    """The share of comments whose strongest word is the one that decides."""
    texts, labels = labelled
    found = explain_texts(engine, texts, method=method)
    return float(
        np.mean(
            [
                each.written(int(each.scores.argmax())) == DECIDES[label]
                for each, label in zip(found, labels, strict=True)
            ]
        )
    )


@pytest.mark.parametrize("kind", KINDS)
def test_leaving_out_finds_the_word_that_decides_in_every_engine(engines, kind, labelled):
    assert engines[kind].predict(labelled[0]).tolist() == labelled[1]
    assert hits(engines[kind], "leave_one_out", labelled) > 0.95


# The network can do without attention, since its convolution sees the word as well; attention
# finds the word four times as often as chance all the same.
@pytest.mark.parametrize(
    ("method", "share"), [("integrated_gradients", 0.95), ("ngrams", 0.95), ("attention", 0.3)]
)
def test_what_looks_into_the_network_finds_it_too(hybrid, method, share, labelled):
    assert hits(hybrid, method, labelled) > share


@pytest.mark.parametrize("kind", ["svm", "logreg", "tfidf"])
def test_exact_contributions_find_it_too(engines, kind, labelled):
    assert hits(engines[kind], "linear", labelled) > 0.95


@pytest.mark.parametrize("method", ["random", "uniform"])
def test_chance_does_not_find_it(hybrid, method, labelled):
    assert hits(hybrid, method, labelled) < 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_odd_texts_are_explained_by_every_method(engines, kind):
    engine = engines[kind]
    for method in admitted(engine):
        found = explain_texts(engine, ODD, method=method)
        for text, each in zip(ODD, found, strict=True):
            assert each.text == text
            assert len(each.scores) == len(each.words)
            assert np.isfinite(each.scores).all()
            if not each.known:
                assert not each.scores.any()
                assert "training rows" in each.note
            json.dumps(each.to_dict(), allow_nan=False)


def test_a_class_can_be_chosen_and_its_opposite_is_spoken_against(hybrid):
    text = "the song is glim today"
    (own,) = explain_texts(hybrid, [text], method="leave_one_out")
    (other,) = explain_texts(hybrid, [text], method="leave_one_out", target="NEGATIVE")
    assert (own.target, other.target) == ("positive", "negative")
    assert own.scores[3] > 0.3 > 0 > other.scores[3]


def test_texts_are_explained_the_same_alone_and_in_company(engines, labelled):
    texts = labelled[0][:20]
    for kind, method in [
        ("svm", "linear"),
        *(("hybrid", name) for name in admitted(engines["hybrid"])),
    ]:
        together = explain_texts(engines[kind], texts, method=method)
        for text, each in zip(texts, together, strict=True):
            (alone,) = explain_texts(engines[kind], [text], method=method)
            np.testing.assert_allclose(each.scores, alone.scores, atol=2e-4)


def test_equal_input_gives_equal_bytes(hybrid, labelled):
    for method in [*admitted(hybrid), "random"]:
        first, again = (
            json.dumps(
                [each.to_dict() for each in explain_texts(hybrid, labelled[0], method=method)]
            )
            for _ in range(2)
        )
        assert first == again


def test_auto_is_exact_where_that_is_possible(engines):
    assert [chosen_method(engines[kind], "auto") for kind in ("svm", "hybrid", "onnx")] == [
        *["linear", "integrated_gradients", "leave_one_out"]
    ]


def test_mistakes_say_what_would_be_right(engines):
    with pytest.raises(RoomtoneError, match="did you mean 'attention'"):
        make_method(engines["hybrid"], "atention", Options())
    with pytest.raises(RoomtoneError, match="use one of leave_one_out, linear"):
        make_method(engines["svm"], "attention", Options())
    with pytest.raises(RoomtoneError, match=r"classes of 'svm'.*did you mean 'positive'"):
        explain_texts(engines["svm"], ["glim"], target="posative")
    with pytest.raises(ConfigError, match=r"did you mean 'padding'(.|\n)*steps(.|\n)*tolerance"):
        Options(baseline="pading", steps=1, tolerance=3)


def test_the_words_of_a_long_text_that_are_cut_weigh_nothing(engines):
    text = " ".join(["the"] * 100 + ["glim"])
    for kind in ("hybrid", "onnx"):
        for method in admitted(engines[kind]):
            (found,) = explain_texts(engines[kind], [text], method=method)
            assert not found.scores[40:].any()


def test_a_network_without_some_parts_is_explained_by_what_is_left(write_model, tmp_path):
    sizes = {"embedding_dim": 8, "bilstm": {"hidden_size": 4, "num_layers": 1}}
    parts = {
        "attention": {"attention": {"num_heads": 2, "enabled": False}},
        "ngrams": {"cnn": {"filter_sizes": [2], "num_filters": 3, "enabled": False}},
        "only ngrams": {
            "attention": {"enabled": False},
            "bilstm": {"enabled": False, "hidden_size": 4},
        },
    }
    for missing, settings in parts.items():
        folder = tmp_path / missing
        folder.mkdir()
        write_model(folder, ["so glim", "so mirk"], **(sizes | settings))
        engine = HybridDLSentimentEngine(folder)
        able = admitted(engine)
        assert {"leave_one_out", "integrated_gradients"} <= set(able)
        assert (missing in able, len(able)) == (False, 3)
        for method in able:
            assert explain_texts(engine, ["so glim"], method=method)[0].scores.any()
        with pytest.raises(RoomtoneError, match="was built with model"):
            explain_texts(engine, ["so glim"], method=({"attention", "ngrams"} - set(able)).pop())
