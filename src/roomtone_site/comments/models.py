"""Videos and the comments below them, as one account stores them, and files of comments."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from roomtone_site.jobs.job import Job
from roomtone_site.ownership import OwnedQuerySet


class Sentiment(models.IntegerChoices):
    """The classes, by the codes that `roomtone.labels.SENTIMENT` gives them."""

    NEGATIVE = 0, "negative"
    NEUTRAL = 1, "neutral"
    POSITIVE = 2, "positive"


class Source(models.TextChoices):
    """Where a video's comments come from."""

    API = "api", "YouTube"
    IMPORT = "import", "imported file"
    SAMPLE = "sample", "sample"


class YouTubeVideo(models.Model):
    """A video of one account. The same video may be stored by several accounts."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="videos"
    )
    video_id = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    channel = models.CharField(max_length=200, blank=True)
    published = models.DateTimeField(null=True, blank=True)
    comment_count = models.PositiveIntegerField(
        null=True, blank=True, help_text="As YouTube states it, which need not be what is stored."
    )
    source = models.CharField(max_length=8, choices=Source)
    fetched_at = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    owner_path = "owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "video"
        ordering = ["-created", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "video_id"], name="one_video_per_owner"),
        ]
        indexes = [models.Index(fields=["source", "fetched_at"], name="video_age")]

    def __str__(self) -> str:
        return self.title or self.video_id


class YouTubeComment(models.Model):
    """A comment, with its label where a person gave one and the newest prediction."""

    video = models.ForeignKey(YouTubeVideo, on_delete=models.CASCADE, related_name="comments")
    comment_id = models.CharField(max_length=128)
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        help_text="The comment that this one replies to.",
    )
    text = models.TextField()
    author = models.CharField(
        max_length=32, blank=True, help_text="A pseudonym; the name itself is not stored."
    )
    likes = models.PositiveIntegerField(default=0)
    published = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=16, null=True, blank=True)
    sentiment = models.PositiveSmallIntegerField(
        choices=Sentiment, null=True, blank=True, help_text="As labelled by people or by import."
    )
    sentiment_source = models.CharField(max_length=32, blank=True)
    predicted = models.PositiveSmallIntegerField(choices=Sentiment, null=True, blank=True)
    p_negative = models.FloatField(null=True, blank=True)
    p_neutral = models.FloatField(null=True, blank=True)
    p_positive = models.FloatField(null=True, blank=True)
    confidence = models.GeneratedField(
        expression=Greatest(F("p_negative"), F("p_neutral"), F("p_positive")),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )
    fetched_at = models.DateTimeField(
        null=True, blank=True, help_text="When YouTube last sent it; empty where it never did."
    )
    engine = models.CharField(max_length=100, blank=True)
    engine_version = models.CharField(max_length=64, blank=True)

    owner_path = "video__owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "comment"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["video", "comment_id"], name="one_comment_per_video"),
            models.CheckConstraint(
                condition=Q(sentiment__isnull=True) | Q(sentiment__in=Sentiment.values),
                name="comment_sentiment_known",
            ),
            models.CheckConstraint(
                condition=Q(predicted__isnull=True) | Q(predicted__in=Sentiment.values),
                name="comment_predicted_known",
            ),
        ]
        # Each order of the page's table, and its filters, without a sort of all rows.
        indexes = [
            models.Index(fields=["video", "likes", "id"], name="comment_likes"),
            models.Index(fields=["video", "published", "id"], name="comment_published"),
            models.Index(fields=["video", "confidence", "id"], name="comment_confidence"),
            models.Index(fields=["video", "predicted", "id"], name="comment_predicted"),
            models.Index(fields=["video", "sentiment"], name="comment_sentiment"),
            models.Index(fields=["fetched_at"], name="comment_age"),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.text[:60]}"


class Import(Job):
    """A file of comments that was sent: a job, and then what became of its rows."""

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    task = "roomtone_site.comments.tasks.run_import"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports"
    )
    name = models.CharField(max_length=100, help_text="The file's.")
    title = models.CharField(max_length=300, blank=True)
    folder = models.CharField(
        max_length=32, help_text="Where the file is, below the site's uploads; gone at the end."
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    fraction = models.FloatField(null=True, blank=True, help_text="How much of it was read.")
    unit = models.CharField(max_length=8, default="line", help_text="What a row's number counts.")
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    rejections = models.PositiveIntegerField(default=0)
    rejected = models.JSONField(
        default=list, blank=True, help_text="The first rows that were left out, and why."
    )
    videos = models.ManyToManyField(
        YouTubeVideo, related_name="imports", blank=True, help_text="The first that it filled."
    )

    owner_path = "owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed"]),
                name="import_state_known",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-created"], name="import_newest")]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"

    @classmethod
    def due(cls, now: datetime) -> Q:
        """Say which have something to do."""
        return Q(state__in=(cls.State.QUEUED, cls.State.RUNNING))
