from __future__ import annotations

import random
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.engines import get_sentiment_engine, load_engine, save_engine
from roomtone.engines.hybrid_files import read_run
from roomtone.engines.onnx import OnnxEngine
from roomtone.errors import CheckpointError, DataError, RoomtoneError
from roomtone.export import Trained, build_model, invented_texts

ROOT = Path(__file__).parents[2]
TEXTS = ["the movie was good", "so bad it hurts", "don't!!! 😡", "plain and long winded"]
SIZES = {
    "embedding_dim": 12,
    "max_len": 30,
    "cnn": {"filter_sizes": [2, 3], "num_filters": 6},
    "bilstm": {"hidden_size": 8, "num_layers": 1},
    "classifier": {"hidden_sizes": [10], "dropout": [0.5]},
}
ANSWER = """
import sys
from roomtone import load_engine
engine = load_engine(sys.argv[1])
for result in engine.batch_analyze(["so bad", "good movie", ""]):
    print(result.label, *(f"{share:.6f}" for share in result.probs.values()))
"""
BLOCKED = ["torch", "scipy", "sklearn", "onnx", "rich", "matplotlib"]
BLOCKER = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory, write_model) -> Trained:
    model = read_run(write_model(tmp_path_factory.mktemp("run"), TEXTS, **SIZES), None)
    return Trained(model.network, model.config, model.vocabulary)


@pytest.fixture(scope="module")
def make_engine(source):
    def make(**options) -> OnnxEngine:
        precision = options.get("precision", "fp32")
        model = build_model(source.weights(), int8=precision == "int8").SerializeToString()
        settings = {
            "model": model,
            "vocabulary": source.vocabulary,
            "max_len": source.config.max_len,
            **options,
        }
        return OnnxEngine("small", ("bad", "so-so", "good"), prior=(0.5, 0.3, 0.2), **settings)

    return make


@pytest.fixture(scope="module")
def engine(make_engine) -> OnnxEngine:
    return make_engine()


@pytest.fixture
def saved(engine, tmp_path) -> Path:
    return save_engine(engine, tmp_path / "models" / "onnx")


def expected(run, path, prelude="") -> list[str]:
    """Answer in a process of its own; the lines that it prints."""
    done = subprocess.run(
        [run, "-c", prelude + ANSWER, path], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def lines_of(engine) -> list[str]:
    return [
        " ".join([result.label, *(f"{share:.6f}" for share in result.probs.values())])
        for result in engine.batch_analyze(["so bad", "good movie", ""])
    ]


def test_scores_are_those_of_the_network(engine, source):
    texts = invented_texts(source.vocabulary, 700)
    found = engine.raw(texts)
    np.testing.assert_allclose(found.log_probs, source.logits(texts), atol=1e-5)
    np.testing.assert_array_equal(found.known, [text != "" for text in texts])


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_threads_and_company_change_nothing(make_engine, source, precision):
    texts = invented_texts(source.vocabulary, 9000)  # more than a chunk
    one, four = (make_engine(precision=precision, threads=threads) for threads in (1, 4))
    together = one.raw(texts).log_probs
    np.testing.assert_array_equal(four.raw(texts).log_probs, together)
    few = [one.raw([text]).log_probs[0] for text in texts[:50]]
    np.testing.assert_allclose(few, together[:50], atol=1e-5)


@given(text=st.text(max_size=60))
def test_any_text_at_all_gets_probabilities(engine, text):
    result = engine.analyze(text)
    assert sum(result.probs.values()) == pytest.approx(1)
    assert result.score == max(result.probs.values())


def test_a_text_without_a_known_word_gets_the_prior(engine):
    for result in engine.batch_analyze(["", "zzz qqq", "  "]):
        assert (list(result.probs.values()), result.known) == ([0.5, 0.3, 0.2], False)


def test_a_text_is_cut_as_in_training(engine):
    words = ["good"] * 30
    long = engine.predict_proba([" ".join([*words, "bad", "so", "bad"])])
    np.testing.assert_allclose(long, engine.predict_proba([" ".join(words)]), atol=1e-5)


def test_very_long_texts_are_scored_a_few_at_a_time(make_engine):
    engine = make_engine(max_len=3000, threads=1)
    sizes = []
    session, engine._session = engine._session, None

    class Watched:
        def run(self, outputs, inputs):
            sizes.append(inputs["input_ids"].shape)
            return session.run(outputs, inputs)

    engine._session = Watched()
    texts = [" ".join(["good"] * 1500)] * 3 + ["bad"] * 200
    assert engine.raw(texts).log_probs.shape == (203, 3)
    assert sizes[:3] == [(1, 1500)] * 3
    assert sizes[3:] == [(128, 1), (72, 1)]


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_an_engine_comes_back_as_it_was(make_engine, tmp_path, precision):
    engine = make_engine(precision=precision)
    path = save_engine(engine, tmp_path / "engine")
    again = load_engine(path)
    np.testing.assert_array_equal(again.predict_proba(TEXTS), engine.predict_proba(TEXTS))
    assert (again.precision, again.max_len) == (precision, 30)
    assert sorted(p.name for p in path.iterdir()) == [
        *["MODEL_CARD.md", "engine.json", "model.onnx", "vocab.json"]
    ]
    again_path = save_engine(again, tmp_path / "again")
    assert (again_path / "engine.json").read_bytes() == (path / "engine.json").read_bytes()


def test_it_is_found_by_its_name(saved, engine, monkeypatch):
    monkeypatch.chdir(saved.parent.parent)
    found = get_sentiment_engine("onnx", threads=1)
    assert (type(found), found.threads) == (OnnxEngine, 1)
    assert found.analyze("so bad") == engine.analyze("so bad")


def test_where_there_is_none_the_command_that_makes_one_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RoomtoneError, match="roomtone export RUN --onnx"):
        get_sentiment_engine("onnx")


