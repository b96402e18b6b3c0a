"""Fetching the comments of a video: what a request brought and where it goes on, stored as one."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone

from roomtone.sources.failures import InvalidPageTokenError
from roomtone.sources.items import Comment, Video
from roomtone.sources.places import Place
from roomtone.sources.youtube import PER_PAGE, YouTube
from roomtone_site.analysis.models import END, Analysis, State
from roomtone_site.analysis.options import Options
from roomtone_site.comments.incoming import MOST_LIKES, Incoming
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.comments.storing import store_comments
from roomtone_site.jobs import stopping
from roomtone_site.jobs.claims import Claim


def open_client() -> YouTube:
    """Make a client with the site's key.

    Raises
    ------
    BadKeyError
        If there is none; the text says how to get one.
    """
    return YouTube(settings.YOUTUBE_API_KEY, endpoint=settings.YOUTUBE_API_ENDPOINT or None)


def fetch(claim: Claim[Analysis], client: YouTube) -> None:
    """Get the comments of an analysis's video, from where an earlier worker left off.

    Raises
    ------
    YouTubeError
        If YouTube does not give them; what came before is stored, and the place.
    """
    with claim.step() as row:
        row.state, row.message, row.resume_at = State.FETCHING, "", None
        row.save()
    work = _Fetch(claim, client)
    try:
        try:
            work.go_on(row)
        except InvalidPageTokenError:
            # Places do not last for ever. From the start nothing is stored twice.
            row.page_token = ""
            work.go_on(row)
    finally:
        work.account()


class _Fetch:
    """One worker's part of a fetch."""

    def __init__(self, claim: Claim[Analysis], client: YouTube) -> None:
        self._claim, self._client = claim, client
        self._counted = 0

    def go_on(self, analysis: Analysis) -> None:
        """Fetch from the place that the row names to the end."""
        options, place = Options.read(analysis.options), None
        name = analysis.video.video_id
        if analysis.page_token:
            place = Place.from_text(analysis.page_token)
        else:
            facts = self._client.video(name)
            with self._claim.step() as row:
                _store_facts(row.video, facts)
                row.done, row.total = 0, _expected(facts, options)
                self._save(row)
        fetched = place.fetched if place else 0
        for batch in self._client.comments(
            name, order=options.order, replies=options.replies, limit=options.limit, place=place
        ):
            fetched += len(batch.comments)
            with self._claim.step() as row:
                _store(row, batch.comments)
                row.page_token = batch.place.to_text() if batch.place else END
                row.done, row.tries = fetched, 0
                self._save(row)
            stopping.check()
        with self._claim.step() as row:
            row.page_token = END
            self._save(row)

    def account(self) -> None:
        """Store what requests without a result have cost."""
        if self._client.used > self._counted:
            with self._claim.step() as row:
                self._save(row)

    def _save(self, row: Analysis) -> None:
        row.quota_used += self._client.used - self._counted
        self._counted = self._client.used
        row.save()


def _store(analysis: Analysis, comments: Iterable[Comment]) -> None:
    rows = [
        Incoming(
            comment_id=comment.comment_id,
            text=comment.text,
            author=comment.author_id or comment.author,
            likes=min(max(comment.likes, 0), MOST_LIKES),
            published=comment.published,
            parent_id=comment.parent_id,
        )
        for comment in comments
    ]
    usable = [row for row in rows if not row.problem()]
    video = analysis.video
    store_comments(video, usable)
    stored = YouTubeComment.objects.filter(
        video=video, comment_id__in=[row.comment_id for row in usable]
    )
    stored.update(fetched_at=timezone.now())


def _store_facts(video: YouTubeVideo, facts: Video) -> None:
    video.title = facts.title[:300]
    video.channel = facts.channel[:200]
    video.published = facts.published
    video.comment_count = None if facts.comments is None else min(facts.comments, MOST_LIKES)
    video.fetched_at = timezone.now()
    video.save()


def expected_units(stored: int, options: Options) -> int:
    """Tell about how many units of quota it costs to fetch as many comments as are stored.

    One for the video's facts and one for each page; replies of long threads come on top.
    """
    return 1 + max(1, -(-min(stored, options.limit or stored) // PER_PAGE))


def _expected(facts: Video, options: Options) -> int | None:
    """Tell about how many comments will come; YouTube's count includes replies."""
    if facts.comments is None:
        return options.limit
    return min(facts.comments, options.limit or facts.comments, MOST_LIKES)
