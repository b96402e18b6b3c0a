"""Addresses of accounts."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from roomtone_site.accounts.views import Account, ChangePassword, DeleteAccount, LogIn, SignUp

app_name = "accounts"
urlpatterns = [
    path("", Account.as_view(), name="account"),
    path("sign-up/", SignUp.as_view(), name="signup"),
    path("log-in/", LogIn.as_view(), name="login"),
    path("log-out/", LogoutView.as_view(), name="logout"),
    path("password/", ChangePassword.as_view(), name="change_password"),
    path("delete/", DeleteAccount.as_view(), name="delete"),
]
