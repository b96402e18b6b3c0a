"""Videos and their comments through YouTube's official API, one request at a time.

Every request gives what it brought and the place of the next one. Whoever stores both together
can be killed anywhere, go on the next day, and has neither lost nor doubled anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from roomtone.sources.asking import Requests
from roomtone.sources.failures import (
    BrokenAnswerError,
    CommentNotFoundError,
    not_found,
)
from roomtone.sources.items import Comment, Video, read_replies, read_threads, read_video
from roomtone.sources.places import Place

Order = Literal["time", "relevance"]
PER_PAGE = 100  # the most that YouTube gives; it may give fewer at any time


@dataclass(frozen=True)
class Batch:
    """What one request brought.

    Attributes
    ----------
    comments : tuple of Comment
        None is given twice by one fetch, unless YouTube's pages shift under it.
    place : Place or None
        Where the next request goes on; None where this was the last.
    """

    comments: tuple[Comment, ...]
    place: Place | None


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
        now: Place | None = place or Place()
        while now is not None and (limit is None or now.fetched < limit):
            most = None if limit is None else limit - now.fetched
            batch = (
                self._replies(now, most)
                if now.parents
                else self._threads(video_id, now, most, order, replies)
            )
            now = batch.place
            if now is not None and limit is not None and now.fetched >= limit:
                batch = Batch(batch.comments, None)
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
        if page.next_token is not None and page.next_token == place.page_token:
            raise BrokenAnswerError(
                "YouTube names a page of comments as its own next one, so there is no end to them. "
                "Fetch by the other order, or set a limit."
            )
        parents = page.incomplete if replies else ()
        # The replies of such a thread come whole, in requests of their own.
        comments = tuple(c for c in page.comments if c.parent_id not in parents)[:most]
        return Batch(comments, place.after_threads(len(comments), parents, page.next_token))

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
            comments, token = self._requests.ask(
                request, lambda answer: read_replies(answer, parent)
            )
        except CommentNotFoundError:  # removed since its page of threads came
            comments, token = (), None
        if token is not None and token == place.reply_token:
            token = None
        comments = comments[:most]
        return Batch(comments, place.after_replies(len(comments), token))
