"""What YouTube sends, checked, and what is made of it: videos and comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from roomtone.sources.failures import BrokenAnswerError


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
        Plain, as it was written.
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


class _Sent(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class _Channel(_Sent):
    value: str = ""


class _CommentSnippet(_Sent):
    text_display: str = ""
    author_display_name: str = ""
    author_channel_id: _Channel | None = None
    like_count: int = 0
    published_at: datetime | None = None
    parent_id: str | None = None


class _CommentItem(_Sent):
    id: str = Field(min_length=1)
    snippet: _CommentSnippet

    def comment(self, parent: str | None = None) -> Comment:
        sent = self.snippet
        return Comment(
            comment_id=self.id,
            parent_id=sent.parent_id or parent,
            text=sent.text_display,
            author=sent.author_display_name,
            author_id=sent.author_channel_id.value if sent.author_channel_id else "",
            likes=sent.like_count,
            published=sent.published_at,
        )


class _Replies(_Sent):
    comments: list[_CommentItem] = []


class _ThreadSnippet(_Sent):
    top_level_comment: _CommentItem
    total_reply_count: int = 0


class _Thread(_Sent):
    id: str = Field(min_length=1)
    snippet: _ThreadSnippet
    replies: _Replies | None = None


class _ThreadPage(_Sent):
    items: list[_Thread] = []
    next_page_token: str | None = None


class _ReplyPage(_Sent):
    items: list[_CommentItem] = []
    next_page_token: str | None = None


class _VideoSnippet(_Sent):
    title: str = ""
    channel_title: str = ""
    channel_id: str = ""
    published_at: datetime | None = None


# Counts arrive as strings, and are absent where they are not public.
_Count = Annotated[int | None, BeforeValidator(lambda sent: int(sent) if sent else sent)]


class _Statistics(_Sent):
    comment_count: _Count = None
    view_count: _Count = None
    like_count: _Count = None


class _VideoItem(_Sent):
    id: str = Field(min_length=1)
    snippet: _VideoSnippet
    statistics: _Statistics = _Statistics()


class _VideoPage(_Sent):
    items: list[_VideoItem] = []


@dataclass(frozen=True)
class Threads:
    """A page of threads.

    Attributes
    ----------
    comments : tuple of Comment
        Those that begin the threads, and the replies that came with them.
    incomplete : tuple of str
        The ids of threads that have more replies than came.
    next_token : str or None
        Where the next page begins.
    """

    comments: tuple[Comment, ...]
    incomplete: tuple[str, ...]
    next_token: str | None


_Page = TypeVar("_Page", bound=_Sent)


def read_video(answer: Any) -> Video | None:
    """Read an answer of ``videos.list``; None where it holds no video.

    Raises
    ------
    BrokenAnswerError
        If it has another form than documented.
    """
    page = _checked(_VideoPage, answer)
    if not page.items:
        return None
    item = page.items[0]
    return Video(
        video_id=item.id,
        title=item.snippet.title,
        channel=item.snippet.channel_title,
        channel_id=item.snippet.channel_id,
        published=item.snippet.published_at,
        comments=item.statistics.comment_count,
        views=item.statistics.view_count,
        likes=item.statistics.like_count,
    )


def read_threads(answer: Any) -> Threads:
    """Read an answer of ``commentThreads.list``; raises as `read_video`."""
    page = _checked(_ThreadPage, answer)
    comments, incomplete = [], []
    for thread in page.items:
        top = thread.snippet.top_level_comment.comment()
        replies = thread.replies.comments if thread.replies else []
        comments.append(top)
        comments.extend(reply.comment(top.comment_id) for reply in replies)
        if thread.snippet.total_reply_count > len(replies):
            incomplete.append(top.comment_id)
    return Threads(tuple(comments), tuple(incomplete), page.next_page_token or None)


def read_replies(answer: Any, parent: str) -> tuple[tuple[Comment, ...], str | None]:
    """Read an answer of ``comments.list`` on a thread; raises as `read_video`."""
    page = _checked(_ReplyPage, answer)
    return tuple(item.comment(parent) for item in page.items), page.next_page_token or None


def _checked(form: type[_Page], answer: Any) -> _Page:
    try:
        return form.model_validate(answer)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole answer"
        raise BrokenAnswerError(
            f"YouTube sent an answer of another form than documented: {place}: {first['msg']}. "
            "Try again later; if it stays so, a newer roomtone may be needed."
        ) from None
