"""The hybrid as an engine: the plain network's answers, from safe files alone."""

from __future__ import annotations

import csv
import json
import os
import pickle
import random
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch_kept import torch_kept

from roomtone.config import load_config
from roomtone.engines import get_sentiment_engine, load_engine, save_engine
from roomtone.engines.hybrid import HybridDLSentimentEngine
from roomtone.engines.manifest import seal
from roomtone.errors import CheckpointError, ConfigError, RoomtoneError
from roomtone.guide import HybridCNNBiLSTM
from roomtone.text import Vocabulary
from roomtone.training.console import Console
from roomtone.training.files import load_tensors, save_tensors
from roomtone.training.run import Run

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"
TELLING = {"negative": ["awful", "boring"], "neutral": ["okay", "usual"], "positive": ["great"]}
FILLING = ["the", "video", "song", "really", "today", "channel", "people", "so"]
UNKNOWN = ["", "   ", "qqq zzz", "\u200b"]


def comment(source: random.Random, label: str, length: int) -> str:
    words = [source.choice(FILLING) for _ in range(length)]
    words.insert(source.randint(0, length), source.choice(TELLING[label]))
    return " ".join(words)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    with torch_kept(threads=1):
        yield


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """The folder of a finished run, with subwords and words from vectors."""
    root = tmp_path_factory.mktemp("run")
    source = random.Random(1)
    for split, rows in {"train": 90, "val": 30}.items():
        with (root / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["text", "label"])
            for row in range(rows):
                label = ["negative", "neutral", "neutral", "positive", "positive", "positive"][
                    row % 6
                ]
                table.writerow([comment(source, label, source.randint(0, 12)), label])
    vectors = root / "vectors.txt"
    lines = [f"{word} {' '.join(['0.1'] * 16)}\n" for word in ("great", "awful", "unheard")]
    vectors.write_text("".join(lines))
    config = load_config(
        TINY,
        flags={"train_csv": str(root / "train.csv"), "val_csv": str(root / "val.csv")}
        | {"output_dir": str(root / "output"), "glove_path": str(vectors)}
        | {"experiment_name": "trial", "tensorboard_dir": str(root / "runs")},
        sets=[
            *["tensorboard.enabled=false", "embeddings.extra_words=10"],
            *["model.subwords.buckets=50", "training.max_epochs=2"],
        ],
    )
    return Run(config, Console(quiet=True)).execute().folder.root


@pytest.fixture
def run(finished, tmp_path) -> Path:
    """A copy of that run, to be spoilt."""
    return shutil.copytree(finished, tmp_path / "output" / "trial")


@pytest.fixture(scope="module")
def engine(finished) -> HybridDLSentimentEngine:
    return HybridDLSentimentEngine(finished / "final_model.pt", finished / "vocab.pkl")


def plainly(finished: Path, texts: list[str]) -> np.ndarray:
    """Score one text at a time by the network as it was trained."""
    network = HybridCNNBiLSTM.from_run(finished).eval()
    vocabulary = Vocabulary.load(finished / "vocab.json")
    rows = [torch.tensor([vocabulary.encode(text)[: network.config.max_len]]) for text in texts]
    with torch.inference_mode():
        logits = torch.cat([network(row).logits for row in rows])
    return logits.double().softmax(dim=1).numpy()


def some_texts(count: int) -> list[str]:
    source = random.Random(7)
    texts = [comment(source, source.choice(list(TELLING)), source.randint(0, 60))
             for _ in range(count)]  # fmt: skip
    return [*texts, "unheard 😡 WOW!!! #SoGreat https://x.com", "awful " * 300]


@pytest.mark.parametrize("kernels", ["on", "off"])
def test_probabilities_are_those_of_the_plain_network_one_text_at_a_time(
    finished, monkeypatch, kernels
):
    monkeypatch.setenv("ROOMTONE_KERNELS", kernels)
    engine = HybridDLSentimentEngine(finished, threads=2)
    texts = some_texts(300)
    found = engine.predict_proba(texts)
    np.testing.assert_allclose(found, plainly(finished, texts), atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1)


@given(texts=st.lists(st.text() | st.sampled_from(["so great", "awful!"]), min_size=1, max_size=30))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_text_gets_the_same_alone_and_in_any_company(engine, texts):
    together = engine.predict_proba(texts)
    for row, text in enumerate(texts):
        np.testing.assert_allclose(engine.predict_proba([text])[0], together[row], atol=1e-5)


@pytest.mark.parametrize(("threads", "batch_size"), [(1, None), (3, None), (2, 1), (2, 7), (1, 64)])
def test_threads_and_batches_change_nothing(finished, engine, threads, batch_size):
    texts = [*some_texts(150), *UNKNOWN]
    other = HybridDLSentimentEngine(finished, threads=threads, batch_size=batch_size)
    np.testing.assert_allclose(
        other.predict_proba(texts), engine.predict_proba(texts), atol=1e-5
    )  # to the last bit where there is a compiler


