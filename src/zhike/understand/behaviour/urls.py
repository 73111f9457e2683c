"""Addresses of how customers behave."""

from __future__ import annotations

from django.urls import path

from zhike.understand.behaviour import views
from zhike.understand.behaviour.loyalty.views import loyalty_page

urlpatterns = [
    path("insight/behaviour/", views.behaviour_page, name="behaviour"),
    path("insight/loyalty/", loyalty_page, name="loyalty"),
]
