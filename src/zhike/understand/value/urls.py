"""Addresses of what customers are worth."""

from __future__ import annotations

from django.urls import path

from zhike.understand.value import views
from zhike.understand.value.lifetime.views import lifetime
from zhike.understand.value.renewals.views import renewals

urlpatterns = [
    path("insight/rfm/", views.rfm, name="rfm"),
    path("insight/lifetime/", lifetime, name="lifetime"),
    path("insight/renewals/", renewals, name="renewals"),
]
