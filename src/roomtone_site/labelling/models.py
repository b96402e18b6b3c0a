"""Label sets, the labels that people give, what was settled, and models trained on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from roomtone_site.analysis.models import ModelVersion
from roomtone_site.comments.models import Sentiment, YouTubeComment, YouTubeVideo
from roomtone_site.jobs.job import Job
from roomtone_site.ownership import OwnedQuerySet


class LabelSetQuerySet(OwnedQuerySet):
    """Sets, which others than their owner may label in, but not read."""

    def open_to(self, user: Any) -> Self:
        """Keep the sets in which an account may label."""
        if user.pk is None:
            return self.none()
        joined = Annotator.objects.filter(user=user).values("label_set")
        return self.filter(Q(owner=user) | Q(pk__in=joined))


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
    invitation = models.CharField(
        max_length=43, blank=True, help_text="The secret of the link by which others join."
    )
    opened = models.BooleanField(
        default=False,
        editable=False,
        help_text="Whether its owner sees what others said, and therefore labels no more.",
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    owner_path = "owner"
    objects = LabelSetQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["invitation"], condition=~Q(invitation=""), name="one_set_per_invitation"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LabelItem(models.Model):
    """A comment of a set, in the order in which everyone gets them."""

    label_set = models.ForeignKey(LabelSet, on_delete=models.CASCADE, related_name="items")
    comment = models.ForeignKey(
        YouTubeComment, on_delete=models.CASCADE, related_name="label_items"
    )
    position = models.PositiveIntegerField()

    owner_path = "label_set__owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["label_set", "comment"], name="one_item_per_comment"),
            models.UniqueConstraint(fields=["label_set", "position"], name="one_item_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.comment_id}"


class Annotator(models.Model):
    """Someone who joined a set by its invitation; its owner needs none."""

    label_set = models.ForeignKey(LabelSet, on_delete=models.CASCADE, related_name="annotators")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="annotates"
    )
    joined = models.DateTimeField(default=timezone.now, editable=False)

    owner_path = "label_set__owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["label_set", "user"], name="joined_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.label_set}"


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


class Training(Job):
    """A model trained on what an account has labelled: a job, and then how good it is."""

    task = "roomtone_site.labelling.tasks.train"

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trainings"
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=32)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    version = models.ForeignKey(
        ModelVersion,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="trainings",
        help_text="What came of it.",
    )
    present = models.ForeignKey(
        ModelVersion,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="compared_in",
        help_text="The version that was in use, which it is compared with.",
    )
    result = models.JSONField(default=dict, blank=True)

    owner_path = "owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(state__in=["queued", "running"]),
                name="one_training_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"

    @classmethod
    def due(cls, now: datetime) -> Q:
        """Say which have something to do."""
        return Q(state__in=(cls.State.QUEUED, cls.State.RUNNING))
