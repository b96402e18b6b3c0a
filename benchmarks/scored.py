"""Time and memory that scoring one file takes; what `score.py` runs for each.

python benchmarks/scored.py MODEL data/in.csv out.csv

MODEL is a saved engine, or ``none`` for one that does nothing, so that reading and writing remain.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence

import numpy as np
from memory import peak_bytes
from terminal import run

from roomtone.cli.models import open_model
from roomtone.engines import RawScores, SentimentEngine
from roomtone.engines.stream import ScoreOptions, score_file
from roomtone.labels import SENTIMENT

NONE = "none"


class Nothing(SentimentEngine):
    """An engine that gives every text the same scores."""

    def raw(self, texts: Sequence[str]) -> RawScores:
        """Return the same scores for each text."""
        scores = np.tile(np.log([0.2, 0.3, 0.5]), (len(texts), 1))
        return RawScores(scores, np.ones(len(texts), dtype=bool))


def main() -> None:
    """Score a file and print what it took as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--batch_size", type=int, default=ScoreOptions.batch_size)
    args = parser.parse_args()
    engine = Nothing(NONE, SENTIMENT) if args.model == NONE else open_model(args.model).engine
    options = ScoreOptions(prefix="new_", batch_size=args.batch_size)
    loaded, began = peak_bytes(), time.perf_counter()
    tally = score_file(engine, args.input, args.output, options)
    seconds = time.perf_counter() - began
    print(
        json.dumps(
            {
                "rows": tally.rows,
                "bad": tally.bad,
                "seconds": seconds,
                "loaded": loaded,
                "peak": peak_bytes(),
            }
        )
    )


if __name__ == "__main__":
    run(main)
