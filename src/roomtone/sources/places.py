"""Where fetching stands: enough to go on after any single request, by another process too."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

from roomtone.errors import DataError


@dataclass(frozen=True)
class Place:
    """The next request of a fetch.

    Attributes
    ----------
    page_token : str or None
        The page of threads that comes next; None for the first.
    parents : tuple of str
        Threads whose replies come before that page.
    reply_token : str or None
        The page of replies of the first of `parents`.
    fetched : int
        Comments so far.
    last : bool
        Whether no page of threads comes after the replies.
    """

    page_token: str | None = None
    parents: tuple[str, ...] = ()
    reply_token: str | None = None
    fetched: int = 0
    last: bool = False

    def after_threads(
        self, count: int, parents: tuple[str, ...], token: str | None
    ) -> Place | None:
        """Give the place after a page of threads; None where that was all."""
        rest = Place(token, parents, None, self.fetched + count, last=token is None)
        return rest.or_end()

    def after_replies(self, count: int, token: str | None) -> Place | None:
        """Give the place after a page of replies; None where that was all."""
        parents = self.parents if token else self.parents[1:]
        moved = replace(self, parents=parents, reply_token=token, fetched=self.fetched + count)
        return moved.or_end()

    def or_end(self) -> Place | None:
        """Give the place itself, or None where nothing comes any more."""
        return None if self.last and not self.parents else self

    def to_text(self) -> str:
        """Write it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote.

        Raises
        ------
        DataError
            If the text is something else.
        """
        try:
            saved = json.loads(text)
            return cls(**{**saved, "parents": tuple(saved["parents"])})
        except (ValueError, TypeError, KeyError):
            raise DataError(
                f"{text[:40]!r} is no place that fetching left off at; fetch from the start"
            ) from None
