"""The address of the page."""

from __future__ import annotations

from django.urls import path

from zhike.understand.retention.pages.views import retention

urlpatterns = [path("insight/retention/", retention, name="retention")]
