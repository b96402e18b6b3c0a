"""From the names and numbers of a command line to the design of a cross-validation."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from roomtone.cli.parser import UsageError, listed
from roomtone.errors import nearest

if TYPE_CHECKING:
    from roomtone.config import Config
    from roomtone.experiments.design import Design
    from roomtone.experiments.recipes import Recipe
    from roomtone.training.console import Console

HYBRID = "hybrid_dl"


def design_of(args: argparse.Namespace, config: Config, console: Console) -> Design:
    """Put the design together.

    Raises
    ------
    RoomtoneError
        If a model is unknown, cannot be fitted or is named twice, or a number cannot be used.
    """
    from roomtone.experiments.design import COMBINATIONS, Design

    named = listed(args.models)
    names = {name: _plain_name(name) for name in named}
    if not named or len(set(names.values())) < len(named):
        raise UsageError(f"--models {args.models}: expected one model or more, each once")
    recipes = {
        plain: _recipe(name, config, console)
        for name, plain in names.items()
        if name not in COMBINATIONS
    }
    folds = _folds(args, list(names.values()), recipes)
    if args.reference is not None and args.reference not in folds:
        raise UsageError(
            f"--reference {args.reference}: none of the models ({', '.join(folds)})"
            f"{nearest(args.reference, folds)}"
        )
    return Design(
        recipes=recipes,
        folds=folds,
        seeds=tuple(config.seed + number for number in range(args.seeds)),
        repeats=args.repeats,
        validation_share=args.validation_share,
        reference=args.reference,
    )


def _recipe(name: str, config: Config, console: Console) -> Recipe:
    from roomtone.config import to_tree
    from roomtone.engines.registry import BASELINES, engine_names
    from roomtone.errors import require
    from roomtone.experiments.design import COMBINATIONS
    from roomtone.experiments.recipes import BaselineRecipe, EngineRecipe, HybridRecipe

    if name in BASELINES:
        return BaselineRecipe(name)
    if name == HYBRID:
        require("torch", extra="train", purpose="hybrid_dl")
        vectors = config.embeddings
        if vectors.type != "none" and vectors.path is not None and not vectors.path.is_file():
            console.warn(f"{vectors.path}: no such file, so that word vectors start at random")
        return HybridRecipe(to_tree(config))
    from roomtone.cli.models import open_model
    from roomtone.engines import SentimentEngine

    if not Path(name).exists() and name not in engine_names():
        known = [*BASELINES, HYBRID, *COMBINATIONS]
        raise UsageError(
            f"--models: unknown model {name!r} (known: {', '.join(known)}, engines of other "
            f"packages, and folders of saved engines){nearest(name, known)}"
        )
    engine = open_model(name).engine
    if engine.kind == "hybrid":
        raise UsageError(f"--models {name}: give its configuration, and {HYBRID} here")
    if type(engine).refit is SentimentEngine.refit:
        raise UsageError(f"--models {name}: {engine.kind!r} engines cannot be fitted anew")
    return EngineRecipe(engine)


def _folds(args: argparse.Namespace, names: list[str], recipes: Iterable[str]) -> dict[str, int]:
    """Read how many folds each model has; a combination as few as the fewest of its models."""
    text = args.folds.strip()
    given: dict[str, int] = {}
    every = int(text) if text.isdecimal() else None
    if every is None:
        for part in text.split(","):
            name, _, value = (piece.strip() for piece in part.rpartition("="))
            if not value.isdecimal() or name not in names:
                raise UsageError(
                    f"--folds: cannot read {part!r}; expected a number, or one for each model, as "
                    f"in {names[0]}=10{nearest(name, names)}"
                )
            given[name] = int(value)
    if args.hybrid_folds is not None:
        if HYBRID not in names:
            raise UsageError(f"--hybrid_folds: {HYBRID} is none of the models")
        given[HYBRID] = args.hybrid_folds
    folds = {name: given.get(name, every) for name in recipes}
    lacking = [name for name, count in folds.items() if count is None]
    if lacking:
        raise UsageError(f"--folds: no number for {', '.join(lacking)}")
    fewest = min((count for count in folds.values() if count is not None), default=10)
    found = {name: given.get(name, folds.get(name) or fewest) for name in names}
    for name, count in found.items():
        if count < 2:
            raise UsageError(f"--folds: {name} has {count}, expected 2 or more")
    return found


def _plain_name(name: str) -> str:
    """Give a model a name that can be a part of file names: of a folder, its last part."""
    from roomtone.experiments.record import plain_name

    return plain_name(Path(name).resolve().name if "/" in name else name)
