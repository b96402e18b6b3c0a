"""Signing up, and what an account's owner can do with it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView, PasswordChangeView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.generic import FormView, TemplateView

from roomtone.errors import RoomtoneError
from roomtone_site.accounts.deleting import delete
from roomtone_site.accounts.forms import DeleteAccountForm, LogInForm, SignUpForm
from roomtone_site.accounts.guessing import remember_browser
from roomtone_site.accounts.holdings import holdings
from roomtone_site.accounts.models import User
from roomtone_site.limits.addresses import client_address
from roomtone_site.limits.counting import count, wait

MOST_SIGN_UPS = 20
_HOUR = 3600


class PlainLabels:
    """Writes labels of forms as other pages do, without a colon."""

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add it to what the form is made with."""
        given: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return given | {"label_suffix": ""}


class LogIn(PlainLabels, LoginView):
    """Log in, with limits to guessing."""

    template_name = "accounts/log_in.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def form_valid(self, form: LogInForm) -> HttpResponse:  # type: ignore[override]
        """Log in, and know the browser from now on."""
        response = super().form_valid(form)
        remember_browser(self.request, response, form.get_user().get_username())
        return response

    def form_invalid(self, form: LogInForm) -> HttpResponse:  # type: ignore[override]
        """Say what is wrong, and to programs, too, when to try again."""
        response = super().form_invalid(form)
        if form.wait:
            response.status_code = 429
            response["Retry-After"] = str(form.wait)
        return response


class SignUp(PlainLabels, RedirectURLMixin, FormView[SignUpForm]):
    """Make an account, and begin to use it: at the page that wanted one, if there was any."""

    template_name = "accounts/sign_up.html"
    form_class = SignUpForm
    next_page = settings.LOGIN_REDIRECT_URL

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Send away those who have an account, and all where the site takes none."""
        if request.user.is_authenticated:
            return redirect(self.get_success_url())
        if not settings.SIGN_UP:
            return render(request, "accounts/sign_up_closed.html", status=403)
        return super().dispatch(request, *args, **options)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add where to go, if that is a page of this site."""
        return super().get_context_data(next=self.get_redirect_url(), **context)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        """Make it and log in; limits that are each account's want accounts to be limited, too."""
        address = client_address(self.request)
        if address and count(f"sign-up:{address}", 1, _HOUR) > MOST_SIGN_UPS:
            seconds = wait(_HOUR)
            form.add_error(
                None,
                "Too many accounts were made from your address; try again in "
                f"{-(-seconds // 60)} min.",
            )
            response = self.render_to_response(self.get_context_data(form=form), status=429)
            response["Retry-After"] = str(seconds)
            return response
        user = form.save()
        login(self.request, user)
        response = redirect(self.get_success_url())
        remember_browser(self.request, response, user.get_username())
        return response


class Account(LoginRequiredMixin, TemplateView):
    """What the site holds of an account, and the ways to change or end it."""

    template_name = "accounts/account.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Count what belongs to the account."""
        return super().get_context_data(holdings=holdings(self.request.user), **context)


class ChangePassword(LoginRequiredMixin, PlainLabels, PasswordChangeView):
    """Set another password; other browsers are logged out by it."""

    template_name = "accounts/change_password.html"
    success_url = reverse_lazy("accounts:account")

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it, and say so."""
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)


class DeleteAccount(LoginRequiredMixin, PlainLabels, FormView[DeleteAccountForm]):
    """Delete an account and all that belongs to it."""

    template_name = "accounts/delete_account.html"
    form_class = DeleteAccountForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form the account whose password it asks for."""
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Count what would be deleted."""
        return super().get_context_data(holdings=holdings(self.request.user), **context)

    def form_valid(self, form: DeleteAccountForm) -> HttpResponse:
        """Delete it."""
        user: Any = self.request.user.pk
        try:
            delete(User.objects.filter(pk=user), owner=user)
        except RoomtoneError as error:
            form.add_error(None, f"The account is not deleted: {error}")
            return self.form_invalid(form)
        logout(self.request)
        messages.success(self.request, "Your account and all its data are deleted.")
        return redirect(reverse("accounts:login"))