def test_bfloat16_stays_near_and_chooses_the_same_classes(finished, engine):
    texts = some_texts(300)
    found = HybridDLSentimentEngine(finished, precision="bf16").predict_proba(texts)
    exact = engine.predict_proba(texts)
    np.testing.assert_allclose(found, exact, atol=0.02)
    sure = np.diff(np.sort(exact, axis=1)[:, -2:], axis=1)[:, 0] > 0.04
    np.testing.assert_array_equal(found.argmax(axis=1)[sure], exact.argmax(axis=1)[sure])


def test_where_nothing_is_known_the_prior_of_the_training_rows_is_given(engine):
    for result in engine.batch_analyze(UNKNOWN):
        assert not result.known
        assert result.probs == pytest.approx({"Negative": 1 / 6, "Neutral": 2 / 6, "Positive": 0.5})
    assert engine.analyze("great qqq").known


def test_it_says_what_it_is(engine, finished):
    result = engine.analyze("so great")
    assert result.model == "hybrid_dl"
    assert result.best in {"Negative", "Neutral", "Positive"}
    told = json.loads((finished / "test_metrics.json").read_text("utf-8"))
    assert engine.record["metrics"]["val"]["metrics"] == told["metrics"]
    assert engine.record["data"]["train"]["rows"] == 90
    run = engine.record["run"]
    assert isinstance(run["seed"], int)
    assert run["training"]["max_epochs"] > 0
    assert str(finished.parent) not in json.dumps(engine.record)  # no paths of this machine
    words, weights = len(engine.model.vocabulary), engine.model.network.parameters()
    assert f"{sum(w.numel() for w in weights):,} weights, {words:,} words" in engine.describe()


def test_it_comes_back_from_its_folder_as_it_was(engine, tmp_path):
    saved = save_engine(engine, tmp_path / "models" / "hybrid")
    again = load_engine(saved)
    texts = [*some_texts(50), *UNKNOWN]
    np.testing.assert_array_equal(again.predict_proba(texts), engine.predict_proba(texts))
    assert again.record == engine.record
    names = {"engine.json", "MODEL_CARD.md", "model.safetensors", "vocab.json"}
    assert set(os.listdir(saved)) == names
    twice = save_engine(HybridDLSentimentEngine(saved), tmp_path / "again")
    for name in names:
        assert (twice / name).read_bytes() == (saved / name).read_bytes()


def test_by_name_it_is_the_saved_one_or_else_the_newest_finished_run(
    run, engine, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    older = shutil.copytree(run, run.with_name("older"))
    os.utime(older / "final_model.pt", (1, 1))
    (older / "vocab.json").write_text("[]")
    assert get_sentiment_engine("hybrid_dl", device="cpu").prior[2] == pytest.approx(0.5)
    engine.prior, before = np.array([0.2, 0.3, 0.5]), engine.prior
    try:
        save_engine(engine, tmp_path / "models" / "hybrid_dl")
    finally:
        engine.prior = before
    assert get_sentiment_engine("hybrid_dl", device="cpu").prior[0] == pytest.approx(0.2)


def test_where_there_is_none_it_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RoomtoneError, match=r"models/hybrid_dl.*output.*roomtone train"):
        get_sentiment_engine("hybrid_dl")


def test_options_are_checked_together(finished):
    with pytest.raises(ConfigError) as caught:
        HybridDLSentimentEngine(finished, precision="bf61", threads=0, batch_size=1.5)
    assert [line.split(":")[0] for line in caught.value.problems] == [
        *["precision", "threads", "batch_size"]
    ]
    assert "did you mean 'bf16'" in str(caught.value)
    with pytest.raises(RoomtoneError, match="did you mean 'threads'"):
        get_sentiment_engine("hybrid_dl", model_path=finished, thread=1)


def test_the_vocabulary_may_lie_elsewhere_and_be_a_pickle_alone(run, engine, tmp_path):
    elsewhere = tmp_path / "words" / "vocab.pkl"
    elsewhere.parent.mkdir()
    (run / "vocab.pkl").rename(elsewhere)
    (run / "vocab.json").unlink()
    found = HybridDLSentimentEngine(run / "final_model.pt", elsewhere)
    np.testing.assert_array_equal(found.predict_proba(["great"]), engine.predict_proba(["great"]))


def test_a_vocabulary_of_another_model_is_refused(run):
    Vocabulary(min_freq=1).build_from_texts(["so great"]).save(run / "vocab.pkl")
    with pytest.raises(CheckpointError, match="not the vocabulary"):
        HybridDLSentimentEngine(run)


