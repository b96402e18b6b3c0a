"""Forms of accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm

from roomtone_site.accounts.guessing import Attempt
from roomtone_site.accounts.models import User


class LogInForm(AuthenticationForm):
    """A name and its password, so many times in a while.

    Attributes
    ----------
    wait : int
        In how many seconds another attempt is welcome; 0 unless there were too many.
    """

    wait = 0

    def clean(self) -> dict[str, Any]:
        """Look at the password, unless there were too many attempts.

        Raises
        ------
        ValidationError
            If there were, or the password is wrong.
        """
        name = self.cleaned_data.get("username")
        if self.request is None or not name:
            return super().clean()
        attempt = Attempt.of(self.request, name)
        self.wait = attempt.begin()
        if self.wait:
            minutes, seconds = divmod(self.wait, 60)
            raise forms.ValidationError(
                "Too many attempts to log in. Nothing was tried this time; try again in "
                f"{minutes} min {seconds} s. A browser that has logged in before is not kept "
                "out by attempts elsewhere.",
                code="too_many",
            )
        cleaned = super().clean()
        attempt.succeeded()
        return cleaned


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
