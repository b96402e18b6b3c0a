"""The first account of a new site."""

from __future__ import annotations

import os
import secrets
import sys
from getpass import getpass

from roomtone.errors import DataError
from roomtone_site.accounts.forms import SignUpForm
from roomtone_site.accounts.models import User

PASSWORD = "DJANGO_SUPERUSER_PASSWORD"


def first_account(name: str | None) -> User | None:
    """Make the first account of a site that has none.

    On a terminal it is asked for. Otherwise, or where it is named, the password is that of the
    variable ``DJANGO_SUPERUSER_PASSWORD``, or one that is drawn and shown once.

    Parameters
    ----------
    name : str, optional
        The account's.

    Returns
    -------
    User or None
        The account; None where there are some already, or none is wanted.

    Raises
    ------
    DataError
        If the name or the password will not do.
    """
    if User.objects.exists():
        return None
    if name is None:
        return _asked_for() if sys.stdin.isatty() else None
    given = os.environ.get(PASSWORD)
    password = given or secrets.token_urlsafe(12)
    account = _make(name, password, password)
    if given is None:
        print(f"Account {name!r} is made. Its password, shown this once: {password}")
    return account


def _asked_for() -> User | None:
    print("The site has no account yet.")
    while True:
        name = input("Name of the first account (nothing: sign up in the browser later): ").strip()
        if not name:
            return None
        try:
            return _make(name, getpass("Password: "), getpass("The same again: "))
        except DataError as error:
            print(error)


def _make(name: str, password: str, again: str) -> User:
    form = SignUpForm({"username": name, "password1": password, "password2": again})
    if not form.is_valid():
        problems = [str(line) for lines in form.errors.values() for line in lines]
        raise DataError(f"no account is made: {' '.join(problems)}")
    account: User = form.save()
    return account
