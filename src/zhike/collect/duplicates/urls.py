"""Addresses of possible duplicates and decisions about who is who."""

from __future__ import annotations

from django.urls import path

from zhike.collect.duplicates import views

urlpatterns = [
    path("duplicates/", views.Duplicates.as_view(), name="duplicates"),
    path("duplicates/first/", views.first_two, name="first_two"),
    path("duplicates/<int:customer_id>/<int:other_id>/", views.two_customers, name="two_customers"),
    path("duplicates/<int:customer_id>/<int:other_id>/decide/", views.decide, name="decide_two"),
    path("customers/<int:customer_id>/records/", views.records, name="customer_records"),
    path("customers/<int:customer_id>/records/split/", views.split, name="split_customer"),
    path("decisions/", views.Decisions.as_view(), name="decisions"),
    path("decisions/<int:decision_id>/", views.decision, name="decision"),
    path("decisions/<int:decision_id>/undo/", views.undo, name="undo_decision"),
    path("decisions/<int:decision_id>/redo/", views.redo, name="redo_decision"),
]
