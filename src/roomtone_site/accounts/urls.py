"""Addresses of accounts."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from roomtone_site.accounts.views import Account, ChangePassword, DeleteAccount, SignUp

app_name = "accounts"
_log_in = LoginView.as_view(template_name="accounts/log_in.html", redirect_authenticated_user=True)
urlpatterns = [
    path("", Account.as_view(), name="account"),
    path("sign-up/", SignUp.as_view(), name="signup"),
    path("log-in/", _log_in, name="login"),
    path("log-out/", LogoutView.as_view(), name="logout"),
    path("password/", ChangePassword.as_view(), name="change_password"),
    path("delete/", DeleteAccount.as_view(), name="delete"),
]
