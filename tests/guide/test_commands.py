from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from roomtone.cli.main import main, run_verb

CONFIG = ("--config", "config/hybrid_dl_config.yaml")
LEFT = {
    *("config.yaml", "vocab.pkl", "vocab.json", "checkpoints", "final_model.pt"),
    *("training_history.json", "test_metrics.json", "predictions.csv", "data_report.json"),
    *("rejected_rows.json", "manifest.json", "figures", "report.html"),
    *("report.json", "report.tex", "references.bib"),
}


@pytest.fixture
def train(research, monkeypatch, tiny):
    """A function that runs `train_hybrid_dl.py` in `backend/research`, in this process."""
    monkeypatch.chdir(research)

    def run(*arguments: str) -> int:
        return run_verb("train", [*tiny, *arguments], "train_hybrid_dl.py")

    return run


def settings(run: Path | str) -> dict:
    return yaml.safe_load((Path(run) / "config.yaml").read_text(encoding="utf-8"))


def epochs(run: Path | str) -> int:
    history = json.loads((Path(run) / "training_history.json").read_text(encoding="utf-8"))
    return len(history["history"]["val_loss"])


def test_the_recommended_command_trains_with_the_guides_configuration(research, python, tiny):
    result = python(research, "train_hybrid_dl.py", *CONFIG, *tiny, "--max_epochs", "1", "--quiet")
    assert result.returncode == 0, result.stderr
    (run,) = (research / "output").iterdir()
    assert re.fullmatch(r"hybrid_dl_\d{8}_\d{6}", run.name)
    assert {path.name for path in run.iterdir()} == LEFT
    assert [path.name for path in (research / "runs").iterdir()] == [run.name]
    found = settings(run)
    assert found["training"]["lr_scheduler"]["type"] == "reduce_on_plateau"
    assert found["training"]["early_stopping"]["patience"] == 7
    assert "No GloVe file at embeddings/glove.6B.300d.txt" in result.stdout
    assert "Epoch" not in result.stdout, "a quiet run shows warnings and results only"
    assert "test_f1_macro:" in result.stdout


def test_the_minimal_command_leaves_the_files_that_the_guide_names(finished):
    research, _ = finished
    (run,) = (research / "output").iterdir()
    assert {path.name for path in run.iterdir()} == LEFT
    best = [path.name for path in (run / "checkpoints").glob("hybrid_epoch*.pt")]
    assert best
    assert all(re.fullmatch(r"hybrid_epoch\d\d_f1[01]\.\d{4}\.pt", name) for name in best)
    history = json.loads((run / "training_history.json").read_text(encoding="utf-8"))
    assert {"train_loss", "train_f1_macro", "val_loss", "val_f1_macro"} <= history["history"].keys()
    assert {"saved_at", "total_epochs"} <= history["metadata"].keys()
    assert history["metadata"]["total_epochs"] == 2


def test_what_is_typed_goes_before_the_file_and_nothing_else_does(train):
    assert (
        train(*CONFIG, "--batch_size", "64", "--learning_rate", "0.0005", "--max_epochs", "1") == 0
    )
    (run,) = Path("output").iterdir()
    file = yaml.safe_load(Path("config/hybrid_dl_config.yaml").read_text(encoding="utf-8"))
    found = settings(run)["training"]
    assert (found.pop("batch_size"), found.pop("learning_rate")) == (64, 0.0005)
    assert found.pop("max_epochs") == 1
    assert all(
        found[key] == value
        for key, value in file["training"].items()
        if key in found and not isinstance(value, dict)
    )


def test_a_baseline_gets_its_name_and_its_epochs(train):
    assert train(*CONFIG, "--max_epochs", "2", "--experiment_name", "baseline") == 0
    assert epochs("output/baseline") == 2
    assert [path.name for path in Path("runs").iterdir()] == ["baseline"]


def test_a_run_is_resumed_with_more_epochs(train, capsys):
    assert train(*CONFIG, "--max_epochs", "1", "--experiment_name", "first") == 0
    capsys.readouterr()
    resumed = ["--resume", "output/first/checkpoints/last.pt", "--max_epochs", "2"]
    assert run_verb("train", resumed, "train_hybrid_dl.py") == 0
    output = capsys.readouterr().out
    assert "✅ Resuming from: output/first/checkpoints/last.pt" in output
    assert "Epoch 2/2" in output
    assert "Epoch 1/2" not in output
    assert epochs("output/first") == 2


