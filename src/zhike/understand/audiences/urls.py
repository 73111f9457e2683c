"""Addresses of audiences; the page of one is a list of customers and stands with theirs."""

from __future__ import annotations

from django.urls import path

from zhike.understand.audiences import views

urlpatterns = [
    path("audiences/", views.Audiences.as_view(), name="audiences"),
    path("audiences/new/", views.new, name="new_audience"),
    path("audiences/count/", views.count, name="audience_count"),
    path("audiences/<int:audience_id>/rename/", views.rename, name="rename_audience"),
    path("audiences/<int:audience_id>/archive/", views.archive, name="archive_audience"),
    path("audiences/<int:audience_id>/restore/", views.restore, name="restore_audience"),
]
