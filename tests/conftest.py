from __future__ import annotations

import os

import pytest
from hypothesis import settings

# How long an example takes says something about the machine, not about the program.
settings.register_profile("roomtone", deadline=None)
settings.load_profile("roomtone")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where the tests of the training loop compute (default: cpu)",
    )


def pytest_configure(config: pytest.Config) -> None:
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
