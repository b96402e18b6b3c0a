"""The trained hybrid and the TF-IDF engines together, from the guide's call to the command line."""

from __future__ import annotations

import csv
import random
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from torch_kept import torch_kept

from roomtone.baselines import TfidfOptions, build_baseline
from roomtone.cli.main import main
from roomtone.config import load_config
from roomtone.engines import get_sentiment_engine, load_engine, save_engine
from roomtone.engines.tfidf import TfidfEngine
from roomtone.labels import SENTIMENT
from roomtone.training.console import Console
from roomtone.training.run import Run

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"
TELLING = (["awful", "boring"], ["okay", "usual"], ["great", "lovely"])
FILLING = ["the", "video", "song", "really", "today", "channel", "people", "so"]
WEIGHTS = {"logreg": 0.15, "svm": 0.25, "tfidf": 0.20, "hybrid_dl": 0.40}


def invent(count: int, seed: int) -> tuple[list[str], list[int]]:
    source = random.Random(seed)
    labels = [source.choice((0, 1, 1, 2, 2, 2)) for _ in range(count)]
    return [
        " ".join([*source.choices(FILLING, k=source.randint(1, 9)), source.choice(TELLING[label])])
        for label in labels
    ], labels


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with data, a finished run, and three saved engines."""
    root = tmp_path_factory.mktemp("combined")
    for split, rows, seed in (("train", 150, 1), ("val", 90, 2), ("test", 90, 3)):
        with (root / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["text", "label"])
            table.writerows((t, SENTIMENT[y]) for t, y in zip(*invent(rows, seed), strict=True))
    flags = {f"{split}_csv": str(root / f"{split}.csv") for split in ("train", "val")}
    flags |= {"output_dir": str(root / "output"), "experiment_name": "trial"}
    config = load_config(
        TINY, flags=flags, sets=["tensorboard.enabled=false", "training.max_epochs=2"]
    )
    with torch_kept(threads=1):
        Run(config, Console(quiet=True)).execute()
        texts, labels = invent(150, 1)
        for name in ("logreg", "svm", "tfidf"):
            engine = TfidfEngine.from_pipeline(
                build_baseline(name).fit(texts, labels),
                name,
                SENTIMENT,
                details={"baseline": name, "seed": 42, **asdict(TfidfOptions())},
            )
            save_engine(engine, root / "models" / name)
        yield root


@pytest.fixture
def folder(made, monkeypatch):
    monkeypatch.chdir(made)
    monkeypatch.setenv("COLUMNS", "200")
    return made


def test_the_ensemble_of_the_guide_is_the_weighted_mean_and_survives_saving(folder, tmp_path):
    hybrid = get_sentiment_engine("hybrid_dl", model_path="output/trial/final_model.pt")
    ensemble = get_sentiment_engine(
        "ensemble", base_models=["logreg", "svm", "tfidf", "hybrid_dl"], weights=WEIGHTS
    )
    texts = [*invent(40, 4)[0], "This movie is amazing!", "", "qqq"]
    engines = {name: load_engine(folder / "models" / name) for name in list(WEIGHTS)[:3]}
    engines["hybrid_dl"] = hybrid
    golden = sum(WEIGHTS[name] * engine.predict_proba(texts) for name, engine in engines.items())
    found = ensemble.predict_proba(texts)
    known = np.array([result.known for result in ensemble.batch_analyze(texts)])
    np.testing.assert_allclose(found[known], golden[known], atol=1e-12)
    np.testing.assert_allclose(found, golden, atol=1e-12, err_msg="its prior is a mean, too")
    assert ensemble.analyze("so lovely").label == "Positive"
    again = load_engine(save_engine(ensemble, tmp_path / "ensemble"))
    np.testing.assert_array_equal(again.predict_proba(texts), found)


def test_the_command_line_combines_runs_and_engines_and_calibrates_them(folder, tmp_path, capsys):
    target = str(tmp_path / "all")
    arguments = ["--models", "output/trial", "svm", "models/tfidf", "--output_dir", target]
    assert main(["ensemble", *arguments, "--val_csv", "val.csv", "--test_csv", "test.csv"]) == 0
    assert "Weights: trial 0." in capsys.readouterr().out
    assert main(["calibrate", target, "--val_csv", "val.csv", "--test_csv", "test.csv"]) == 0
    engine = load_engine(target)
    assert list(engine.models) == ["trial", "svm", "tfidf"]
    assert engine.analyze("so lovely", error_rate=0.2).labels


def test_tfidf_engines_are_stacked_fold_by_fold_from_the_command_line(folder, tmp_path):
    target = str(tmp_path / "stack")
    arguments = ["--models", "logreg", "tfidf", "--stacking", "--output_dir", target]
    assert main(["ensemble", *arguments, "--train_csv", "train.csv"]) == 0
    texts, labels = invent(200, 5)
    assert (load_engine(target).predict(texts) == labels).mean() > 0.9


def test_a_run_stays_as_it_is_and_its_calibrated_engine_goes_elsewhere(folder, tmp_path, capsys):
    before = sorted((folder / "output/trial").iterdir())
    assert main(["calibrate", "output/trial", "--val_csv", "val.csv"]) == 2
    assert "name a folder for the calibrated engine" in capsys.readouterr().err
    target = tmp_path / "hybrid"
    for model in ("output/trial", "output/trial/final_model.pt"):
        arguments = ["calibrate", model, "--val_csv", "val.csv", "--output_dir", str(target)]
        assert main(arguments) == 0
    assert sorted((folder / "output/trial").iterdir()) == before
    assert load_engine(target).validation is not None
