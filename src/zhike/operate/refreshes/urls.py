"""Addresses of refreshes."""

from __future__ import annotations

from django.urls import path

from zhike.operate.refreshes import views

urlpatterns = [
    path("data/refreshes/", views.Refreshes.as_view(), name="refreshes"),
    path("data/refreshes/begin/", views.begin_refresh, name="begin_refresh"),
    path("data/refreshes/<int:refresh_id>/", views.refresh, name="refresh"),
    path("data/refreshes/<int:refresh_id>/put-back/", views.put_back, name="put_back_refresh"),
]
