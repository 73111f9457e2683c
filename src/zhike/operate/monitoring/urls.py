"""Addresses for a watching system."""

from __future__ import annotations

from django.urls import path

from zhike.operate.monitoring import views
from zhike.operate.monitoring.figures import OperationFigures
from zhike.ui.metrics import add_collector

add_collector(OperationFigures())

urlpatterns = [path("healthz", views.healthy, name="healthz"), path("metrics", views.metrics, name="metrics")]