def test_every_flag_of_the_guide_is_taken_and_does_what_it_says(train, finished):
    (earlier,) = (finished[0] / "output").iterdir()
    vectors = finished[0] / "embeddings" / "glove.6B.300d.txt"
    flags = {
        "train_csv": "data/train.csv",
        "val_csv": "data/val.csv",
        "test_csv": "data/test.csv",
        "embedding_dim": "16",
        "max_len": "150",
        "num_classes": "3",
        "batch_size": "16",
        "max_epochs": "1",
        "learning_rate": "0.002",
        "weight_decay": "0.00001",
        "gradient_clip": "4.5",
        "early_stopping_patience": "3",
        "early_stopping_monitor": "val_accuracy",
        "vocab_path": str(earlier / "vocab.pkl"),
        "vocab_max_size": "10000",
        "vocab_min_freq": "1",
        "glove_path": str(vectors),
        "output_dir": "./elsewhere",
        "tensorboard_dir": "./curves",
        "experiment_name": "every_flag",
        "device": "cpu",
        "seed": "43",
        "num_workers": "1",
    }
    typed = [part for name, value in flags.items() for part in (f"--{name}", value)]
    assert train(*CONFIG, *typed) == 0
    assert (Path("curves") / "every_flag").is_dir()
    found = settings("elsewhere/every_flag")
    assert (found["model"]["max_len"], found["data"]["max_len"]) == (150, 150)
    assert (found["model"]["vocab_size"], found["data"]["vocab_max_size"]) == (10000, 10000)
    assert found["training"]["early_stopping"]["monitor"] == "val_accuracy"
    assert found["training"]["early_stopping"]["patience"] == 3
    assert (found["training"]["weight_decay"], found["training"]["gradient_clip"]) == (1e-5, 4.5)
    assert (found["seed"], found["num_workers"], found["device"]) == (43, 1, "cpu")
    assert Path(found["embeddings"]["path"]) == vectors
    old, new = (
        json.loads((run / "vocab.json").read_text(encoding="utf-8"))
        for run in (earlier, Path("elsewhere/every_flag"))
    )
    assert old == new


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--batch_sizes", "64"], "unknown flag '--batch_sizes'; did you mean '--batch_size'?"),
        (["--config", "config/hybrid.yaml"], "config/hybrid.yaml: no such file"),
        (["--train_csv", "data/trian.csv"], "no file data/trian.csv; did you mean 'train.csv'?"),
        (["--batch_size", "0", "--max_epochs", "many"], "2 problems"),
    ],
)
def test_a_mistake_is_the_same_as_with_roomtone_train(train, arguments, message, capsys):
    assert train(*arguments) == 2
    first = capsys.readouterr().err
    assert main(["train", *arguments]) == 2
    second = capsys.readouterr().err
    assert message in first
    assert first.replace("train_hybrid_dl.py", "roomtone train") == second
    assert "Traceback" not in first


def test_the_script_hands_on_its_arguments_errors_and_exit_code(research, python):
    result = python(research, "train_hybrid_dl.py", "--batch_size", "0")
    assert result.returncode == 2
    assert "training.batch_size (from --batch_size): found 0, expected at least 1" in result.stderr
    assert "Traceback" not in result.stderr
    shown = python(research, "train_hybrid_dl.py", "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("usage: train_hybrid_dl.py")
    assert "--early_stopping_monitor METRIC" in shown.stdout


def test_without_roomtone_the_script_says_how_to_install_it(research, python, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "")
    # -S leaves out what is installed, an installed roomtone among it.
    result = python(research, "-S", "-c", _WITHOUT_ROOMTONE)
    assert result.returncode == 1
    line, command = result.stderr.splitlines()
    assert "has no package 'roomtone'" in line
    assert command.strip().startswith(f"{sys.executable} -m pip install")
    assert f"-e '{research.parents[1]}[train]'" in command


_WITHOUT_ROOMTONE = f"""
import runpy, sys
sys.path = [p for p in sys.path if {str(Path(__file__).parents[2] / "src")!r} != p]
runpy.run_path("train_hybrid_dl.py", run_name="__main__")
"""
