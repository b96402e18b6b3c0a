"""Reading a hybrid from a run or a saved engine: all is checked before a network is built."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors.torch import save as tensor_bytes
from torch import Tensor

from roomtone.config.model import ModelConfig
from roomtone.config.yamlfile import read_yaml
from roomtone.engines.folder import SavedFolder, TensorSpec
from roomtone.errors import CheckpointError, ConfigError
from roomtone.nets import HybridNetwork
from roomtone.text import TOKENIZER_VERSION, Vocabulary
from roomtone.training.run_folder import RunFolder
from roomtone.training.transfer import load_model_file

WEIGHTS, VOCABULARY = "model.safetensors", "vocab.json"
MOST_PARTS = 1000  # layers or filter sizes; no network has as many, and building them takes time
_NO_SETTINGS = {"path", "required", "log_every", "checkpoint_minutes"}  # of vectors, of training


@dataclass(frozen=True)
class HybridModel:
    """A trained network with all that scoring needs.

    Attributes
    ----------
    network : HybridNetwork
        On the processor, in evaluation mode.
    config : ModelConfig
        Its sizes.
    vocabulary : Vocabulary
        Its words.
    common : dict
        The arguments that all engines share, as `SentimentEngine` takes them.
    """

    network: HybridNetwork
    config: ModelConfig
    vocabulary: Vocabulary
    common: dict[str, Any] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """Return the files of a saved engine."""
        weights = {name: value.contiguous() for name, value in self.network.state_dict().items()}
        return {WEIGHTS: tensor_bytes(weights), VOCABULARY: self.vocabulary.to_json()}

    def settings(self) -> dict[str, Any]:
        """Return what the manifest of a saved engine says of it."""
        return {"model": self.config.model_dump(mode="json")}


def read_run(path: Path, vocab_path: Path | None) -> HybridModel:
    """Read a run's `final_model.pt`.

    Parameters
    ----------
    path : Path
        The file, or the run's folder.
    vocab_path : Path, optional
        The vocabulary; beside the model where not given.

    Raises
    ------
    CheckpointError
        If a file is missing, damaged, hostile, or does not belong to the others.
    """
    file = path / "final_model.pt" if path.is_dir() else path
    content, vocabulary = load_model_file(file, vocab_path)
    names = content["class_names"]
    if not (isinstance(names, list) and all(isinstance(name, str) and name for name in names)):
        raise CheckpointError(f"{file} is damaged: class_names is {names!r}, expected names")
    config = _config(content["model"], vocabulary, len(names), file)
    state = content["model_state_dict"]
    tensors = {name: value.detach() for name, value in state.items()}
    folder = RunFolder(file.parent)
    common = {
        "name": "hybrid_dl",
        "class_names": tuple(names),
        "prior": _prior(folder.data_report, len(names)),
        "record": {**_record(folder), "run": _settings(folder, content)},
    }
    return HybridModel(_network(config, vocabulary, tensors, file), config, vocabulary, common)


def read_folder(folder: SavedFolder) -> HybridModel:
    """Read a saved engine.

    Raises
    ------
    CheckpointError
        If a file is missing, damaged, hostile, or does not belong to the others.
    """
    common = folder.common()
    if folder.manifest.tokenizer != TOKENIZER_VERSION:
        raise folder.error(
            f"its tokeniser is version {folder.manifest.tokenizer!r}, this roomtone's is "
            f"{TOKENIZER_VERSION!r}, which splits texts differently; use the roomtone that saved it"
        )
    place = folder.path / VOCABULARY
    vocabulary = Vocabulary.from_json(folder.read(VOCABULARY), place)
    settings = folder.manifest.settings
    if settings.keys() != {"model"}:
        raise folder.error(f"its settings are {sorted(settings)}, expected model")
    where = folder.path / WEIGHTS
    config = _config(settings["model"], vocabulary, len(common["class_names"]), where)
    expected = {
        name: TensorSpec(str(value.dtype).removeprefix("torch."), tuple(value.shape))
        for name, value in _skeleton(config, vocabulary, where).state_dict().items()
    }
    arrays = folder.tensors(WEIGHTS, expected)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    return HybridModel(_network(config, vocabulary, tensors, where), config, vocabulary, common)


def _config(tree: Any, vocabulary: Vocabulary, classes: int, where: Path) -> ModelConfig:
    """Read the sizes of the network, and make sure that they go together."""
    try:
        config = ModelConfig.model_validate(tree)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, ("model", *first["loc"])))
        raise CheckpointError(f"{where} is damaged: {place}: {first['msg']}") from None
    head = config.classifier
    parts = (len(config.cnn.filter_sizes), config.bilstm.num_layers, len(head.hidden_sizes))
    if (
        config.num_classes != classes
        or len(head.dropout) != len(head.hidden_sizes)
        or not (config.cnn.enabled or config.bilstm.enabled or config.attention.enabled)
        or (config.attention.enabled and config.attended % config.attention.num_heads)
        or max(parts) > MOST_PARTS
    ):
        raise CheckpointError(
            f"{where} is damaged: its sizes do not go together ({classes} classes, {config})"
        )
    return config.model_copy(update={"vocab_size": vocabulary.learned})


def _skeleton(config: ModelConfig, vocabulary: Vocabulary, where: Path) -> HybridNetwork:
    """Build the network without memory for its weights, however large they claim to be."""
    try:
        with torch.device("meta"):
            return HybridNetwork(config, vocabulary.learned, vocabulary.extra).eval()
    except (RuntimeError, TypeError, ValueError, OverflowError):
        raise CheckpointError(f"{where} is damaged: no network can be so large: {config}") from None


def _network(
    config: ModelConfig, vocabulary: Vocabulary, tensors: Mapping[str, Tensor], where: Path
) -> HybridNetwork:
    network = _skeleton(config, vocabulary, where)
    wanted = network.state_dict()
    for name in sorted(wanted.keys() | tensors.keys()):
        if (found := _facts(tensors.get(name))) != (expected := _facts(wanted.get(name))):
            raise CheckpointError(f"{where} is damaged: {name} is {found}, expected {expected}")
        if not tensors[name].isfinite().all():
            raise CheckpointError(f"{where} is damaged: {name} holds values that are not finite")
    runs = tensors.get("subwords.runs")
    if runs is not None and not (
        int(runs.min()) >= 0 and int(runs.max()) <= config.subwords.buckets
    ):
        raise CheckpointError(f"{where} is damaged: subwords.runs names vectors that are not there")
    network.load_state_dict(dict(tensors), assign=True)
    return network.requires_grad_(False)


def _facts(tensor: Tensor | None) -> str:
    """Describe what a tensor must have in common with the one of its name in the network.

    One that is not laid out plainly may be far larger than the memory that it takes.
    """
    if tensor is None:
        return "absent"
    plain = tensor.layout == torch.strided and tensor.is_contiguous()
    return f"{tensor.dtype} {list(tensor.shape)}" + ("" if plain else " in no plain layout")


def _prior(path: Path, classes: int) -> NDArray[np.float64] | None:
    """Take the shares of the classes in the training rows from a run's data report, if any."""
    report = _json(path)
    if report is None:
        return None
    try:
        counts = report["splits"]["train"]["label_counts"]
        shares = np.array([float(counts.get(str(code), 0)) for code in range(classes)])
    except (KeyError, TypeError, AttributeError, ValueError):
        shares = np.zeros(classes)
    if not (np.isfinite(shares).all() and (shares >= 0).all() and shares.sum() > 0):
        raise CheckpointError(
            f"{path} is damaged: it does not count the training rows of each class; put the run's "
            "own file back, or remove it to take all classes for equally frequent"
        )
    prior: NDArray[np.float64] = shares / shares.sum()
    return prior


