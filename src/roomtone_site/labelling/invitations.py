"""Letting others label in a set, by a link that its owner hands out and can close."""

from __future__ import annotations

import secrets
from typing import Any

from roomtone_site.labelling.models import Annotator, LabelSet


def invite(label_set: LabelSet) -> str:
    """Make a new link's secret; an earlier link stops to work."""
    label_set.invitation = secrets.token_urlsafe(32)
    label_set.save(update_fields=["invitation"])
    return label_set.invitation


def close(label_set: LabelSet) -> None:
    """Let nobody join any more; those who have joined stay."""
    label_set.invitation = ""
    label_set.save(update_fields=["invitation"])


def invited_to(secret: str) -> LabelSet | None:
    """Find the set that a link leads to; None where the link is closed or none."""
    if not secret or "\0" in secret:
        return None
    found: LabelSet | None = LabelSet.objects.filter(invitation=secret).first()
    return found


def join(label_set: LabelSet, user: Any) -> None:
    """Let an account label in a set; its owner does so without."""
    if user.pk != label_set.owner_id:
        Annotator.objects.get_or_create(label_set=label_set, user=user)
