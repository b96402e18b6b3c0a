"""What comments do to words: links, names, tags and stretched letters become countable.

These steps follow `normalize` and come before the split into tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from roomtone.text.edits import Edit, Step, replacing

URL, USER = "<url>", "<user>"  # as the vectors trained on tweets spell them

_SITES = "com|org|net|edu|gov|co|be|ly|gl|me|tv|io|fm|uk|de|fr"
_REST = r"(?:\S*[\w/=&#%+~])?"  # as far as it goes, without the full stop that ends the sentence
_URL = re.compile(rf"(?:https?|ftp)://{_REST}", re.I)
_BARE_URL = re.compile(
    rf"(?<![\w.])www\.{_REST}|(?<![\w.@-])[\w-]+(?:\.[\w-]+)*\.(?:{_SITES})/{_REST}", re.I
)
_USER = re.compile(r"(?<![\w@])@+\w+(?:-\w+)*")
_TAG = re.compile(r"#\w*[a-z][A-Z]\w*")
_HUMP = re.compile(r"[a-z](?=[A-Z])")
# Emoji are left alone: each of a row of them is a token.
_REPEATED = re.compile(r"([^\s\d\u2190-\u2bff\U0001f000-\U0001faff])\1{3,}")
LONGEST_RUN = 3

_urls: Step = replacing(_URL, URL)
_bare_urls: Step = replacing(_BARE_URL, URL)
_users: Step = replacing(_USER, USER)
_repeats: Step = replacing(_REPEATED, lambda match: match[1] * LONGEST_RUN)


def _links(text: str) -> list[Edit]:
    return _urls(text) if "://" in text else []


def _bare_links(text: str) -> list[Edit]:
    return _bare_urls(text) if "/" in text or "www." in text.lower() else []


def _names(text: str) -> list[Edit]:
    return _users(text) if "@" in text else []


def _tag_words(text: str) -> list[Edit]:
    """Part the words of a tag: ``#SoProud`` is ``#So Proud``."""
    if "#" not in text:
        return []
    return [
        (hump.start(), hump.end(), hump[0] + " ")
        for tag in _TAG.finditer(text)
        for hump in _HUMP.finditer(text, tag.start(), tag.end())
    ]


STEPS: tuple[Step, ...] = (_links, _bare_links, _names, _tag_words, _repeats)
STEPS_WITHOUT_REPEATS: tuple[Step, ...] = STEPS[:-1]


def lowered(text: str) -> str:
    """Lower a text without changing its length (only ``İ`` would)."""
    return text.lower() if text.isascii() else text.replace("İ", "I").lower()


def with_runs(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Tell for a batch of texts which ones repeat a character more than three times on end.

    The regular expression finds the same in a text, but reads it character by character, which
    took as long as all else together; few comments have such a run.

    Parameters
    ----------
    texts : sequence of str
        Texts without lone surrogates.

    Returns
    -------
    ndarray of bool, shape [len(texts)]
        True where `STEPS` has a run to shorten; also for some where it has none (digits, emoji).
    """
    joined = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    same = joined[1:] == joined[:-1]
    places = np.flatnonzero(same[:-2] & same[1:-1] & same[2:]) if len(same) > 2 else ()
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    found = np.zeros(len(texts), dtype=np.bool_)
    found[np.searchsorted(ends, places, side="right")] = True
    return found
