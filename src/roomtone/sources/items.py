"""What YouTube has of a video, and of the comments below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Video:
    """A video's facts.

    Attributes
    ----------
    video_id, title, channel, channel_id : str
        As YouTube has them; empty where it has none.
    published : datetime or None
        With its time zone.
    comments, views, likes : int or None
        None where YouTube keeps the number to itself, as it does with comments turned off.
    """

    video_id: str
    title: str
    channel: str
    channel_id: str
    published: datetime | None
    comments: int | None
    views: int | None
    likes: int | None


@dataclass(frozen=True)
class Comment:
    """A comment or a reply to one.

    Attributes
    ----------
    comment_id : str
        Its id, unique in all of YouTube.
    parent_id : str or None
        The comment that it replies to; None for one that begins a thread.
    text : str
        Plain, as it was written, without what no database stores.
    author, author_id : str
        The name that is shown, and the id of the author's channel; empty where not sent.
    likes : int
        How many viewers liked it.
    published : datetime or None
        With its time zone.
    """

    comment_id: str
    parent_id: str | None
    text: str
    author: str
    author_id: str
    likes: int
    published: datetime | None


@dataclass(frozen=True)
class Page:
    """A page of comments.

    Attributes
    ----------
    comments : tuple of Comment
        Of a page of threads those that begin them, each before the replies that came with it.
    next_token : str or None
        Where the next page begins.
    incomplete : tuple of str
        The ids of threads that have more replies than came.
    unreadable : int
        Comments that were passed over, as they have no id or another form than documented.
    """

    comments: tuple[Comment, ...]
    next_token: str | None
    incomplete: tuple[str, ...] = ()
    unreadable: int = 0
