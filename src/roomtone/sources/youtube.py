"""Videos and their comments through YouTube's official API, one request at a time.

Every request gives what it brought and the place of the next one. Whoever stores both together
can be killed anywhere, go on the next day, and has neither lost nor doubled anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from roomtone.sources.answers import read_replies, read_threads, read_video
from roomtone.sources.asking import Requests
from roomtone.sources.failures import (
    BrokenAnswerError,
    CommentNotFoundError,
    not_found,
)
from roomtone.sources.items import Comment, Page, Video
from roomtone.sources.places import Place

Order = Literal["time", "relevance"]
PER_PAGE = 100  # the most that YouTube gives; it may give fewer at any time
MOST_EMPTY = 20  # pages without a comment, one after the other


@dataclass(frozen=True)
class Batch:
    """What one request brought.

    Attributes
    ----------
    comments : tuple of Comment
        None is given twice by one fetch, unless YouTube's pages shift under it.
    place : Place or None
        Where the next request goes on; None where this was the last.
    unreadable : int
        Comments that were passed over, as they have another form than documented.
    """

    comments: tuple[Comment, ...]
    place: Place | None
    unreadable: int = 0


class YouTube:
    """A client of the YouTube Data API v3.

    Parameters
    ----------
    key : str
        Of the API.
    endpoint : str, optional
        Another address than YouTube's own.
    timeout : float
        Seconds that a server may be silent.
    attempts : int
        How often a request is made that fails for a reason that passes; the waits between are
        1, 2, 4, 8, … seconds, some of it drawn by chance.
    sleep : callable
        What waits.

    Raises
    ------
    BadKeyError
        If the key is empty; the text says how to get one.
    MissingExtraError
        If google-api-python-client is not installed.
    """

    def __init__(
        self,
        key: str,
        *,
        endpoint: str | None = None,
        timeout: float = 20.0,
        attempts: int = 5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._requests = Requests(
            key, endpoint=endpoint, timeout=timeout, attempts=attempts, sleep=sleep
        )

    @property
    def used(self) -> int:
        """Units of quota that the requests so far have cost, failed ones included."""
        return self._requests.used

    def video(self, video_id: str) -> Video:
        """Get a video's facts; costs one unit.

        Raises
        ------
        YouTubeError
            Of the class that says what is wrong: `VideoNotFoundError`, `BadKeyError` and so on.
        """
        request = self._requests.api.videos().list(part="snippet,statistics", id=video_id)
        found = self._requests.ask(request, read_video)
        if found is None:
            raise not_found()
        return found

    def comments(
        self,
        video_id: str,
        *,
        order: Order = "time",
        replies: bool = False,
        limit: int | None = None,
        place: Place | None = None,
    ) -> Iterator[Batch]:
        """Get the comments of a video, a request at a time; each costs one unit.

        Parameters
        ----------
        video_id : str
            The video.
        order : {"time", "relevance"}
            The newest first, or what YouTube thinks most relevant.
        replies : bool
            Also get every reply, which takes a request for each thread with more than a few.
        limit : int, optional
            The most comments to get, replies included.
        place : Place, optional
            Where an earlier fetch with the same options left off.

        Yields
        ------
        Batch
            May be empty.

        Raises
        ------
        YouTubeError
            Of the class that says what is wrong. What was yielded before stays good, and its
            place too, unless it is an `InvalidPageTokenError`.
        """
        start = place or Place()
        way = _Way(start)
        now: Place | None = start
        while now is not None and (limit is None or now.fetched < limit):
            most = None if limit is None else limit - now.fetched
            batch = (
                self._replies(now, most)
                if now.parents
                else self._threads(video_id, now, most, order, replies)
            )
            if batch.place is not None and limit is not None and batch.place.fetched >= limit:
                batch = replace(batch, place=None)
            batch = way.on(now, batch)
            now = batch.place
            yield batch

    def _threads(
        self, video_id: str, place: Place, most: int | None, order: Order, replies: bool
    ) -> Batch:
        request = self._requests.api.commentThreads().list(
            part="snippet,replies" if replies else "snippet",
            videoId=video_id,
            order=order,
            maxResults=PER_PAGE,
            textFormat="plainText",
            pageToken=place.page_token,
        )
        page = self._requests.ask(request, read_threads)
        parents = page.incomplete if replies else ()
        # The replies of such a thread come whole, in requests of their own.
        comments = tuple(c for c in page.comments if c.parent_id not in parents)[:most]
        after = place.after_threads(len(comments), parents, page.next_token)
        return Batch(comments, after, page.unreadable)

    def _replies(self, place: Place, most: int | None) -> Batch:
        parent = place.parents[0]
        request = self._requests.api.comments().list(
            part="snippet",
            parentId=parent,
            maxResults=PER_PAGE,
            textFormat="plainText",
            pageToken=place.reply_token,
        )
        try:
            page = self._requests.ask(request, lambda answer: read_replies(answer, parent))
        except CommentNotFoundError:  # removed since its page of threads came
            page = Page((), None)
        comments = page.comments[:most]
        after = place.after_replies(len(comments), page.next_token)
        return Batch(comments, after, page.unreadable)


class _Way:
    """Watches that a fetch comes to an end: that pages do not lead back, nor bring nothing."""

    def __init__(self, start: Place) -> None:
        self._been = {_step(start)}
        self._empty = 0

    def on(self, before: Place, batch: Batch) -> Batch:
        """Note where a batch leads; where replies go round in circles, on to the next thread.

        Raises
        ------
        BrokenAnswerError
            If threads do, or too many pages brought none.
        """
        place = batch.place
        if not before.parents:  # threads that are gone have no replies, and are no bad sign
            self._empty = 0 if batch.comments else self._empty + 1
        if place is not None and place.reply_token is not None and _step(place) in self._been:
            batch = replace(batch, place=place.after_replies(0, None))
        if batch.place is None:
            return batch
        if _step(batch.place) in self._been or self._empty > MOST_EMPTY:
            raise BrokenAnswerError(
                "YouTube leads from page to page of comments without an end. Fetch by the other "
                "order, or set a limit."
            )
        self._been.add(_step(batch.place))
        return batch


def _step(place: Place) -> tuple[str | None, int, str | None]:
    return place.page_token, len(place.parents), place.reply_token
