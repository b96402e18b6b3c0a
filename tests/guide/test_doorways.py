from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

import pytest

BACKEND = Path(__file__).parents[2] / "backend"
PROGRAMS = {Path("research/train_hybrid_dl.py"), Path("manage.py")}
FILES = [path.relative_to(BACKEND) for path in sorted(BACKEND.rglob("*.py"))]
DOORWAYS = [path for path in FILES if path not in PROGRAMS]
ROOTS = ("data", "architectures", "training", "evaluation_framework", "src", "app")
OUR_PACKAGES = ("roomtone", "roomtone_site")


def statements(path: Path) -> list[ast.stmt]:
    return ast.parse((BACKEND / path).read_text(encoding="utf-8")).body


def is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_import_of_ours(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.level == 0
        and (node.module or "").partition(".")[0] in OUR_PACKAGES
        and all(name.name != "*" for name in node.names)
    )


def exported(path: Path) -> list[str]:
    last = statements(path)[-1]
    assert isinstance(last, ast.Assign)
    assert [target.id for target in last.targets if isinstance(target, ast.Name)] == ["__all__"]
    return ast.literal_eval(last.value)


@pytest.fixture
def _in_backend(monkeypatch):
    """Import as a script in `backend` or in `backend/research` does, and leave no trace."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BACKEND))
    monkeypatch.syspath_prepend(str(BACKEND / "research"))
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ROOTS:
            del sys.modules[name]


def test_the_guides_files_are_there():
    named = ("data_loaders", "dataset", "preprocessing")
    assert {Path(f"research/data/{name}.py") for name in named} <= set(FILES)
    assert Path("research/train_hybrid_dl.py") in FILES
    assert {Path("src/sentiment/__init__.py"), Path("app/deep_models.py")} <= set(FILES)


@pytest.mark.parametrize("path", DOORWAYS, ids=str)
def test_a_doorway_holds_a_docstring_imports_and_all_and_nothing_else(path):
    first, *imports, _ = statements(path)
    assert is_docstring(first)
    assert "roomtone" in first.value.value, "the docstring names the real home"
    assert imports
    assert all(is_import_of_ours(node) for node in imports)
    imported = [name.asname or name.name for node in imports for name in node.names]
    assert sorted(exported(path)) == sorted(imported)


@pytest.mark.usefixtures("_in_backend")
@pytest.mark.parametrize("path", DOORWAYS, ids=str)
def test_every_name_of_a_doorway_resolves(path):
    from_research = path.parts[0] == "research"
    parts = (path.relative_to("research") if from_research else path).with_suffix("").parts
    module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
    assert all(getattr(module, name) is not None for name in exported(path))
