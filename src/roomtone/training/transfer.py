"""Starting from the weights of a finished run, also where the vocabulary is another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from roomtone.errors import CheckpointError
from roomtone.nets import HybridNetwork
from roomtone.text import Vocabulary
from roomtone.training.files import load_tensors

MODEL_KIND = "model"
EMBEDDING = "embedding.weight"
EXTRA = "extra.vectors"
TABLES = (EXTRA, "subwords.runs")  # follow from the vocabulary and the pretrained vectors
OF_WORDS = (EMBEDDING, *TABLES)
FACTS = ("model", "model_state_dict", "class_names", "vocabulary_sha256")
State = dict[str, torch.Tensor]


def load_model_file(
    path: Path, vocab_path: Path | None = None
) -> tuple[dict[str, Any], Vocabulary]:
    """Read a run's `final_model.pt` and its vocabulary.

    Parameters
    ----------
    path : Path
        The run's folder, or the file itself.
    vocab_path : Path, optional
        The vocabulary, `vocab.json` or `vocab.pkl`; beside the model where not given.

    Raises
    ------
    CheckpointError
        If either is missing, damaged or foreign.
    """
    file = path / "final_model.pt" if path.is_dir() else path
    content = load_tensors(file, kind=MODEL_KIND)
    absent = [name for name in FACTS if name not in content]
    if absent:
        raise CheckpointError(f"{file} is damaged: it holds no {', '.join(absent)}")
    if not _is_state(content["model_state_dict"]):
        raise CheckpointError(f"{file} is damaged: its weights are no tensors with names")
    words = vocab_path or file.with_name("vocab.json")
    vocabulary = Vocabulary.load(words)
    if not any(name.startswith("classifier.") for name in content["model_state_dict"]):
        raise CheckpointError(f"{file} is damaged: it holds no weights of a classifier")
    table = content["model_state_dict"].get(EMBEDDING)
    if (
        sha256(vocabulary.to_json()).hexdigest() != content["vocabulary_sha256"]
        or table is None
        or table.shape[:1] != (vocabulary.learned,)
    ):
        raise CheckpointError(
            f"{words} is not the vocabulary that {file} was trained with; without it the word "
            "vectors belong to no words. Put the run's own file back"
        )
    return content, vocabulary


def _is_state(found: Any) -> bool:
    return isinstance(found, dict) and all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in found.items()
    )


def start_from(
    network: HybridNetwork, vocabulary: Vocabulary, class_names: Sequence[str], path: Path
) -> list[str]:
    """Copy the weights of a finished run into a network.

    Vectors are copied word by word for the words that both vocabularies hold, and the rows of
    the classifier's last layer class by class for the classes that both name.

    Parameters
    ----------
    network : HybridNetwork
        Changed in place.
    vocabulary : Vocabulary
        The words of its rows.
    class_names : sequence of str
        The names of its classes.
    path : Path
        The finished run, or its model file.

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
    old, new = dict(content["model_state_dict"]), network.state_dict()
    heads = (_heads(content["model"]["attention"]), network.heads)
    last = _last_layer(new)
    _check_same(old, new, heads, path)
    output = {part: old[f"{last}.{part}"] for part in ("weight", "bias")}
    body = {name: tensor for name, tensor in _without(old, last).items() if name not in OF_WORDS}
    network.load_state_dict(body, strict=False)
    words = _copy_rows(
        {"weight": network.embedding.weight},
        {"weight": old[EMBEDDING]},
        vocabulary.id_to_token[: vocabulary.learned],
        source.id_to_token[: source.learned],
    )
    if network.extra is not None and EXTRA in old:
        extra, others = vocabulary.id_to_token, source.id_to_token
        _copy_rows(
            {"vectors": network.extra.vectors},
            {"vectors": old[EXTRA]},
            extra[vocabulary.learned :],
            others[source.learned :],
        )
    layer = dict(network.get_submodule(last).named_parameters())
    known = _copy_rows(layer, output, class_names, content["class_names"])
    lines = [
        f"✅ Weights copied from {path}",
        f"   Vectors shared: {len(words)} of {vocabulary.learned} tokens",
    ]
    anew = [name for name in class_names if name not in known]
    if anew:
        lines.append(f"   The last layer starts anew for: {', '.join(anew)}")
    return lines


def _heads(attention: Mapping[str, Any]) -> int:
    """Count the heads of a model's self-attention; files of a time before the switch have it."""
    return int(attention["num_heads"]) if attention.get("enabled", True) else 0


def _copy_rows(
    target: Mapping[str, torch.Tensor],
    source: State,
    target_names: Sequence[str],
    source_names: Sequence[str],
) -> list[str]:
    """Copy the rows of tensors by the names of the rows; return the names in common."""
    place = {name: row for row, name in enumerate(source_names)}
    shared = [(row, place[name]) for row, name in enumerate(target_names) if name in place]
    if shared:
        rows, origins = (torch.tensor(column) for column in zip(*shared, strict=True))
        with torch.no_grad():
            for part, tensor in target.items():
                tensor[rows] = source[part][origins].to(tensor)
    return [target_names[row] for row, _ in shared]


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
        if name not in TABLES and _size(old, name) != _size(new, name)
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
    """Describe the shape of a tensor; the numbers of tokens and of classes may differ."""
    if name not in state:
        return "absent"
    shape = [str(size) for size in state[name].shape]
    if name == EMBEDDING:
        shape[0] = "tokens"
    elif name.rpartition(".")[0] == _last_layer(state):
        shape[0] = "classes"
    return f"[{', '.join(shape)}]"
