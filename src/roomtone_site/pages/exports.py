"""Exports: a table, JSON and a report, with YouTube's terms respected."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import OuterRef
from django.utils import timezone

from roomtone.data.streams.spreadsheet import harmless
from roomtone.labels import SENTIMENT
from roomtone_site.analysis.models import Analysis
from roomtone_site.analysis.summary import kept_predictions, summary_of
from roomtone_site.comments.models import Source
from roomtone_site.labelling.blindness import still_to_label

COLUMNS = (
    "comment_id", "reply_to", "published", "likes", "language", "text", "author", "predicted",
    *(f"p_{name}" for name in SENTIMENT), "labelled",
)  # fmt: skip
_FIELDS = (
    "comment__comment_id", "comment__parent__comment_id", "comment__published", "comment__likes",
    "comment__language", "comment__text", "comment__author", "label",
    *(f"p_{name}" for name in SENTIMENT), "comment__sentiment",
)  # fmt: skip
_ROWS = 2000


def texts_may_leave(analysis: Analysis) -> bool:
    """Tell whether the comments themselves may be exported.

    Those that came from YouTube's API may not, unless whoever runs the site has decided so:
    its terms want stored data to be refreshed or deleted after 30 days, which no site can do
    with a file that has left it.
    """
    return analysis.video.source != Source.API or bool(settings.EXPORT_API_DATA)


class _Echo:
    """What the `csv` module writes into; it hands each line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(analysis: Analysis) -> Iterator[str]:
    """Write the comments as CSV, a line at a time.

    A field that a spreadsheet program would run as a formula gets an apostrophe before it. The
    mark at the beginning tells the same programs that this is UTF-8.
    """
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield writer.writerow(COLUMNS)
    for row in rows(analysis):
        yield writer.writerow(
            [harmless(value) if isinstance(value, str) else value for value in row.values()]
        )


def json_parts(analysis: Analysis) -> Iterator[str]:
    """Write an analysis and its comments as one JSON document, a comment at a time."""
    yield json.dumps(about(analysis), ensure_ascii=False)[:-1] + ', "comments": ['
    for number, row in enumerate(rows(analysis)):
        yield (",\n" if number else "\n") + json.dumps(row, ensure_ascii=False)
    yield "\n]}\n"


def about(analysis: Analysis) -> dict[str, Any]:
    """Say what an export is of."""
    summary = summary_of(analysis)
    video = analysis.video
    return {
        "video": {
            "id": video.video_id,
            "title": video.title,
            "channel": video.channel,
            "source": video.source,
        },
        "engine": analysis.engine,
        "engine_version": analysis.engine_version,
        "options": analysis.options,
        "state": analysis.state,
        "exported": timezone.now().isoformat(timespec="seconds"),
        "counts": dict(zip(SENTIMENT, summary.counts, strict=True)),
        "removed": summary.removed,
    }


def rows(analysis: Analysis) -> Iterator[dict[str, Any]]:
    """Read the comments that the filters left, a few thousand at a time."""
    found = kept_predictions(analysis).annotate(
        hidden=still_to_label(analysis.owner_id, OuterRef("comment"))
    )
    found = found.order_by("comment_id").values_list(*_FIELDS, "hidden")
    for values in found.iterator(chunk_size=_ROWS):
        row = dict(zip(COLUMNS, values[:-1], strict=True))
        published, labelled = row["published"], None if values[-1] else row["labelled"]
        yield row | {
            "reply_to": row["reply_to"] or "",
            "published": published.isoformat() if published else "",
            "language": row["language"] or "",
            "predicted": SENTIMENT[row["predicted"]],
            **{f"p_{name}": round(row[f"p_{name}"], 6) for name in SENTIMENT},
            "labelled": "" if labelled is None else SENTIMENT[labelled],
        }
