from __future__ import annotations

import sys
from pathlib import Path

import pytest
from torch_kept import torch_kept

from roomtone.engines import registry
from roomtone.engines.saving import KINDS

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"
EXAMPLE = Path(__file__).parents[2] / "docs" / "example_engine" / "src"


@pytest.fixture
def lexicon(monkeypatch):
    """The documented example of an engine, whose kind can be loaded meanwhile."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.setitem(KINDS, "lexicon", "roomtone_lexicon:LexiconEngine")
    monkeypatch.delenv("ROOMTONE_MODELS", raising=False)
    import roomtone_lexicon

    yield roomtone_lexicon
    del sys.modules["roomtone_lexicon"]


@pytest.fixture
def by_name(lexicon, monkeypatch):
    """That example, which can be asked for by its name as if it were installed."""
    monkeypatch.setitem(registry.BUILDERS, "lexicon", "roomtone_lexicon:LexiconEngine")
    monkeypatch.setattr(registry, "_recent", {})


@pytest.fixture
def tiny_study(tmp_path, monkeypatch):
    """Flags of a study that is done in a second, in a working folder with data."""
    for place, split in enumerate(("train", "val", "test")):
        words = {"negative": "bad awful", "neutral": "plain fair", "positive": "good great"}
        lines = [
            f"{word} video number {place}{row},{label}"
            for row in range(8)
            for label, both in words.items()
            for word in both.split()
        ]
        (tmp_path / f"{split}.csv").write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    files = [f"--{split}_csv={split}.csv" for split in ("train", "val", "test")]
    with torch_kept():
        yield ["--config", str(TINY), *files, "--max_epochs", "1", "--device", "cpu"]
