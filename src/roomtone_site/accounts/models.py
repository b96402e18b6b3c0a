"""The account of a person who uses the site."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """An account. All that belongs to it is deleted with it."""
