"""Label sets, the labels that people give, and what was settled where they disagree."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from roomtone_site.comments.models import Sentiment, YouTubeComment, YouTubeVideo
from roomtone_site.ownership import OwnedQuerySet


class LabelSet(models.Model):
    """A piece of labelling work: which comments, in which order, by whom."""

    class Mode(models.TextChoices):
        """How comments are chosen."""

        UNCERTAIN = "uncertain", "those that the model is least sure of"
        RANDOM = "random", "a random sample"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="label_sets"
    )
    name = models.CharField(max_length=100)
    video = models.ForeignKey(
        YouTubeVideo, on_delete=models.CASCADE, null=True, blank=True, related_name="label_sets"
    )
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.UNCERTAIN)
    seed = models.PositiveIntegerField(default=42)
    created = models.DateTimeField(default=timezone.now, editable=False)

    owner_path = "owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """What one person says of one comment; no value means that it was skipped."""

    label_set = models.ForeignKey(LabelSet, on_delete=models.CASCADE, related_name="labels")
    comment = models.ForeignKey(YouTubeComment, on_delete=models.CASCADE, related_name="labels")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="labels"
    )
    value = models.PositiveSmallIntegerField(choices=Sentiment, null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    owner_path = "label_set__owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["label_set", "comment", "annotator"], name="one_label_per_annotator"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__in=Sentiment.values),
                name="label_value_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.get_value_display() or 'skipped'}"


class Decision(models.Model):
    """The label that a comment is settled to have in a set."""

    label_set = models.ForeignKey(LabelSet, on_delete=models.CASCADE, related_name="decisions")
    comment = models.ForeignKey(YouTubeComment, on_delete=models.CASCADE, related_name="decisions")
    value = models.PositiveSmallIntegerField(choices=Sentiment)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="decisions"
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    owner_path = "label_set__owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["label_set", "comment"], name="one_decision_each"),
            models.CheckConstraint(
                condition=Q(value__in=Sentiment.values), name="decision_value_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.get_value_display()}"
