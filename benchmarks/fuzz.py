"""Whether damaged and hostile model files end in a clean error or in a correct load, always.

python benchmarks/fuzz.py --mutations 12000
python benchmarks/fuzz.py --kinds tfidf run --mutations 500 --seed 7

An engine of each kind is made and saved, small. Then its files are changed at random: bytes are
flipped, dropped, repeated and inserted, files swapped, emptied and replaced by links, values of
JSON files and headers of tensors exchanged, with the hashes left as they were or made to fit;
pickles and torch archives get code put into them. After each change the engine is loaded and
scores some texts. Fine is an error of roomtone's own, or a load: with the same answers where the
hashes were left alone, else with answers that are probabilities. Anything else is a failure:
another exception, different answers, code that was run, more than 20 s, a crash.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from damaged import MAKERS, TEXTS
from memory import peak_bytes
from mutations import Mutation, change_file, change_run, change_with_hashes, copy_of
from rich.console import Console

from roomtone.engines import SentimentEngine, get_sentiment_engine, load_engine
from roomtone.errors import RoomtoneError
from roomtone.files import write_json

SECONDS = 20
MEBIBYTES = 1024


@dataclass
class Outcome:
    """What became of the mutations of one kind.

    Attributes
    ----------
    kind : str
        Which engine.
    mutations, refused, same, other : int
        All; a clean error; loaded with the same answers; loaded with others, which are
        probabilities, hashes having been made to fit.
    failures : list of str
        Everything else.
    errors : dict of str to int
        How often each class of error came.
    """

    kind: str
    mutations: int = 0
    refused: int = 0
    same: int = 0
    other: int = 0
    failures: list[str] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)


def fuzz(kind: str, source: Path, count: int, seed: int, work: Path) -> Outcome:
    """Change the files of a saved engine many times over, and use it each time."""
    load, ways = _how(kind)
    expected = load(source).predict_proba(TEXTS)
    outcome = Outcome(kind)
    canaries = (Path("canary"), work / "canary")
    for number in range(count):
        draw = random.Random(f"{kind} {seed} {number}")
        folder = copy_of(source, work / "engine")
        mutate = draw.choice(ways)
        what = f"{kind} {seed} {number}: {mutate(folder, draw)}"
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            probs = load(folder).predict_proba(TEXTS)
        except RoomtoneError as error:
            outcome.refused += 1
            name = type(error).__name__
            outcome.errors[name] = outcome.errors.get(name, 0) + 1
        except BaseException as error:
            outcome.failures.append(f"{what}: {type(error).__name__}: {str(error)[:200]}")
            if isinstance(error, KeyboardInterrupt):
                raise
        else:
            _judge(outcome, what, probs, expected, sealed=mutate is not change_file)
        faulthandler.cancel_dump_traceback_later()
        outcome.mutations += 1
        if any(canary.exists() for canary in canaries):
            outcome.failures.append(f"{what}: code in the file was run")
            for canary in canaries:
                canary.unlink(missing_ok=True)
    return outcome


def _how(kind: str) -> tuple[Callable[[Path], SentimentEngine], tuple[Mutation, ...]]:
    if kind == "run":
        return _load_run, (change_run,)
    return load_engine, (change_file, change_with_hashes, change_with_hashes)


def _load_run(path: Path) -> SentimentEngine:
    # As the guide does it; the JSON file is preferred where it lies beside the pickle.
    files = {"model_path": path / "final_model.pt", "vocab_path": path / "vocab.pkl"}
    return get_sentiment_engine("hybrid_dl", **files)


def _judge(
    outcome: Outcome, what: str, probs: np.ndarray, expected: np.ndarray, *, sealed: bool
) -> None:
    if probs.shape == expected.shape and np.array_equal(probs, expected):
        outcome.same += 1
    elif not sealed:
        outcome.failures.append(f"{what}: loaded, with other answers")
    elif np.isfinite(probs).all() and np.allclose(probs.sum(axis=1), 1):
        outcome.other += 1
    else:
        outcome.failures.append(f"{what}: answers that are no probabilities")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutations", type=int, default=12_000, help="in all (default: 12000)")
    parser.add_argument("--kinds", nargs="+", choices=list(MAKERS), default=list(MAKERS))
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--output", type=Path, metavar="PATH", help="JSON file of the outcomes")
    args = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # torch's advice on foreign pickles
    warnings.simplefilter("error", RuntimeWarning)  # a number that overflows is a failure, too
    console = Console(soft_wrap=True)
    share = -(-args.mutations // len(args.kinds))
    outcomes = []
    with tempfile.TemporaryDirectory() as place:
        for kind in args.kinds:
            source = MAKERS[kind](Path(place))
            outcome = fuzz(kind, source, share, args.seed, Path(place) / "work")
            console.print(
                f"{kind:>9}: {outcome.mutations:,} mutations, {outcome.refused:,} refused, "
                f"{outcome.same:,} the same, {outcome.other:,} others, "
                f"{len(outcome.failures)} failures"
            )
            for failure in outcome.failures[:20]:
                console.print(f"           {failure}", markup=False)
            outcomes.append(outcome)
    peak = peak_bytes() // 2**20
    total = sum(outcome.mutations for outcome in outcomes)
    failures = sum(len(outcome.failures) for outcome in outcomes)
    console.print(f"{total:,} mutations, {failures} failures, at most {peak:,} MiB of memory")
    if args.output is not None:
        result = {"outcomes": [asdict(outcome) for outcome in outcomes], "peak_mib": peak}
        write_json(args.output, result)
    return int(failures > 0 or peak > MEBIBYTES)


if __name__ == "__main__":
    sys.exit(main())
