"""Names of authors that tell one from another and nobody who they are."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

LENGTH = 16


def pseudonym(author: str) -> str:
    """Return what is stored in place of an author's name or id.

    It is keyed with the site's secret: without it nobody can try out names, and another site
    gives the same author another pseudonym.

    Parameters
    ----------
    author : str
        The name or id; an empty one stays empty.

    Returns
    -------
    str
        `LENGTH` hexadecimal digits.
    """
    if not author:
        return ""
    digest = salted_hmac("roomtone_site.author", author, algorithm="sha256").hexdigest()
    return str(digest[:LENGTH])
