"""A comment on its way into the database, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LONGEST_TEXT = 100_000
LONGEST_ID = 128
MOST_LIKES = 2**31 - 1  # what the databases' column holds


@dataclass(frozen=True)
class Incoming:
    """A comment as its source has it.

    Attributes
    ----------
    comment_id : str
        Unique within its video.
    text : str
        What a person wrote.
    author : str
        Name or id of the author; only a pseudonym of it is stored.
    likes : int
        How many viewers liked it.
    published : datetime or None
        With a time zone.
    parent_id : str or None
        The comment that it replies to.
    language : str or None
        Its code, where the source tells it.
    sentiment : int or None
        Its label, where the source has one.
    """

    comment_id: str
    text: str
    author: str = ""
    likes: int = 0
    published: datetime | None = None
    parent_id: str | None = None
    language: str | None = None
    sentiment: int | None = None

    def problem(self) -> str:
        """Say why it cannot be stored; an empty string where it can."""
        if not self.comment_id or len(self.comment_id) > LONGEST_ID:
            return f"the id has {len(self.comment_id)} characters, expected 1 to {LONGEST_ID}"
        if not self.text.strip():
            return "empty text"
        if len(self.text) > LONGEST_TEXT:
            return f"the text has {len(self.text):,} characters, expected {LONGEST_TEXT:,} at most"
        if not 0 <= self.likes <= MOST_LIKES:
            return f"likes: {self.likes} is not between 0 and {MOST_LIKES:,}"
        return ""
