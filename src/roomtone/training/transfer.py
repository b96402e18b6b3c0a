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
    last = [f"classifier.{len(network.classifier) - 1}.{part}" for part in ("weight", "bias")]
    if old[last[0]].shape[:1] != new[last[0]].shape[:1]:
        old = {name: tensor for name, tensor in old.items() if name not in last}
    matrix = old.pop(EMBEDDING)
    _check_shapes({**old, EMBEDDING: matrix[:1]}, {**new, EMBEDDING: new[EMBEDDING][:1]}, path)
    network.load_state_dict(old, strict=False)
    shared = [token for token in vocabulary.id_to_token if token in source.token_to_id]
    with torch.no_grad():
        rows = torch.tensor([vocabulary.token_to_id[token] for token in shared])
        network.embedding.weight[rows] = matrix[[source.token_to_id[token] for token in shared]]
    lines = [
        f"✅ Weights copied from {path}",
        f"   Vectors shared: {len(shared)} of {len(vocabulary)} tokens",
    ]
    if last[0] not in old:
        lines.append("   The last layer starts anew, since the number of classes differs")
    return lines


def _check_shapes(old: dict[str, torch.Tensor], new: dict[str, torch.Tensor], path: Path) -> None:
    differing = [
        f"  - {name}: {tuple(old[name].shape) if name in old else 'absent'} there, "
        f"{tuple(new[name].shape) if name in new else 'absent'} here"
        for name in {**old, **new}
        if (name in old and (name not in new or old[name].shape != new[name].shape))
        or (name not in old and not name.startswith("classifier."))
    ]
    if differing:
        listing = "\n".join(differing)
        raise CheckpointError(
            f"init_from: the model in {path} has another architecture; use the `model` section "
            f"of its config.yaml. What differs:\n{listing}"
        )
