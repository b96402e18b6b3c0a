"""Which column of an imported table holds what, by the names that other programs give them."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from roomtone_site.comments.fields import likes_of, published_of, sentiment_of, text_of
from roomtone_site.comments.incoming import Incoming

TEXT_NAMES = ("text", "comment", "comment_text", "textOriginal", "textDisplay", "content", "body")
# Of several names the first that is there counts. Those of youtube-comment-downloader are cid,
# votes, time_parsed (its `time` is "2 years ago"); those in camel case are YouTube's own.
NAMES = {
    "comment_id": ("comment_id", "cid", "commentId", "id"),
    "parent_id": ("parent_id", "parentId", "reply_to", "parent"),
    "author": ("author", "authorDisplayName", "user", "username"),
    "likes": ("likes", "votes", "like_count", "likeCount"),
    "published": ("published", "published_at", "publishedAt", "time_parsed", "date"),
    "language": ("language", "lang"),
    "sentiment": ("label", "sentiment"),
    "video_id": ("video_id", "videoId"),
    "title": ("video_title", "title"),
}
LONGEST_LANGUAGE = 16


class RowReader:
    """Makes comments of rows.

    Rows without an id get one from what they hold, and from how often the same has come before,
    so that the same file gives the same ids whenever it is imported.

    Parameters
    ----------
    columns : sequence of str
        The table's.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        bare = {name.strip().casefold(): at for at, name in reversed([*enumerate(columns)])}
        self.places = {
            field: next((bare[n.casefold()] for n in names if n.casefold() in bare), None)
            for field, names in NAMES.items()
        }
        self._seen: dict[bytes, int] = {}

    def video(self, row: Sequence[object]) -> tuple[str, str]:
        """Return the id and the title of a row's video; empty where the table does not tell."""
        return text_of(self._value("video_id", row)), text_of(self._value("title", row))

    def comment(self, text: str, row: Sequence[object]) -> Incoming:
        """Make a comment of a row.

        Raises
        ------
        DataError
            If a value of it cannot be read.
        """
        author = text_of(self._value("author", row))
        published = published_of(self._value("published", row))
        name = text_of(self._value("comment_id", row))
        if not name:
            name = self._made_up(text, author, str(published), *self.video(row))
        return Incoming(
            comment_id=name,
            text=text,
            author=author,
            likes=likes_of(self._value("likes", row)),
            published=published,
            parent_id=self._parent(name, row),
            language=text_of(self._value("language", row))[:LONGEST_LANGUAGE] or None,
            sentiment=sentiment_of(self._value("sentiment", row)),
        )

    def _value(self, field: str, row: Sequence[object]) -> object:
        place = self.places[field]
        return None if place is None else row[place]

    def _parent(self, name: str, row: Sequence[object]) -> str | None:
        if self.places["parent_id"] is not None:
            parent = text_of(self._value("parent_id", row))
            return parent or None
        # YouTube's id of a reply begins with that of the comment, before a dot.
        return name.rpartition(".")[0] or None

    def _made_up(self, *parts: str) -> str:
        digest = blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=12).digest()
        self._seen[digest] = count = self._seen.get(digest, 0) + 1
        return f"row-{digest.hex()}-{count}"
