"""Addresses of the frame itself."""

from __future__ import annotations

from django.urls import path

from zhike.ui import views

urlpatterns = [
    path("", views.today, name="today"),
    path("ui/", views.gallery, name="gallery"),
    path("search/", views.search, name="search"),
    path("views/", views.save_view, name="save_view"),
    path("views/<int:view_id>/remove/", views.remove_view, name="remove_view"),
]
