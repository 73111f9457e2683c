"""Addresses of scenarios."""

from __future__ import annotations

from django.urls import path

from zhike.understand.what_if.pages import views
from zhike.understand.what_if.pages.listing import Scenarios

urlpatterns = [
    path("insight/what-if/", Scenarios.as_view(), name="what_if"),
    path("insight/what-if/new/", views.new, name="new_scenario"),
    path("insight/what-if/result/", views.result, name="scenario_result"),
    path("insight/what-if/<int:scenario_id>/", views.scenario, name="scenario"),
    path("insight/what-if/<int:scenario_id>/archive/", views.archive, name="archive_scenario"),
    path("insight/what-if/<int:scenario_id>/restore/", views.restore, name="restore_scenario"),
]
