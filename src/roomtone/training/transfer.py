"""Starting from the weights of a finished run, also where the vocabulary is another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from roomtone.errors import CheckpointError
from roomtone.nets import HybridNetwork
from roomtone.text import Vocabulary
from roomtone.training.files import load_tensors

MODEL_KIND = "model"
EMBEDDING = "embedding.weight"
State = dict[str, torch.Tensor]


def load_model_file(path: Path) -> tuple[dict[str, Any], Vocabulary]:
    """Read a run's `final_model.pt` and the vocabulary beside it.

    Parameters
    ----------
    path : Path
        The run's folder, or the file itself.

    Raises
    ------
    CheckpointError
        If either is missing, damaged or foreign.
    """
    file = path / "final_model.pt" if path.is_dir() else path
    content = load_tensors(file, kind=MODEL_KIND)
    return content, Vocabulary.load(file.with_name("vocab.json"))


def start_from(network: HybridNetwork, vocabulary: Vocabulary, path: Path) -> list[str]:
    """Copy the weights of a finished run into a network.

    Vectors are copied word by word for the words that both vocabularies hold. The
    classifier's last layer stays as it is where the number of classes differs.

    Returns
    -------
    list of str
        Lines that say what was copied, for the console.

    Raises
    ------
    CheckpointError
        If the architectures differ; lists every size that does.
    """
    content, source = load_model_file(path)
    old, new = content["model_state_dict"], network.state_dict()
    sizes = content["model"]
    other_classes = sizes["num_classes"] != len(new[f"{_last_layer(new)}.weight"])
    if other_classes:
        old, new = (_without(state, _last_layer(state)) for state in (old, new))
    heads = (sizes["attention"]["num_heads"], network.attention.num_heads)
    _check_same(old, new, heads, path)
    matrix = old.pop(EMBEDDING)
    network.load_state_dict(old, strict=False)
    shared = [token for token in vocabulary.id_to_token if token in source.token_to_id]
    with torch.no_grad():
        rows = torch.tensor([vocabulary.token_to_id[token] for token in shared])
        network.embedding.weight[rows] = matrix[[source.token_to_id[token] for token in shared]]
    lines = [
        f"✅ Weights copied from {path}",
        f"   Vectors shared: {len(shared)} of {len(vocabulary)} tokens",
    ]
    if other_classes:
        lines.append("   The last layer starts anew, since the number of classes differs")
    return lines


def _last_layer(state: State) -> str:
    """Name the classifier's last layer: ``classifier.3``."""
    numbers = [int(name.split(".")[1]) for name in state if name.startswith("classifier.")]
    return f"classifier.{max(numbers)}"


def _without(state: State, layer: str) -> State:
    return {name: tensor for name, tensor in state.items() if name.rpartition(".")[0] != layer}


def _check_same(old: State, new: State, heads: tuple[int, int], path: Path) -> None:
    differing = [
        f"  - {name}: {_size(old, name)} there, {_size(new, name)} here"
        for name in {**old, **new}
        if _size(old, name) != _size(new, name)
    ]
    if heads[0] != heads[1]:
        differing.append(f"  - attention heads: {heads[0]} there, {heads[1]} here")
    if differing:
        listing = "\n".join(differing)
        raise CheckpointError(
            f"init_from: the model in {path} has another architecture; use the `model` section "
            f"of its config.yaml. What differs:\n{listing}"
        )


def _size(state: State, name: str) -> str:
    """Describe the shape of a tensor; of the embedding, only its width has to agree."""
    if name not in state:
        return "absent"
    shape = tuple(state[name].shape)
    return str(("tokens", *shape[1:]) if name == EMBEDDING else shape)
