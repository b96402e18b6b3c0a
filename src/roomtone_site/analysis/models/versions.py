"""Versions of the models that analyses use."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from roomtone_site.ownership import OwnedQuerySet


class ModelVersionQuerySet(OwnedQuerySet):
    """Versions of models; those without an owner are there for every account."""

    def usable_by(self, user: Any) -> Self:
        """Keep an account's own versions and those of the site."""
        mine = Q() if user.pk is None else Q(owner=user)
        return self.filter(Q(owner__isnull=True) | mine)


class ModelVersion(models.Model):
    """A saved engine in the site's folder of models, and what is known of it."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="model_versions",
        help_text="Empty for those of the site, which every account may use.",
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=32)
    folder = models.CharField(max_length=255, help_text="Below the site's folder of models.")
    digest = models.CharField(max_length=64)
    metrics = models.JSONField(default=dict, blank=True)
    trained_on = models.JSONField(default=dict, blank=True)
    active = models.BooleanField(default=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    replaced = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaced_by",
        help_text="The version that was in use before this one.",
    )

    owner_path = "owner"
    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=Q(active=True, owner__isnull=False),
                name="one_active_per_owner",
            ),
            models.UniqueConstraint(
                fields=["active"],
                condition=Q(active=True, owner__isnull=True),
                name="one_active_of_the_site",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind}, {self.digest[:12]})"
