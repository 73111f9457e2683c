"""The address of the page."""

from __future__ import annotations

from django.urls import path

from zhike.understand.migration.pages.views import migration

urlpatterns = [path("insight/migration/", migration, name="migration")]
