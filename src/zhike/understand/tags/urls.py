"""Addresses of tags. What stands beside the name of a tag has a hyphen, which no name has."""

from __future__ import annotations

from django.urls import path

from zhike.understand.tags.pages import defining, reviewing, views
from zhike.understand.tags.pages import setting as setting_views

urlpatterns = [
    path("tags/", views.Tags.as_view(), name="tags"),
    path("tags/new-tag/", defining.new_tag, name="new_tag"),
    path("tags/preview-tag/", defining.preview, name="preview_tag"),
    path("tags/<slug:name>/", views.tag, name="tag"),
    path("tags/<slug:name>/file/", views.tag_file, name="tag_file"),
    path("tags/<slug:name>/why/", views.ask_why, name="ask_why"),
    path("tags/<slug:name>/edit/", defining.edit_tag, name="edit_tag"),
    path("tags/<slug:name>/versions/<int:number>/", defining.tag_version, name="tag_version"),
    path("tags/<slug:name>/versions/<int:number>/members/", defining.tag_version_members, name="tag_version_members"),
    path("tags/<slug:name>/versions/<int:number>/approve/", defining.approve, name="approve_tag"),
    path("tags/<slug:name>/versions/<int:number>/publish/", defining.publish, name="publish_tag"),
    path("tags/<slug:name>/versions/<int:number>/withdraw/", defining.withdraw, name="withdraw_tag"),
    path("tags/<slug:name>/retire/", defining.retire, name="retire_tag"),
    path("tags/<slug:name>/restore/", defining.restore, name="restore_tag"),
    path("tags/<slug:name>/rebuild/", defining.rebuild, name="rebuild_tag"),
    path("tags/<slug:name>/review/", reviewing.review, name="review_tag"),
    path("tags/<slug:name>/set/", setting_views.set_many, name="set_tag"),
    path("tags/<slug:name>/set/file/", setting_views.set_file, name="set_tag_file"),
    path("tags/<slug:name>/changes/<int:change_id>/undo/", setting_views.undo, name="undo_tag_change"),
    path("customers/<int:customer_id>/tags/", setting_views.set_one, name="set_tag_of"),
    path("customers/<int:customer_id>/tags/<slug:name>/", views.tag_of_customer, name="tag_of_customer"),
    path("customers/<int:customer_id>/tags/<slug:name>/unset/", setting_views.unset_one, name="unset_tag_of"),
]
