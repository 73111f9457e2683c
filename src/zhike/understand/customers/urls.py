"""Addresses of customers, alone and as audiences."""

from __future__ import annotations

from django.urls import path

from zhike.ui.unpublished import when_published
from zhike.understand.customers import entering, fields, views

urlpatterns = [
    path("customers/", when_published(views.Customers.as_view()), name="customers"),
    path("customers/<int:customer_id>/", views.customer, name="customer"),
    path("customers/<int:customer_id>/timeline/", views.customer_timeline, name="customer_timeline"),
    path("customers/<int:customer_id>/fields/<slug:name>/", fields.field, name="customer_field"),
    path("corrections/<int:correction_id>/undo/", fields.undo, name="undo_correction"),
    path("customers/<int:customer_id>/relations/", entering.add_relation, name="add_relation"),
    path("relations/<int:relation_id>/remove/", entering.remove_relation, name="remove_relation"),
    path("relations/<int:relation_id>/restore/", entering.restore_removed_relation, name="restore_relation"),
    path("customers/<int:customer_id>/notes/", entering.write, name="write_note"),
    path("notes/<int:note_id>/remove/", entering.remove, name="remove_note"),
    path("notes/<int:note_id>/restore/", entering.restore, name="restore_note"),
    path("audiences/<int:audience_id>/", when_published(views.AudienceCustomers.as_view()), name="audience"),
]
