"""What the API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from ninja import Schema
from pydantic import ConfigDict, Field, WithJsonSchema

from roomtone_site.analysis.models import State
from roomtone_site.analysis.options import Options
from roomtone_site.api.limits import LONGEST_TEXT, TEXTS_PER_REQUEST
from roomtone_site.api.results import Result, result_of

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
ModelName = Annotated[
    str, Field(default="", max_length=100, description="A model's name; yours in use without it.")
]


def _options_schema() -> dict[str, Any]:
    """Describe the options that a request may have; `Options` itself reads them."""
    schema = Options.model_json_schema()
    schema["properties"]["fetch"] = {
        "type": "boolean",
        "description": "Where it is not given, a video of YouTube's is fetched unless it was.",
    }
    del schema["properties"]["kept"], schema["description"]
    return schema


GivenOptions = Annotated[dict[str, Any], WithJsonSchema(_options_schema())]


class ScoreIn(Schema):
    """Texts to score."""

    model_config = ConfigDict(extra="forbid")
    texts: list[Text] = Field(
        min_length=1,
        max_length=TEXTS_PER_REQUEST,
        description=f"In a body of up to {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes.",
    )
    model: ModelName


class Probabilities(Schema):
    """Of each class; they add up to 1."""

    negative: float
    neutral: float
    positive: float


class Score(Schema):
    """What a model makes of one text."""

    label: str = Field(description="negative, neutral or positive")
    confidence: float = Field(description="Probability of the label.")
    probabilities: Probabilities
    known: bool = Field(description="False where nothing in the text is known to the model.")


class ModelOut(Schema):
    """A version of a model."""

    id: int
    name: str
    kind: str
    digest: str
    active: bool = Field(description="Whether it is the one in use of its owner, or of the site.")
    of_the_site: bool
    created: datetime
    metrics: dict[str, Any]
    trained_on: dict[str, Any]

    @staticmethod
    def resolve_of_the_site(row: Any) -> bool:
        """Those without an owner are the site's."""
        return row.owner_id is None


class ModelRef(Schema):
    """Which version of a model answered."""

    id: int
    name: str
    kind: str
    digest: str


class ScoreOut(Schema):
    """Scores, in the order of the texts."""

    model: ModelRef
    results: list[Score]


class VideoOut(Schema):
    """A video of the account."""

    id: int
    video_id: str
    title: str
    channel: str
    source: str
    published: datetime | None
    fetched_at: datetime | None
    created: datetime


class AnalysisIn(Schema):
    """An analysis to start."""

    model_config = ConfigDict(extra="forbid")
    video: Id = Field(description="The `id` of one of your videos.")
    model: ModelName
    options: GivenOptions = Field(default={}, description="Fetching, and filters.")


class AnalysisRow(Schema):
    """An analysis without its result, as lists have it."""

    id: int
    video: int = Field(alias="video_id")
    engine: str
    engine_version: str
    state: str = Field(description="queued, fetching, scoring, done, partial or failed")
    message: str
    done: int
    total: int | None
    quota_used: int
    resume_at: datetime | None
    created: datetime
    started: datetime | None
    finished: datetime | None


class AnalysisOut(AnalysisRow):
    """An analysis: a job, and then its result."""

    reason: str = Field(
        description="Why it failed, or has stopped, in a fixed word; empty if it did not."
    )
    result: Result | None = Field(description="Null until there is one.")

    @staticmethod
    def resolve_reason(row: Any) -> str:
        """Read it where a result would stand."""
        return row.reason if row.state in (State.FAILED, State.PARTIAL) else ""

    @staticmethod
    def resolve_result(row: Any) -> Result | None:
        """Give what is stored by place its names."""
        return result_of(row)


class PredictionOut(Schema):
    """What an analysis says of one comment."""

    id: int
    comment: str = Field(alias="comment.comment_id")
    text: str = Field(alias="comment.text")
    label: str
    probabilities: Probabilities

    @staticmethod
    def resolve_label(row: Any) -> str:
        """Name the class."""
        return str(row.get_label_display())

    @staticmethod
    def resolve_probabilities(row: Any) -> dict[str, float]:
        """Name them."""
        return {
            "negative": row.p_negative,
            "neutral": row.p_neutral,
            "positive": row.p_positive,
        }


class Page(Schema):
    """Where the next part of a list begins."""

    next: int | None = Field(description="The `after` of the next request; null at the end.")


class Models(Schema):
    """Models."""

    items: list[ModelOut]


class Videos(Page):
    """A part of the videos, the newest first."""

    items: list[VideoOut]


class Analyses(Page):
    """A part of the analyses, the newest first."""

    items: list[AnalysisRow]


class Predictions(Page):
    """A part of an analysis's predictions."""

    items: list[PredictionOut]
