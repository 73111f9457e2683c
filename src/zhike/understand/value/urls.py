"""Addresses of what customers are worth."""

from __future__ import annotations

from django.urls import path

from zhike.understand.value import views

urlpatterns = [path("insight/rfm/", views.rfm, name="rfm")]
