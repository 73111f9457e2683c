"""Addresses of sources and imports."""

from __future__ import annotations

from django.urls import path

from zhike.collect.sources import views, wizard

urlpatterns = [
    path("data/imports/", views.Imports.as_view(), name="imports"),
    path("data/imports/<int:import_id>/", views.import_, name="import"),
    path("data/imports/<int:import_id>/rejects.csv", views.rejects, name="rejects"),
    path("data/import/", wizard.upload_file, name="import_file"),
    path("data/import/<uuid:upload_id>/mapping/", wizard.upload_mapping, name="upload_mapping"),
    path("data/import/<uuid:upload_id>/samples/", wizard.upload_samples, name="upload_samples"),
    path("data/import/<uuid:upload_id>/preview/", wizard.upload_preview, name="upload_preview"),
    path("data/import/<uuid:upload_id>/run/", wizard.run_upload, name="run_upload"),
    path("data/import/<uuid:upload_id>/discard/", wizard.remove_upload, name="discard_upload"),
    path("data/sources/", views.Sources.as_view(), name="sources"),
    path("data/new-source/", views.new_source, name="new_source"),
    path("data/sources/<slug:name>/", views.source, name="source"),
]
