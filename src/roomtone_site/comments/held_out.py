"""Which labelled comments no training ever sees, so that models can be judged by them.

A text's hash decides. So a comment that is held out today is held out for every later model too,
also for the one that is then in use and compared with; and two comments of the same words are
never on both sides.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from roomtone.data.duplicates import TextKeys

SHARE = 0.3
"""Of the comments, those with the lowest places."""


def drawn_places(keys: TextKeys) -> NDArray[np.float64]:
    """Give each text a place between 0 and 1, which its words alone decide; shape [n]."""
    hashes = [hashlib.sha256(int(key).to_bytes(8, "big")).digest()[:8] for key in keys.normalized]
    return np.array([int.from_bytes(digest, "big") / 2**64 for digest in hashes])
