from __future__ import annotations

import sys
from pathlib import Path

import pytest

from roomtone.engines import registry
from roomtone.engines.saving import KINDS

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
