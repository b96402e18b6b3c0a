"""YouTube's answers, read as what it documents; what is odd in one comment costs that comment.

Texts are made such that any database stores them. What is null counts as not sent, and so does a
number or a time that cannot be read.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WrapValidator
from pydantic.alias_generators import to_camel
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from roomtone.sources.failures import BrokenAnswerError
from roomtone.sources.items import Comment, Page, Video
from roomtone.texts import storable

FEW_UNREADABLE = 3


def _text(sent: Any) -> Any:
    if sent is None:
        return ""
    return storable(sent) if isinstance(sent, str) else sent


def _count(sent: Any) -> int | None:
    """Read a count, which may arrive as a string, and is absent where it is not public."""
    with suppress(TypeError, ValueError, OverflowError):
        number = int(sent)
        return number if number >= 0 else None
    return None


def _time(sent: Any, read: ValidatorFunctionWrapHandler) -> datetime | None:
    try:
        found: datetime | None = read(sent)
    except ValidationError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


_Text = Annotated[str, BeforeValidator(_text)]
_Id = Annotated[_Text, Field(min_length=1)]
_Count = Annotated[int | None, BeforeValidator(_count)]
_Time = Annotated[datetime | None, WrapValidator(_time)]
# Read one by one, so that an odd one leaves the others.
_List = Annotated[list[Any], BeforeValidator(lambda sent: [] if sent is None else sent)]


class _Sent(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class _Channel(_Sent):
    value: _Text = ""


class _CommentSnippet(_Sent):
    text_display: _Text = ""
    author_display_name: _Text = ""
    author_channel_id: _Channel | None = None
    like_count: _Count = None
    published_at: _Time = None
    parent_id: _Text = ""


class _CommentItem(_Sent):
    id: _Id
    snippet: _CommentSnippet

    def comment(self, parent: str | None = None) -> Comment:
        sent = self.snippet
        return Comment(
            comment_id=self.id,
            parent_id=sent.parent_id or parent,
            text=sent.text_display,
            author=sent.author_display_name,
            author_id=sent.author_channel_id.value if sent.author_channel_id else "",
            likes=sent.like_count or 0,
            published=sent.published_at,
        )


class _Replies(_Sent):
    comments: _List = []


class _ThreadSnippet(_Sent):
    top_level_comment: _CommentItem
    total_reply_count: _Count = None


class _Thread(_Sent):
    id: _Id
    snippet: _ThreadSnippet
    replies: _Replies | None = None


class _Page(_Sent):
    items: _List = []
    next_page_token: _Text = ""


class _VideoSnippet(_Sent):
    title: _Text = ""
    channel_title: _Text = ""
    channel_id: _Text = ""
    published_at: _Time = None


class _Statistics(_Sent):
    comment_count: _Count = None
    view_count: _Count = None
    like_count: _Count = None


class _VideoItem(_Sent):
    id: _Id
    snippet: _VideoSnippet
    statistics: _Statistics | None = None


class _VideoPage(_Sent):
    items: list[_VideoItem] = []


_Form = TypeVar("_Form", bound=_Sent)


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
    counts = item.statistics or _Statistics()
    return Video(
        video_id=item.id,
        title=item.snippet.title,
        channel=item.snippet.channel_title,
        channel_id=item.snippet.channel_id,
        published=item.snippet.published_at,
        comments=counts.comment_count,
        views=counts.view_count,
        likes=counts.like_count,
    )


def read_threads(answer: Any) -> Page:
    """Read an answer of ``commentThreads.list``; raises as `read_video`.

    Comments that cannot be read are passed over, unless there are more than `FEW_UNREADABLE` and
    no other: then it is the whole answer that has another form.
    """
    page = _checked(_Page, answer)
    threads = _readable(_Thread, page.items)
    unreadable = len(page.items) - len(threads)
    comments, incomplete = [], []
    for thread in threads:
        top = thread.snippet.top_level_comment.comment()
        sent = thread.replies.comments if thread.replies else []
        replies = _readable(_CommentItem, sent, strict=False)
        comments.append(top)
        comments.extend(reply.comment(top.comment_id) for reply in replies)
        unreadable += len(sent) - len(replies)
        if (thread.snippet.total_reply_count or 0) > len(sent):
            incomplete.append(top.comment_id)
    return Page(tuple(comments), page.next_page_token or None, tuple(incomplete), unreadable)


def read_replies(answer: Any, parent: str) -> Page:
    """Read an answer of ``comments.list`` on a thread, as `read_threads` does."""
    page = _checked(_Page, answer)
    replies = _readable(_CommentItem, page.items)
    comments = tuple(item.comment(parent) for item in replies)
    unreadable = len(page.items) - len(replies)
    return Page(comments, page.next_page_token or None, unreadable=unreadable)


def _readable(form: type[_Form], sent: list[Any], *, strict: bool = True) -> list[_Form]:
    """Read what can be read of a list; where it is `strict`, not nothing at all of a long one."""
    read: list[_Form] = []
    first: ValidationError | None = None
    for item in sent:
        try:
            read.append(form.model_validate(item))
        except ValidationError as error:
            first = first or error
    if strict and first is not None and not read and len(sent) > FEW_UNREADABLE:
        raise _broken(first, "items.0.") from None
    return read


def _checked(form: type[_Form], answer: Any) -> _Form:
    try:
        return form.model_validate(answer)
    except ValidationError as error:
        raise _broken(error) from None


def _broken(error: ValidationError, where: str = "") -> BrokenAnswerError:
    first = error.errors()[0]
    place = f"{where}{'.'.join(map(str, first['loc']))}".rstrip(".") or "the whole answer"
    return BrokenAnswerError(
        f"YouTube sent an answer of another form than documented: {place}: {first['msg']}. "
        "Try again later; if it stays so, a newer roomtone may be needed."
    )
