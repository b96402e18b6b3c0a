"""Every object belongs to an account; queries begin with whose it is."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows of a model that names the way to their owner as ``owner_path``."""

    def owned_by(self, user: Any) -> Self:
        """Keep the rows of one account; none for a visitor who is not logged in.

        Parameters
        ----------
        user : User or AnonymousUser
            As a request has it.
        """
        if isinstance(user, AnonymousUser) or user.pk is None:
            return self.none()
        path: str = getattr(self.model, "owner_path", "owner")
        return self.filter(**{path: user})
