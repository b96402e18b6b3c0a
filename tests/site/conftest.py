from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("django", reason="the site needs: pip install 'roomtone[site]'")


@pytest.fixture
def user(db: Any, django_user_model: Any) -> Any:
    """An account."""
    return django_user_model.objects.create_user("ana", password="correct-horse-42")


@pytest.fixture
def other(db: Any, django_user_model: Any) -> Any:
    """Another account, from whom the first one's objects are kept."""
    return django_user_model.objects.create_user("bob", password="battery-staple-42")


@pytest.fixture
def logged_in(client: Any, user: Any) -> Any:
    """A browser in which the account is logged in."""
    client.force_login(user)
    return client
