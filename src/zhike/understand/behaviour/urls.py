"""Addresses of how customers behave."""

from __future__ import annotations

from django.urls import path

from zhike.understand.behaviour import views

urlpatterns = [
    path("insight/behaviour/", views.behaviour_page, name="behaviour"),
]
