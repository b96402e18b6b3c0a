"""How near an exported model comes to the network that it was made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from roomtone.errors import CheckpointError
from roomtone.text import EMPTY, Vocabulary

LARGEST_DIFFERENCE = 1e-4
_LONGEST = 40
_SEED = 7


@dataclass(frozen=True)
class Parity:
    """What differs between two sets of logits for the same texts.

    Attributes
    ----------
    texts : int
        How many were compared.
    largest : float
        The largest difference of a logit.
    other_label : int
        Texts whose most probable class is another one.
    """

    texts: int
    largest: float
    other_label: int

    def check(self) -> None:
        """Refuse a model in float32 that does not give what the network gives.

        Raises
        ------
        CheckpointError
            If a logit differs by more than 1e-4.
        """
        if not self.largest <= LARGEST_DIFFERENCE:
            raise CheckpointError(
                f"the ONNX model differs from the network by {self.largest:.2g} in a logit, over "
                f"{self.texts} texts; at most {LARGEST_DIFFERENCE:g} is due to rounding. Nothing "
                "was saved; please report this"
            )


def compare(expected: ArrayLike, found: ArrayLike) -> Parity:
    """Compare two sets of logits, both ``[n, classes]``."""
    first, second = (np.asarray(logits, dtype=np.float64) for logits in (expected, found))
    return Parity(
        texts=len(first),
        largest=float(np.abs(first - second).max(initial=0.0)),
        other_label=int((first.argmax(axis=1) != second.argmax(axis=1)).sum()),
    )


def invented_texts(vocabulary: Vocabulary, count: int) -> list[str]:
    """Make texts of a vocabulary's words, from none to 40 of them; the same each time."""
    source = np.random.default_rng(_SEED)
    words = vocabulary.id_to_token[EMPTY + 1 :] or ["word"]
    lengths = source.integers(0, _LONGEST + 1, size=count)
    return [" ".join(words[n] for n in source.integers(0, len(words), size=k)) for k in lengths]
