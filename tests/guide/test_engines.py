"""The guide's fragments that use trained models, run from the folder that the guide names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from roomtone.cli.main import main

REPOSITORY = Path(__file__).parents[2]
FRAGMENTS = Path(__file__).parent / "fragments"


def fragment(name: str) -> str:
    return (FRAGMENTS / f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture
def backend(tmp_path, run_folder) -> Path:
    """A `backend` with the doorways, a trained run, and the classical models beside it."""
    folder = tmp_path / "backend"
    for name in ("src", "app", "research"):
        caches = shutil.ignore_patterns("__pycache__", "*.csv", "output", "runs", "embeddings")
        shutil.copytree(REPOSITORY / "backend" / name, folder / name, ignore=caches)
    data = run_folder.parents[1] / "data"
    for name in ("logreg", "svm", "tfidf"):
        flags = ("--train_csv", data / "train.csv", "--val_csv", data / "val.csv")
        place = ("--output_dir", folder / "models" / name)
        assert main(["fit-baseline", name, *map(str, flags), *map(str, place)]) == 0
    return folder


def test_the_ensemble_runs_as_the_guide_shows_it(backend, run_folder, python):
    # The guide leaves the run's name blank; a folder can have that name.
    shutil.copytree(run_folder, backend / "output" / "...")
    script = fragment("ensemble") + (
        "import json\n"
        "print(json.dumps(result.to_dict()))\n"
        "parts = {n: get_sentiment_engine(n).analyze('This movie is amazing!').probs\n"
        "         for n in ('logreg', 'svm', 'tfidf')}\n"
        "parts['hybrid_dl'] = hybrid_engine.analyze('This movie is amazing!').probs\n"
        "print(json.dumps(parts))\n"
    )
    (backend / "use.py").write_text(script, encoding="utf-8")
    done = python(backend, "use.py")
    assert done.returncode == 0, done.stderr
    shown, result, parts = done.stdout.splitlines()
    result, parts = json.loads(result), json.loads(parts)
    assert result["model"] == "ensemble"
    assert result["label"] in shown
    weights = {"logreg": 0.15, "svm": 0.25, "tfidf": 0.20, "hybrid_dl": 0.40}
    for label, share in result["probs"].items():
        expected = sum(weight * parts[name][label] for name, weight in weights.items())
        assert share == pytest.approx(expected, abs=1e-6)


def test_the_evaluation_runs_as_the_guide_shows_it(backend, run_folder, python):
    run = shutil.copytree(run_folder, backend / "output" / "hybrid_dl_20260114_153045")
    rows = [("A wonderful song", 2), ("A dreadful song", 0), ("An ordinary song", 1), ("", 1)]
    texts, labels = zip(*(rows * 10), strict=True)
    script = fragment("integration") + (
        f"\nX_texts, y_true = {list(texts)!r}, np.array({list(labels)!r})\n"
        "result = evaluator.evaluate(model_fn, X_texts, y_true)\n"
        "print(result)\n"
        "result.save('evaluation.json')\n"
        "predicted = model_fn().predict(X_texts)\n"
        "print(type(predicted).__name__, float(np.mean(predicted == y_true)))\n"
        "print(model_engine.predict(X_texts).tolist() == predicted.tolist())\n"
    )
    (backend / "use.py").write_text(script, encoding="utf-8")
    done = python(backend, "use.py")
    assert done.returncode == 0, done.stderr
    *table, wrapped, own = done.stdout.splitlines()
    assert table[0].startswith("40 rows, 10 stratified folds")
    assert own == "True"
    kind, accuracy = wrapped.split()
    assert kind == "ndarray"
    result = json.loads((backend / "evaluation.json").read_text(encoding="utf-8"))
    (model,) = result["models"]
    assert model["name"] == "model_fn"
    assert len(model["folds"]) == 10
    # It was trained before, so that no fold changes what it says.
    assert model["pooled"]["accuracy"] == pytest.approx(float(accuracy))
    assert (run / "final_model.pt").is_file()


def test_a_finished_run_answers_on_the_command_line(run_folder, python):
    done = python(run_folder, "-m", "roomtone", "predict", ".", "A wonderful song", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"] == "hybrid_dl"
