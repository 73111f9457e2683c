"""Addresses of who may leave."""

from __future__ import annotations

from django.urls import path

from zhike.understand.propensity.views import churn

urlpatterns = [path("insight/churn/", churn, name="churn")]
