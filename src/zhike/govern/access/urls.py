"""Addresses of sign-in, account and API tokens."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from zhike.govern.access import views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(next_page="sign_in"), name="sign_out"),
    path("welcome/", views.welcome, name="welcome"),
    path("preferences/", views.prefer, name="prefer"),
    path("account/", views.account, name="account"),
    path("governance/tokens/", views.Tokens.as_view(), name="tokens"),
    path("governance/tokens/new/", views.new_token, name="new_token"),
    path("governance/tokens/<int:token_id>/", views.token, name="token"),
    path("governance/tokens/<int:token_id>/revoke/", views.remove_token, name="remove_token"),
]
