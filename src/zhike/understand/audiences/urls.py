"""Addresses of audiences; the page of one is a list of customers and stands with theirs."""

from __future__ import annotations

from django.urls import path

from zhike.ui.unpublished import when_published
from zhike.understand.audiences.pages import building, exporting, lists, tabs, views

urlpatterns = [
    path("audiences/", views.Audiences.as_view(), name="audiences"),
    path("audiences/new/", views.new, name="new_audience"),
    path("audiences/<int:audience_id>/edit/", views.edit, name="edit_audience"),
    path("audiences/<int:audience_id>/rename/", views.rename, name="rename_audience"),
    path("audiences/<int:audience_id>/note/", views.note, name="note_audience"),
    path("audiences/<int:audience_id>/archive/", views.archive, name="archive_audience"),
    path("audiences/<int:audience_id>/restore/", views.restore, name="restore_audience"),
    path("audiences/<int:audience_id>/profile/", when_published(tabs.profile), name="audience_profile"),
    path("audiences/<int:audience_id>/funnel/", when_published(tabs.funnel), name="audience_funnel"),
    path("audiences/<int:audience_id>/history/", when_published(tabs.history), name="audience_history"),
    path("audiences/<int:audience_id>/moved/", when_published(lists.Moved.as_view()), name="audience_moved"),
    path("audiences/<int:audience_id>/now/", when_published(tabs.now), name="audience_now"),
    path("audiences/<int:audience_id>/overlap/", when_published(tabs.overlap), name="audience_overlap"),
    path("audiences/<int:audience_id>/look-alikes/", when_published(tabs.lookalikes), name="audience_lookalikes"),
    path("audiences/<int:audience_id>/lists/", when_published(lists.lists), name="audience_lists"),
    path("audiences/<int:audience_id>/export/", when_published(exporting.export), name="audience_export"),
    path("rules/build/", building.rule_builder, name="rule_builder"),
    path("rules/names/", building.rule_names, name="rule_names"),
]
