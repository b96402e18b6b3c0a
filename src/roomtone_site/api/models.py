"""Tokens by which programs speak for an account."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from roomtone_site.ownership import OwnedQuerySet


class ApiToken(models.Model):
    """A token of an account. Only its hash is stored, so that it is shown once."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, help_text="Its first characters, to tell it by.")
    hash = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(default=timezone.now, editable=False)
    last_used = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)

    owner_path = "owner"
    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
