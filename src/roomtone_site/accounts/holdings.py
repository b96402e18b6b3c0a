"""What an account owns, counted from the models that say that they have an owner."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from roomtone_site.ownership import OwnedQuerySet

_SAID = {
    "predictions": "answers of models to comments",
    "removals": "comments left out by filters",
    "label items": "places in label sets",
    "annotators": "people who label in your sets",
}


def holdings(user: Any) -> dict[str, int]:
    """Count the objects of an account, by the plural of what they are.

    Parameters
    ----------
    user : User
        The account.

    Returns
    -------
    dict of str to int
        Kinds of which it has none are left out.
    """
    counts = {}
    for model in apps.get_models():
        everything = model._default_manager.all()
        if isinstance(everything, OwnedQuerySet):
            name = str(model._meta.verbose_name_plural)
            counts[_SAID.get(name, name)] = everything.owned_by(user).count()
    return {name: count for name, count in counts.items() if count}
