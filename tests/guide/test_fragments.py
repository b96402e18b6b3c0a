from __future__ import annotations

import re
import shutil
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn, optim

from roomtone.config import Config
from roomtone.data.dataset import CSVSentimentDataset
from roomtone.guide import (
    BatchLoader,
    HybridCNNBiLSTM,
    HybridDLTrainer,
    SentimentDataset,
    Vocabulary,
)
from roomtone.training.optimisation import class_weights

FRAGMENTS = Path(__file__).parent / "fragments"
PNG = b"\x89PNG\r\n\x1a\n"


def fragment(name: str) -> str:
    return (FRAGMENTS / f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture
def _figures_to_files():
    """As on a machine without a screen."""
    before = mpl.get_backend()
    mpl.use("Agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
    mpl.use(before)


def is_a_drawn_picture(path: Path) -> bool:
    from matplotlib.image import imread

    return path.read_bytes().startswith(PNG) and np.ptp(imread(path)) > 0.5


def test_the_k_fold_script_runs_as_the_guide_shows_it(research, python):
    # Blanks filled in: where the two classes come from, and their arguments.
    script = (
        "from architectures.hybrid_cnn_bilstm import HybridCNNBiLSTM\n"
        "from training import HybridDLTrainer\n"
        + fragment("kfold")
        .replace(
            "HybridCNNBiLSTM(...)",
            "HybridCNNBiLSTM(len(vocab), 16, num_filters=8, hidden_size=8, num_layers=1, "
            "num_heads=2, classifier_hidden=(16,), classifier_dropout=(0.1,))",
        )
        .replace(
            "HybridDLTrainer(...)",
            "HybridDLTrainer(model, train_loader, val_loader, max_epochs=12, learning_rate=0.03, "
            "threads=1, quiet=fold > 0)",
        )
    )
    assert "..." not in script
    (research / "create_kfold_experiment.py").write_text(script, encoding="utf-8")
    result = python(research, "create_kfold_experiment.py")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    folds = re.findall(r"^TRAINING FOLD (\d+)/10$", result.stdout, re.MULTILINE)
    assert folds == [str(number) for number in range(1, 11)]
    assert result.stdout.count("\nEpoch 12/12\n") == 1, "only the first fold was asked to speak"
    (mean,) = re.findall(
        r"^10-FOLD CROSS-VALIDATION RESULTS:\nF1-Macro: (0\.\d{4}) ± 0\.\d{4}$",
        result.stdout,
        re.MULTILINE,
    )
    assert float(mean) > 0.5, "well above the third that guessing gives"


def test_a_pretrained_model_is_loaded_frozen_and_trained_further(run_folder, tmp_path, monkeypatch):
    shutil.copy(run_folder / "final_model.pt", tmp_path / "pretrained_model.pt")
    monkeypatch.chdir(tmp_path)
    vocab = Vocabulary.load(run_folder / "vocab.json")
    # Left to the reader: a model of the same sizes.
    model = HybridCNNBiLSTM(
        len(vocab),
        16,
        filter_sizes=(2, 3),
        num_filters=8,
        hidden_size=8,
        num_layers=1,
        num_heads=2,
        classifier_hidden=(16,),
        classifier_dropout=(0.1,),
    )
    names = {"model": model, "torch": torch, "optim": optim}
    exec(fragment("transfer_learning"), names)
    pretrained = torch.load("pretrained_model.pt")["model_state_dict"]
    assert all(torch.equal(t, pretrained[name]) for name, t in model.state_dict().items())

    # New data, and the trainer that takes the fragment's optimiser.
    data = run_folder.parents[1] / "data"
    loaders = [
        BatchLoader(CSVSentimentDataset(data / f"{split}.csv", vocab), 16, shuffle=split == "val")
        for split in ("val", "test")
    ]
    trainer = HybridDLTrainer(
        model, *loaders, optimizer=names["optimizer"], max_epochs=2, threads=1, quiet=True
    )
    history = trainer.train()
    assert history["learning_rate"] == [0.0001, 0.0001]
    moved = {
        n for n, tensor in model.state_dict().items() if not torch.equal(tensor, pretrained[n])
    }
    frozen = {name for name in pretrained if "embedding" in name or "cnn" in name}
    assert len(frozen) == 5
    assert moved == pretrained.keys() - frozen


def test_transfer_learning_runs_from_the_guides_folder(research, run_folder, python):
    backend = research.parent
    shutil.copy(run_folder / "final_model.pt", backend / "pretrained_model.pt")
    shutil.copy(run_folder / "vocab.pkl", backend / "vocab.pkl")
    # Left to the reader: the imports, and a model of the same sizes.
    script = (
        "import torch\n"
        "from torch import optim\n"
        "from research.architectures.hybrid_cnn_bilstm import HybridCNNBiLSTM\n"
        "from research.data.preprocessing import Vocabulary\n"
        "vocab = Vocabulary.load('vocab.pkl')\n"
        "model = HybridCNNBiLSTM(len(vocab), 16, filter_sizes=(2, 3), num_filters=8, hidden_size=8,"
        " num_layers=1, num_heads=2, classifier_hidden=(16,), classifier_dropout=(0.1,))\n"
        + fragment("transfer_learning")
        + "\nfrozen = [name for name, p in model.named_parameters() if not p.requires_grad]\n"
        "trained = [p for group in optimizer.param_groups for p in group['params']]\n"
        "print(len(frozen), len(trained), len(list(model.parameters())))\n"
        "print(optimizer.param_groups[0]['lr'])\n"
        "print(all(torch.equal(p, checkpoint['model_state_dict'][name])"
        " for name, p in model.named_parameters()))\n"
    )
    (backend / "fine_tune.py").write_text(script, encoding="utf-8")
    done = python(backend, "fine_tune.py")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    counts, rate, loaded = done.stdout.splitlines()
    frozen, trained, every = map(int, counts.split())
    assert frozen == 5
    assert trained == every - frozen
    assert (rate, loaded) == ("0.0001", "True")


@pytest.mark.usefixtures("_figures_to_files")
def test_attention_is_drawn_as_the_guide_shows_it(run_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = HybridCNNBiLSTM.from_run(run_folder)
    # Left to the reader: the codes of a text.
    text = "What a wonderful trailer, honestly"
    input_ids = torch.tensor([Vocabulary.load(run_folder / "vocab.json").encode(text)])
    names = {"model": model, "torch": torch, "input_ids": input_ids}
    exec(fragment("attention"), names)
    length = input_ids.shape[1]
    assert names["attention_weights"].shape == (1, 2, length, length)
    np.testing.assert_allclose(names["att"].sum(axis=1), 1.0, rtol=1e-5)
    assert is_a_drawn_picture(tmp_path / "attention_visualization.png")


@pytest.mark.usefixtures("_figures_to_files")
@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
def test_training_curves_are_drawn_as_the_guide_shows_it(run_folder, tmp_path, monkeypatch):
    # The time in the folder's name is another.
    shutil.copytree(run_folder, tmp_path / "output" / "hybrid_dl_20260114_153045")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(fragment("training_curves"), names)
    assert len(names["history"]["val_loss"]) == names["data"]["metadata"]["total_epochs"] == 2
    assert is_a_drawn_picture(tmp_path / "training_curves.png")


def test_balanced_class_weights_are_those_of_the_guides_criterion():
    train_labels = np.repeat([0, 1, 2], [50, 7, 13])
    names = {"np": np, "nn": nn, "torch": torch, "train_labels": train_labels}
    exec(fragment("class_weights"), names)
    training = Config.model_validate({"training": {"class_weights": "balanced"}}).training
    torch.testing.assert_close(class_weights(training, train_labels, 3), names["criterion"].weight)


CSV = """\
text,label
"This movie is amazing! Best film ever!",{}
"Terrible experience. Would not recommend.",{}
"It's okay, nothing special.",{}
"""


@pytest.mark.parametrize(
    "labels",
    [
        ("positive", "negative", "neutral"),
        ("Positive", "Negative", "Neutral"),
        ("POSITIVE", "NEGATIVE", "NEUTRAL"),
        (2, 0, 1),
    ],
)
def test_labels_are_read_in_each_way_that_the_guide_names(labels, tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(CSV.format(*labels), encoding="utf-8")
    frame = pd.read_csv(path)
    vocab = Vocabulary(min_freq=1)
    vocab.build_from_texts(frame["text"].tolist())
    from_lists = SentimentDataset(frame["text"].tolist(), frame["label"].tolist(), vocab)
    from_file = CSVSentimentDataset(path, vocab)
    assert from_lists.labels.tolist() == from_file.labels.tolist() == [2, 0, 1]
    assert from_file.texts == frame["text"].tolist()
