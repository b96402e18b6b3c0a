"""Comments that repeat an earlier one, found in a stream of them in little memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from roomtone.data.audit.near import NEAR, SHORTEST, find_links
from roomtone.data.duplicates import fold

WINDOW = 10_000
"""A near copy is found among so many distinct texts before it; an exact one among all."""


@dataclass(frozen=True)
class Post:
    """A comment as far as its repetition matters."""

    pk: int
    text: str
    author: str


@dataclass
class DuplicateFinder:
    """Remembers what it was shown: a number for each text, and the last texts themselves.

    What many write by themselves ("lol", "first!") is no copy: a short text is one only where the
    same author wrote it before. What makes two texts the same, or nearly, is decided as in
    `roomtone audit`.
    """

    _texts: dict[int, int] = field(default_factory=dict)
    _by_author: dict[int, int] = field(default_factory=dict)
    _recent: deque[str] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def repeats(self, posts: Sequence[Post]) -> Iterator[tuple[int, str]]:
        """Name the comments among the next ones that repeat an earlier one.

        Parameters
        ----------
        posts : sequence of Post
            In the order in which they were written; `WINDOW` at most is a good number.

        Yields
        ------
        int, str
            The comment's key, and what it repeats, in words.
        """
        new: list[tuple[int, str]] = []
        for post, folded in zip(posts, fold([post.text for post in posts]), strict=True):
            text, own = _hash(folded), _hash(f"{post.author}\0{folded}")
            if post.author and own in self._by_author:
                yield post.pk, "its author wrote the same before"
            elif len(folded) >= SHORTEST and text in self._texts:
                yield post.pk, "the same text as an earlier comment"
            else:
                new.append((post.pk, folded))
            self._by_author.setdefault(own, post.pk)
            self._texts.setdefault(text, post.pk)
        yield from self._near(new)

    def _near(self, new: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        before = list(self._recent)
        texts = [*before, *(folded for _, folded in new)]
        if new:
            links = find_links(texts, np.ones((len(texts), 1), dtype=bool)).at_least(NEAR)
            closest: dict[int, float] = {}
            for place, alike in zip(links.second.tolist(), links.similarity.tolist(), strict=True):
                closest[place] = max(alike, closest.get(place, 0.0))
            for place in sorted(place for place in closest if place >= len(before)):
                pk = new[place - len(before)][0]
                yield pk, f"{closest[place]:.0%} alike with an earlier comment"
        self._recent.extend(folded for _, folded in new)


def _hash(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")
