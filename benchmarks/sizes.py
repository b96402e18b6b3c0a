"""Time and memory that one file takes to prepare and train on; what `growth.py` runs for each.

python benchmarks/sizes.py data/train.csv
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from memory import peak_bytes
from ours import OurTraining
from rows import SEED
from terminal import run

from roomtone.config import Config, load_config
from roomtone.data.batches import BatchLoader
from roomtone.data.dataset import CSVSentimentDataset, SentimentDataset
from roomtone.data.report import data_report
from roomtone.data.tables import read_labelled
from roomtone.labels import LabelScheme
from roomtone.text import Vocabulary

VALIDATION = 64
Result = TypeVar("Result")


def main() -> None:
    """Measure a file and print what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv", type=Path, help="labelled comments")
    parser.add_argument("--steps", type=int, default=200, help="training steps to take")
    parser.add_argument("--config", type=Path, help="in place of the guide's configuration")
    args = parser.parse_args()
    print(json.dumps(measure(args.csv, load_config(args.config, check_files=False), args.steps)))


def measure(path: Path, config: Config, steps: int) -> dict[str, Any]:
    """Prepare a file as a run does, and take some training steps on rows from all over it."""
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Result]) -> Result:
        began = time.perf_counter()
        result = work()
        spent[name] = time.perf_counter() - began
        return result

    imported = peak_bytes()
    scheme, max_len = LabelScheme(), config.data.max_len
    table = timed("read", lambda: read_labelled(path, labels=scheme))
    vocabulary = Vocabulary(config.data.vocab_max_size, config.data.vocab_min_freq)
    timed("vocabulary", lambda: vocabulary.build_from_texts(table.texts))
    data = timed("encode", lambda: CSVSentimentDataset(table, vocabulary, max_len))
    encoded = {"train": data.encoded}
    timed(
        "report",
        lambda: data_report({"train": table}, vocabulary, encoded, max_len=max_len, labels=scheme),
    )
    loader = BatchLoader(data, config.training.batch_size, shuffle=True)
    timed("plan", lambda: loader.plan(0))
    prepared = peak_bytes()
    count = min(steps * config.training.batch_size, len(data))
    chosen = np.random.default_rng(SEED).choice(len(data), size=count, replace=False)
    held_out = slice(VALIDATION)
    val = SentimentDataset(data.texts[held_out], data.labels[held_out].tolist(), vocabulary)
    taken = -(-count // config.training.batch_size)
    spent["step"] = OurTraining(config, data, val, indices=chosen).epoch().training / taken
    return {
        "rows": len(data),
        "tokens": len(data.ids),
        "words": len(vocabulary),
        "steps": taken,
        "seconds": spent,
        "bytes": {
            "file": path.stat().st_size,
            "encoded": encoded_bytes(data),
            "texts": sum(map(sys.getsizeof, data.texts)),
            "imported": imported,
            "peak": prepared,
            "peak_training": peak_bytes(),
        },
    }


def encoded_bytes(data: SentimentDataset) -> int:
    """Add up the arrays of a data set, those before the cut to `max_len` too."""
    arrays = (data.ids, data.offsets, data.labels, data.encoded.ids, data.encoded.offsets)
    return sum({id(array): array.nbytes for array in arrays}.values())


if __name__ == "__main__":
    run(main)