def _record(folder: RunFolder) -> dict[str, Any]:
    """Collect what a run says of its data and of its test, as far as it has ended."""
    manifest, test = _json(folder.manifest), _json(folder.test_metrics)
    record: dict[str, Any] = {}
    if isinstance(manifest, dict) and isinstance(manifest.get("data"), dict):
        record["data"] = {
            split: {key: facts[key] for key in ("rows", "sha256") if key in facts}
            for split, facts in manifest["data"].items()
            if isinstance(facts, dict)
        }
    if isinstance(test, dict) and isinstance(test.get("split"), str):
        kept = ("metrics", "intervals", "warnings")
        record["metrics"] = {test["split"]: {key: test.get(key) for key in kept}}
    return record


def _settings(folder: RunFolder, content: Mapping[str, Any]) -> dict[str, Any]:
    """Tell the seed of a run, and what decided its weights besides: no paths, no machine."""
    seed = content.get("seed")
    settings: dict[str, Any] = {"seed": seed if isinstance(seed, int) else None}
    if folder.config.is_file():
        try:
            tree = read_yaml(folder.config)
        except ConfigError as error:
            raise _damaged(folder.config) from error
        for name in ("training", "data", "embeddings"):
            section = tree.get(name)
            settings[name] = dict(section) if isinstance(section, dict) else {}
            for key in _NO_SETTINGS & settings[name].keys():
                del settings[name][key]
    return settings


def _json(path: Path) -> Any:
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        raise _damaged(path) from None


def _damaged(path: Path) -> CheckpointError:
    return CheckpointError(f"{path} is damaged; put the run's own file back")
