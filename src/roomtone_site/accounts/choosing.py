"""The account that a command works for."""

from __future__ import annotations

from roomtone.errors import DataError, nearest
from roomtone_site.accounts.models import User


def account_named(name: str | None) -> User:
    """Find an account; without a name the only one that there is.

    Parameters
    ----------
    name : str, optional
        Its user name.

    Raises
    ------
    DataError
        If there is no such account, or none is named and there are several.
    """
    if name is not None:
        found = User.objects.filter(username=name).first()
        if found is None:
            known = User.objects.values_list("username", flat=True)
            raise DataError(f"--user: there is no account {name!r}{nearest(name, known)}")
        return found
    accounts = list(User.objects.order_by("pk")[:2])
    if len(accounts) == 1:
        return accounts[0]
    if not accounts:
        raise DataError("there is no account yet; make one with: manage.py createsuperuser")
    raise DataError("there are several accounts; name the one that is meant with --user")
