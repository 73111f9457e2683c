"""Addresses of what is bought together."""

from __future__ import annotations

from django.urls import path

from zhike.ui.unpublished import when_published
from zhike.understand.affinity.views import BoughtTogether

urlpatterns = [path("insight/affinity/", when_published(BoughtTogether.as_view()), name="affinity")]
