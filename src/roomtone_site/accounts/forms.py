"""Forms of accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import UserCreationForm

from roomtone_site.accounts.models import User


class SignUpForm(UserCreationForm[User]):
    """A name and a password, typed twice."""

    class Meta:
        model = User
        fields = ("username",)


class DeleteAccountForm(forms.Form):
    """The password once more, so that an open browser does not suffice."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self._user = user

    def clean_password(self) -> str:
        """Compare it with the account's.

        Raises
        ------
        ValidationError
            If it is another.
        """
        password: str = self.cleaned_data["password"]
        if not self._user.check_password(password):
            raise forms.ValidationError("That is not the password of this account.")
        return password