@pytest.mark.parametrize("threads", [0, -1, 1.5, "two"])
def test_threads_are_a_whole_number_from_one(make_engine, threads):
    with pytest.raises(DataError, match="threads: expected a whole number from 1"):
        make_engine(threads=threads)


def test_what_is_no_model_is_refused(make_engine):
    for model in (b"", b"not a model", bytes(1000)):
        with pytest.raises(CheckpointError, match="ONNX model"):
            make_engine(model=model)


def test_a_model_for_other_classes_is_refused(source):
    model = build_model(source.weights()).SerializeToString()
    with pytest.raises(CheckpointError, match="a finite score for each of 2 classes"):
        OnnxEngine("x", ("a", "b"), model=model, vocabulary=source.vocabulary, max_len=9)


def test_altered_models_end_in_a_clear_error_or_in_probabilities(make_engine, source):
    model = build_model(source.weights(), int8=True).SerializeToString()
    refused, source_of_damage = 0, random.Random(5)
    for _ in range(1500):
        try:
            shares = make_engine(model=damaged(model, source_of_damage)).predict_proba(TEXTS)
        except CheckpointError:
            refused += 1
        else:
            assert np.isfinite(shares).all()
    assert 750 < refused < 1500


def damaged(model: bytes, source: random.Random) -> bytes:
    """Flip bits, cut the end off, swap two parts, or put other bytes in."""
    content, kind = bytearray(model), source.randrange(4)
    first, second = sorted(source.randrange(len(model)) for _ in range(2))
    size = source.randint(1, 40)
    if kind == 0:
        for _ in range(source.randint(1, 8)):
            content[source.randrange(len(content))] ^= 1 << source.randrange(8)
    elif kind == 1:
        del content[first:]
    elif kind == 2:
        parts = content[second : second + size], content[first : first + size]
        content[first : first + size], content[second : second + size] = parts
    else:
        content[first : first + size] = source.randbytes(source.randint(0, 40))
    return bytes(content)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"max_len": 0, "precision": "fp32"},
        {"max_len": 9, "precision": "int3"},
        {"max_len": True, "precision": "fp32"},
    ],
)
def test_settings_of_another_kind_are_refused(engine, tmp_path, monkeypatch, settings):
    monkeypatch.setattr(engine, "settings", lambda: settings)
    path = save_engine(engine, tmp_path / "engine")
    with pytest.raises(CheckpointError, match="not those of an ONNX engine"):
        load_engine(path)


def test_an_altered_model_is_refused(saved):
    content = bytearray((saved / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (saved / "model.onnx").write_bytes(content)
    with pytest.raises(CheckpointError, match="altered"):
        load_engine(saved)


def test_it_answers_where_only_the_core_and_onnxruntime_can_be_imported(saved, engine):
    assert expected(sys.executable, saved, BLOCKER) == lines_of(engine)


def test_without_onnxruntime_the_error_says_what_to_install(saved):
    code = BLOCKER.replace("'torch'", "'onnxruntime'") + ANSWER
    done = subprocess.run(
        [sys.executable, "-c", code, saved], capture_output=True, encoding="utf-8", check=False
    )
    assert "pip install 'roomtone[onnx]'" in done.stderr


@pytest.mark.slow
def test_it_answers_in_an_environment_that_never_had_torch(saved, engine, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    (python,) = [
        *(tmp_path / "venv" / "bin").glob("python"),
        *(tmp_path / "venv" / "Scripts").glob("python.exe"),
    ]
    install = [
        *[python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"],
        *["--constraint", ROOT / "constraints.txt", f"{ROOT}[onnx]"],
    ]
    done = subprocess.run(install, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        pytest.skip(f"the packages cannot be had here: {done.stderr.strip().splitlines()[-1]}")
    listed = [python, "-m", "pip", "list", "--format=freeze"]
    packages = subprocess.run(listed, capture_output=True, encoding="utf-8", check=True).stdout
    assert "roomtone==" in packages
    assert not {"torch", "scikit-learn", "onnx"} & {
        line.split("==")[0] for line in packages.split()
    }
    assert expected(python, saved) == lines_of(engine)
