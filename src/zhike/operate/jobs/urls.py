"""Addresses of background work."""

from __future__ import annotations

from django.urls import path

from zhike.operate.jobs import views

urlpatterns = [
    path("data/jobs/", views.Jobs.as_view(), name="jobs"),
    path("data/jobs/<int:job_id>/", views.job, name="job"),
    path("data/jobs/<int:job_id>/progress/", views.progress, name="job_progress"),
    path("data/jobs/<int:job_id>/cancel/", views.cancel, name="cancel_job"),
]