def test_a_pickle_that_names_code_is_refused(run):
    (run / "vocab.json").unlink()
    (run / "vocab.pkl").write_bytes(pickle.dumps(os.getcwd))
    with pytest.raises(CheckpointError, match="refused to load"):
        HybridDLSentimentEngine(run, run / "vocab.pkl")


def respoilt(run: Path, change) -> Path:
    """Change the content of the model file as one would who knows how it is made."""
    path = run / "final_model.pt"
    content = load_tensors(path, kind="model")
    change(content)
    save_tensors(path, content)
    return path


def weights(name, value):
    def change(content):
        content["model_state_dict"][name] = value(content["model_state_dict"][name])

    return change


def model(**changes):
    return lambda content: content["model"].update(changes)


def no_padding(tensor):
    return torch.zeros(1).expand(tensor.shape)


SPOILT = {
    "a value that is not finite": weights("pooling.score.weight", lambda t: t * torch.nan),
    "another shape": weights("attention.output.weight", lambda t: t[:-1]),
    "another type": weights("attention.output.weight", torch.Tensor.double),
    "a tensor that takes no memory": weights("attention.output.weight", no_padding),
    "a sparse tensor": weights("attention.output.weight", torch.Tensor.to_sparse),
    "no tensor": weights("attention.output.weight", torch.Tensor.tolist),
    "runs that are not there": weights("subwords.runs", lambda t: t + 1000),
    "weights missing": lambda content: content["model_state_dict"].pop("cnn.convs.0.bias"),
    "weights too many": lambda content: content["model_state_dict"].update(more=torch.zeros(2)),
    "weights of no names": lambda content: content.update(model_state_dict=[1, 2]),
    "vectors of no words": weights("embedding.weight", lambda t: torch.tensor(1.0)),
    "sizes beyond any memory": model(embedding_dim=10**12),
    "sizes beyond any number": model(embedding_dim=10**30),
    "layers without end": model(bilstm={"hidden_size": 8, "num_layers": 10**9, "dropout": 0.1}),
    "heads that do not divide": model(attention={"num_heads": 3, "dropout": 0.1}),
    "dropout of no layer": model(classifier={"hidden_sizes": [16], "dropout": []}),
    "an unknown size": model(depth=3),
    "no sizes": lambda content: content.update(model=None),
    "names of other classes": lambda content: content.update(class_names=["good", "bad"]),
    "classes without names": lambda content: content.update(class_names=3),
    "a class twice": lambda content: content.update(class_names=["a", "b", "a"]),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_model_file_that_does_not_hold_together_is_refused(run, spoilt):
    path = respoilt(run, SPOILT[spoilt])
    with pytest.raises(RoomtoneError, match=r"final_model|hybrid_dl: expected"):
        HybridDLSentimentEngine(path)


def test_a_packed_file_is_refused_before_it_is_unpacked(run):
    path = run / "final_model.pt"
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    with pytest.raises(CheckpointError, match="packed"):
        HybridDLSentimentEngine(path)


@pytest.mark.parametrize(
    "report", ["{", "[]", '{"splits": {"train": {"label_counts": {"0": -1}}}}']
)
def test_a_damaged_data_report_is_refused(run, report):
    (run / "data_report.json").write_text(report)
    with pytest.raises(CheckpointError, match="data_report"):
        HybridDLSentimentEngine(run)


def test_a_model_on_its_own_takes_all_classes_for_equally_frequent(run, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    for name in ("final_model.pt", "vocab.json"):
        shutil.copy(run / name, alone / name)
    assert HybridDLSentimentEngine(alone).prior == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {}},
        {"settings": {"model": {}}},
        {"settings": {"model": {"vocab_size": "many"}}},
        {"tokenizer": "0"},
        {"class_names": ["bad", "good"], "prior": [0.5, 0.5]},
    ],
)
def test_a_folder_whose_parts_do_not_go_together_is_refused(engine, tmp_path, changes):
    saved = save_engine(engine, tmp_path / "saved")
    path = saved / "engine.json"
    path.write_text(json.dumps(seal({**json.loads(path.read_text()), **changes})))
    with pytest.raises(CheckpointError, match="saved"):
        load_engine(saved)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_end_in_a_clear_error_or_in_the_same_model(finished, run, seed):
    """One byte of a file that is read, anywhere."""
    source = random.Random(seed)
    path = run / source.choice(["final_model.pt", "vocab.json"])
    data = bytearray(path.read_bytes())
    data[source.randrange(len(data))] ^= 1 << source.randrange(8)
    path.write_bytes(data)
    try:
        found = HybridDLSentimentEngine(run)
    except RoomtoneError:
        return
    expected = plainly(finished, ["so great"])
    np.testing.assert_allclose(found.predict_proba(["so great"]), expected, atol=1e-5)
