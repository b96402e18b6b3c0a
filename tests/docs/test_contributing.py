"""What `docs/contributing.md` says of layers, commands and files is so."""

from __future__ import annotations

import re
import tomllib

from doc_pages import ROOT, blocks, commands, page

PAGE = page("contributing.md")
BLOCKS = blocks(PAGE)


def test_the_layers_are_those_of_the_contracts():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    held = [
        [re.sub(r"[()]", "", layer) for layer in contract["layers"]]
        for contract in contracts
        if contract["type"] == "layers"
    ]
    assert [block.splitlines() for language, block in BLOCKS if not language] == held


def test_every_target_of_make_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    (block,) = (block for language, block in BLOCKS if language == "bash")
    named = {name for program, *names in commands(block) if program == "make" for name in names}
    assert len(named) >= 5
    assert named <= targets


def test_every_file_that_is_named_exists():
    named = re.findall(r"`([\w/]+(?:\.py|/))`", PAGE)
    assert len(named) >= 5
    places = [ROOT, ROOT / "src" / "roomtone", ROOT / "src" / "roomtone_site"]
    assert not [name for name in named if not any((place / name).exists() for place in places)]
