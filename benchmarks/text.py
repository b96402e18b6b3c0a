"""How fast texts are encoded and vectors read, as ratios to the usual ways of doing it.

python benchmarks/text.py --csv data/train.csv --vectors embeddings/glove.100d.txt
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

os.environ["RAYON_NUM_THREADS"] = "1"

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers

from roomtone.data.tables import read_labelled
from roomtone.labels import LabelScheme
from roomtone.text import Vocabulary, read_vectors

REPEATS = 5


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Time the fastest of some calls."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def usual_reader(path: Path, vocabulary: Vocabulary) -> dict[str, np.ndarray]:
    """Read every line of a GloVe file into a dictionary, as most tutorials do."""
    table = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.split()
            table[word] = np.asarray(numbers, dtype=np.float32)
    return {word: table[word] for word in vocabulary.id_to_token if word in table}


def report(what: str, ours: float, usual: float, unit: str, amount: int) -> None:
    """Print both rates and their ratio."""
    print(
        f"{what}: {amount / ours:,.0f} {unit}/s in {ours:.2f} s; "
        f"the baseline {amount / usual:,.0f} {unit}/s; {usual / ours:.1f} times as fast"
    )


def main() -> None:
    """Measure, one thing at a time, on one core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--csv", type=Path, required=True, help="labelled comments")
    parser.add_argument("--vectors", type=Path, help="100-dimensional GloVe text file")
    args = parser.parse_args()

    texts = read_labelled(args.csv, labels=LabelScheme()).texts
    vocabulary = Vocabulary(20000, 2).build_from_texts(texts)
    # The plainest thing that the same library can do: split at blanks, look up, no normalising.
    plain = Tokenizer(models.WordLevel(vocabulary.token_to_id, unk_token="<unk>"))
    plain.pre_tokenizer = pre_tokenizers.WhitespaceSplit()

    encoding = seconds(lambda: vocabulary.encode_batch(texts))
    usual = seconds(lambda: plain.encode_batch_fast(texts))
    report("Encoding, against a bare split at blanks", encoding, usual, "comments", len(texts))
    if args.vectors:
        reading = seconds(lambda: read_vectors(args.vectors, vocabulary, 100), 3)
        usual = seconds(lambda: usual_reader(args.vectors, vocabulary), 1)
        with args.vectors.open("rb") as lines:
            amount = sum(1 for _ in lines)
        report("Vectors, against a dictionary of all lines", reading, usual, "lines", amount)


if __name__ == "__main__":
    main()
