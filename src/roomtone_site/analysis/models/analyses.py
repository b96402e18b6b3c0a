"""Analyses of videos, and what they found."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest

from roomtone_site.comments.models import Sentiment, YouTubeComment, YouTubeVideo
from roomtone_site.jobs.job import Job
from roomtone_site.ownership import OwnedQuerySet


class State(models.TextChoices):
    """How far an analysis is."""

    QUEUED = "queued"
    FETCHING = "fetching"
    SCORING = "scoring"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"


ACTIVE = (State.QUEUED, State.FETCHING, State.SCORING)
"""States in which there is something to do at once."""

READABLE = (State.DONE, State.PARTIAL)
"""States in which there is something to show."""

END = "end"
"""Stands as the place of a fetch that is complete."""

SUMMARY, REASON = "summary", "reason"
"""What a result holds: what was found, and why the last attempt at more of it failed."""


class Analysis(Job):
    """One analysis of a video by an engine: a job, and then its result."""

    task = "roomtone_site.analysis.tasks.run_analysis"
    related = ("video", "owner")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="analyses"
    )
    video = models.ForeignKey(YouTubeVideo, on_delete=models.CASCADE, related_name="analyses")
    engine = models.CharField(max_length=100)
    engine_version = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    page_token = models.TextField(blank=True, help_text="Where fetching goes on.")
    quota_used = models.PositiveIntegerField(default=0)
    resume_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How often YouTube failed it since it last gave some."
    )
    uncounted = models.PositiveIntegerField(
        default=0, editable=False, help_text="Changes that its summary does not know of yet."
    )
    result = models.JSONField(null=True, blank=True)

    owner_path = "owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-id"]
        verbose_name_plural = "analyses"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="state_known"),
        ]
        indexes = [
            models.Index(fields=["owner", "-created"], name="analysis_newest"),
            models.Index(fields=["state", "resume_at"], name="analysis_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.video} by {self.engine}: {self.state}"

    @classmethod
    def due(cls, now: datetime) -> Q:
        """Say which have something to do: also those that have waited, or are to be counted."""
        waited = Q(state=State.PARTIAL, resume_at__lte=now)
        return Q(state__in=ACTIVE) | waited | Q(state__in=READABLE, uncounted__gt=0)

    def has_waited(self, now: datetime) -> bool:
        """Tell whether the time has come for which it stopped in the middle."""
        return self.resume_at is not None and self.resume_at <= now

    @property
    def waits(self) -> bool:
        """Whether it goes on by itself at some time."""
        return self.state == State.PARTIAL and self.resume_at is not None

    @property
    def unfetched(self) -> bool:
        """Whether it is to fetch comments that have not all come yet."""
        return bool(self.options.get("fetch")) and self.page_token != END

    @property
    def has_findings(self) -> bool:
        """Whether something was found that can be shown, whatever failed since."""
        return SUMMARY in (self.result or {})

    @property
    def reason(self) -> str:
        """Why the last attempt at more of it failed, in a word; empty if it did not."""
        return str((self.result or {}).get(REASON, ""))

    def fail(self, message: str, reason: str) -> None:
        """Let it have failed; but what was found before stays, and can be read."""
        super().fail(message, reason)
        if self.has_findings:
            self.state = State.PARTIAL
        self.result = {**(self.result or {}), REASON: reason}
        self.resume_at, self.uncounted = None, 0


class Prediction(models.Model):
    """What one analysis says of one comment."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="predictions")
    comment = models.ForeignKey(
        YouTubeComment, on_delete=models.CASCADE, related_name="predictions"
    )
    label = models.PositiveSmallIntegerField(choices=Sentiment)
    p_negative = models.FloatField()
    p_neutral = models.FloatField()
    p_positive = models.FloatField()
    known = models.BooleanField(
        default=True, help_text="False where the model knew nothing of the text."
    )
    confidence = models.GeneratedField(
        expression=Greatest(F("p_negative"), F("p_neutral"), F("p_positive")),
        output_field=models.FloatField(),
        db_persist=True,
    )

    owner_path = "analysis__owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["analysis", "comment"], name="one_prediction_each"),
            models.CheckConstraint(
                condition=Q(label__in=Sentiment.values), name="prediction_label_known"
            ),
        ]
        indexes = [
            models.Index(fields=["analysis", "label"], name="prediction_label"),
            models.Index(fields=["analysis", "confidence"], name="prediction_confidence"),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.get_label_display()}"


class Removal(models.Model):
    """A comment that a filter of an analysis left out, and why; deleting the row brings it back."""

    class Reason(models.TextChoices):
        """The filters."""

        SPAM = "spam"
        DUPLICATE = "duplicate"
        UNKNOWN = "unknown"
        LANGUAGE = "language"
        LENGTH = "length"

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="removals")
    comment = models.ForeignKey(YouTubeComment, on_delete=models.CASCADE, related_name="removals")
    reason = models.CharField(max_length=10, choices=Reason)
    detail = models.CharField(max_length=300, blank=True)

    owner_path = "analysis__owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["analysis", "comment", "reason"], name="one_removal_per_reason"
            ),
        ]
        indexes = [models.Index(fields=["analysis", "reason"], name="removal_reason")]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.reason}"
