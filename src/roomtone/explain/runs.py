"""Whether runs differ in their seed, and in nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from roomtone.errors import DataError
from roomtone.explain.hybrid import network_of

if TYPE_CHECKING:
    from roomtone.engines import SentimentEngine

_SHOWN = 3


def check_runs(engines: Sequence[SentimentEngine]) -> None:
    """Make sure that runs are of one configuration and one training file, with a seed each.

    What an engine does not record is not compared; its weights always are.

    Raises
    ------
    DataError
        If two have the same weights or seed, or differ in more than their seed.
    """
    facts = [dict(_facts(engine)) for engine in engines]
    for (at, first), (to, second) in combinations(enumerate(facts, 1), 2):
        named = f"seed variance: runs {at} and {to}"
        if _same_weights(engines[at - 1], engines[to - 1]):
            raise DataError(
                f"{named} have the same weights, so that they agree whatever attention is worth; "
                "name each run once, or train another with another --seed"
            )
        differing = [
            f"{key}: {first[key]!r} and {second[key]!r}"
            for key in first
            if key in second and key != "seed" and first[key] != second[key]
        ]
        if differing:
            more = len(differing) - _SHOWN
            told = "; ".join(differing[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
            raise DataError(
                f"{named} differ in more than their seed ({told}); compare runs of the same "
                "configuration and the same training file"
            )
        if first.get("seed") is not None and first.get("seed") == second.get("seed"):
            raise DataError(
                f"{named} have the same seed, {first['seed']}, so that they do not show what a "
                "seed changes; train one with another --seed"
            )


def _facts(engine: SentimentEngine) -> Iterator[tuple[str, Any]]:
    """Name all that decides the weights, by dotted paths, as far as it is recorded."""
    yield from _leaves("model", network_of(engine).config.model_dump(mode="json"))
    data, run = engine.record.get("data"), engine.record.get("run")
    train = data.get("train") if isinstance(data, dict) else None
    if isinstance(train, dict) and "sha256" in train:
        yield "sha256 of the training file", train["sha256"]
    if isinstance(run, dict):
        for key, value in run.items():
            yield from _leaves(key, value)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(f"{path}.{key}", part)
    else:
        yield path, value


def _same_weights(first: SentimentEngine, second: SentimentEngine) -> bool:
    one, other = (network_of(engine).network.state_dict() for engine in (first, second))
    return one.keys() == other.keys() and all(one[name].equal(other[name]) for name in one)
