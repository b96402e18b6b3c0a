"""What is left out of an analysis, and why; nothing is deleted, and a filter can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import F

from roomtone.data.audit.languages import languages_of
from roomtone.data.spam import spam_reason
from roomtone_site.analysis.duplicates import WINDOW, DuplicateFinder, Post
from roomtone_site.analysis.models import Analysis, Prediction, Removal
from roomtone_site.analysis.options import Options
from roomtone_site.comments.models import YouTubeComment, YouTubeVideo
from roomtone_site.jobs import stopping
from roomtone_site.jobs.claims import Claim

_CHUNK = 5000
Found = Iterator[tuple[int, str]]


def filter_comments(claim: Claim[Analysis], options: Options) -> None:
    """Find anew what each filter leaves out; one that is off leaves out nothing."""
    kept = frozenset(options.kept)
    with claim.step() as analysis:
        pass
    for reason, find in _FILTERS.items():
        stopping.check()
        found = [(pk, detail) for pk, detail in find(analysis, options) if pk not in kept]
        with claim.step() as row:
            Removal.objects.filter(analysis=row, reason=reason).delete()
            # Whoever deletes comments of the video waits, so that those that are there stay.
            YouTubeVideo.objects.select_for_update().get(pk=row.video_id)
            there = _there([pk for pk, _ in found])
            Removal.objects.bulk_create(
                (
                    Removal(analysis=row, comment_id=pk, reason=reason, detail=detail[:300])
                    for pk, detail in found
                    if pk in there
                ),
                batch_size=_CHUNK,
            )
            row.save()


def _there(keys: list[int]) -> set[int]:
    """Tell which comments were not deleted meanwhile."""
    there: set[int] = set()
    for start in range(0, len(keys), _CHUNK):
        rows = YouTubeComment.objects.filter(pk__in=keys[start : start + _CHUNK])
        there.update(rows.values_list("pk", flat=True))
    return there


def _lots(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    stream = iter(rows)
    while some := list(islice(stream, size)):
        yield some


def _comments(analysis: Analysis) -> Any:
    return YouTubeComment.objects.filter(video=analysis.video).order_by("pk")


def _spam(analysis: Analysis, options: Options) -> Found:
    if options.spam:
        for pk, text in _comments(analysis).values_list("pk", "text").iterator(_CHUNK):
            if reason := spam_reason(text):
                yield pk, reason


def _duplicates(analysis: Analysis, options: Options) -> Found:
    if not options.duplicates:
        return
    finder = DuplicateFinder()
    rows = YouTubeComment.objects.filter(video=analysis.video)
    first = F("published").asc(nulls_last=True)  # of copies the one that was there first stays
    values = rows.order_by(first, "pk").values_list("pk", "text", "author")
    for some in _lots(values.iterator(_CHUNK), WINDOW):
        yield from finder.repeats([Post(*row) for row in some])


def _unknown(analysis: Analysis, options: Options) -> Found:
    if options.unknown:
        rows = Prediction.objects.filter(analysis=analysis, known=False).order_by("comment")
        for pk in rows.values_list("comment_id", flat=True).iterator(_CHUNK):
            yield pk, "the model knows nothing of it"


def _language(analysis: Analysis, options: Options) -> Found:
    if not options.languages:
        return
    values = _comments(analysis).values_list("pk", "text", "language")
    for some in _lots(values.iterator(_CHUNK), _CHUNK):
        for (pk, _, stated), told in zip(
            some, languages_of([text for _, text, _ in some]), strict=True
        ):
            language = stated or told
            if language and language.partition("-")[0].lower() not in options.languages:
                yield pk, language


def _length(analysis: Analysis, options: Options) -> Found:
    if options.min_length is None and options.max_length is None:
        return
    least, most = options.min_length or 0, options.max_length or float("inf")
    for pk, text in _comments(analysis).values_list("pk", "text").iterator(_CHUNK):
        length = len(text.strip())
        if not least <= length <= most:
            yield pk, f"{length:,} characters"


_FILTERS: dict[str, Callable[[Analysis, Options], Found]] = {
    Removal.Reason.SPAM: _spam,
    Removal.Reason.DUPLICATE: _duplicates,
    Removal.Reason.UNKNOWN: _unknown,
    Removal.Reason.LANGUAGE: _language,
    Removal.Reason.LENGTH: _length,
}
