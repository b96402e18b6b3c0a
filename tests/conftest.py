from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes says something about the machine, not about the program. The same
# commit passes or fails always; what no one thought of is looked for with the other profile.
settings.register_profile("roomtone", deadline=None, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=500, print_blob=True)
settings.load_profile("roomtone")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where the tests of the training loop compute (default: cpu)",
    )


def pytest_configure(config: pytest.Config) -> None:
    # A shell that starts the tests in the background has Ctrl-C ignored, in what they start too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--device") != "cuda":
        return
    import torch

    if not torch.cuda.is_available():
        raise pytest.UsageError(
            f"--device cuda: torch {torch.__version__} sees no CUDA device here; leave it out, "
            "or run on a machine with a GPU and a build of torch for it"
        )
    # For the processes that tests start, too; it has no effect once CUDA is in use.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


@pytest.fixture(scope="session")
def device(pytestconfig: pytest.Config) -> str:
    """Where the tests of the training loop compute: ``cpu`` or ``cuda``."""
    name: str = pytestconfig.getoption("--device")
    return name


@pytest.fixture(scope="session")
def write_model() -> Callable[..., Path]:
    """A function that writes the model file of a run, and its vocabulary, with random weights.

    It takes a folder, texts to learn words from, words besides, and sizes of the model.
    """
    import torch

    from roomtone.config.model import ModelConfig
    from roomtone.nets import HybridNetwork, initialise
    from roomtone.text import EMPTY, Vocabulary
    from roomtone.training.files import save_tensors

    def write(folder: Path, texts: list[str], extra: list[str] = (), **sizes: Any) -> Path:
        vocabulary = Vocabulary(min_freq=1).build_from_texts(texts).extend(extra)
        config = ModelConfig(**sizes)
        network = HybridNetwork(config, vocabulary.learned, vocabulary.extra)
        random = torch.Generator().manual_seed(3)
        initialise(network, random)
        with torch.no_grad():
            for name, values in network.named_parameters():
                if "bias" in name or "norm" in name:  # which start as zeros and ones
                    values.add_(torch.randn(values.shape, generator=random), alpha=0.3)
            if network.extra is not None:
                network.extra.vectors.normal_(std=0.3, generator=random)
            if network.subwords is not None:
                network.subwords.spell(vocabulary.id_to_token, special=EMPTY + 1)
                network.subwords.weight.normal_(std=0.2, generator=random)
                network.subwords.weight[-1] = 0
        vocabulary.save(folder / "vocab.pkl")
        words = (folder / "vocab.json").read_bytes()
        content = {
            "kind": "model",
            "model": config.model_dump(mode="json"),
            "class_names": [f"class {number}" for number in range(config.num_classes)],
            "vocabulary_sha256": hashlib.sha256(words).hexdigest(),
            "data": {"train": 64 * "0"},
            "model_state_dict": network.state_dict(),
        }
        save_tensors(folder / "final_model.pt", content)
        return folder

    return write
