"""Who may not see yet what others said of a comment.

An owner can label, too. As long as they may, the labels of others on what is still before them are
kept from them, and so are disputes and agreement. They open a set when they have done their part,
or mean to do none; from then on they see all of it and label no more.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef

from roomtone_site.labelling.models import Label, LabelItem, LabelSet
from roomtone_site.labelling.settling import SOURCE


def open_set(label_set: LabelSet) -> None:
    """Show its owner what was said, and take no more labels from them."""
    LabelSet.objects.filter(pk=label_set.pk).update(opened=True)


def may_label(label_set: LabelSet, user: Any) -> bool:
    """Tell whether someone who has a set before them labels in it."""
    return not (label_set.opened and label_set.owner_id == user.pk)


def still_to_label(owner: Any, comment: OuterRef) -> Exists:
    """Say in a query whether an owner, or the key of one, has a comment before them.

    Only what was said in sets counts, and only in sets that are not opened.
    """
    answered = Label.objects.filter(
        label_set=OuterRef("label_set"), comment=OuterRef("comment"), annotator=owner
    )
    waiting = LabelItem.objects.filter(
        ~Exists(answered), label_set__owner=owner, label_set__opened=False, comment=comment
    )
    return Exists(waiting.filter(comment__sentiment_source=SOURCE))
