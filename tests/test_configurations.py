"""Every configuration that is shipped loads, comes back as it was saved, and trains."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch_kept import torch_kept

from roomtone.config import load_config, save_config
from roomtone.config.tree import LEAVES, get
from roomtone.config.yamlfile import read_yaml
from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import SentimentDataset
from roomtone.nets import HybridNetwork, initialise
from roomtone.text import Vocabulary
from roomtone.training.loop import Trainer

ROOT = Path(__file__).parents[1]
SHIPPED = sorted([*ROOT.glob("configs/*.yaml"), *ROOT.glob("backend/research/config/*.yaml")])
TEXTS = ["a lovely video", "a dreadful song", "it is okay", "best channel"] * 2
LABELS = [2, 0, 1, 2] * 2


def name(path):
    return path.relative_to(ROOT).as_posix()


def test_the_ones_that_the_documentation_names_are_among_them():
    assert {
        "configs/best.yaml",
        "configs/fast.yaml",
        "configs/tiny.yaml",
        "backend/research/config/hybrid_dl_config.yaml",
    } <= set(map(name, SHIPPED))


@pytest.mark.parametrize("path", SHIPPED, ids=name)
def test_it_loads_with_the_values_that_stand_in_it(path):
    config, tree = load_config(path, check_files=False), read_yaml(path)
    resolved = config.model_dump(mode="json")
    for key in LEAVES:
        if (written := get(tree, key)) is not None and not key.endswith(("_dir", "path")):
            assert get(resolved, key) == written, key


@pytest.mark.parametrize("path", SHIPPED, ids=name)
def test_saving_and_loading_gives_it_back(path, tmp_path):
    config = load_config(path, check_files=False)
    save_config(config, tmp_path / "config.yaml")
    assert load_config(tmp_path / "config.yaml", check_files=False) == config


@pytest.mark.parametrize("path", SHIPPED, ids=name)
def test_its_network_takes_a_training_step(path):
    settings = ["training.max_epochs=1", "training.freeze_epochs=0"]
    config = load_config(path, sets=settings, check_files=False)
    vocabulary = Vocabulary(50, 1).build_from_texts(TEXTS)
    dataset = SentimentDataset(TEXTS, LABELS, vocabulary, config.data.max_len)
    network = HybridNetwork(config.model, len(vocabulary))
    initialise(network, torch.Generator().manual_seed(config.seed))
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    loader = BatchLoader(dataset, config.training.batch_size, shuffle=True, seed=config.seed)
    trainer = Trainer(network, loader, loader, config, class_names=dataset.scheme.names)
    with torch_kept(threads=1):
        assert trainer.train() == "max_epochs"
    moved = [key for key, tensor in network.state_dict().items() if not tensor.equal(before[key])]
    assert {"embedding.weight", "cnn.convs.0.weight", "pooling.score.weight"} < set(moved)
    assert all(np.isfinite(values).all() for values in trainer.progress.history.values())
