"""Every address, by the room that answers it."""

from __future__ import annotations

from django.urls import include, path, re_path

from zhike.config.api import addresses, no_such_address

urlpatterns = [
    path("api/v1/", addresses),
    re_path(r"^api/", no_such_address),
    path("", include("zhike.ui.urls")),
    path("", include("zhike.govern.access.urls")),
    path("", include("zhike.understand.customers.urls")),
    path("", include("zhike.understand.value.urls")),
    path("", include("zhike.understand.behaviour.urls")),
    path("", include("zhike.understand.propensity.urls")),
    path("", include("zhike.understand.affinity.urls")),
    path("", include("zhike.understand.offers.urls")),
    path("", include("zhike.understand.migration.urls")),
    path("", include("zhike.understand.retention.urls")),
    path("", include("zhike.understand.what_if.urls")),
    path("", include("zhike.understand.tags.urls")),
    path("", include("zhike.understand.audiences.urls")),
    path("", include("zhike.collect.duplicates.urls")),
    path("", include("zhike.collect.quality.urls")),
    path("", include("zhike.collect.sources.urls")),
    path("", include("zhike.operate.refreshes.urls")),
    path("", include("zhike.operate.jobs.urls")),
    path("", include("zhike.operate.monitoring.urls")),
]

handler400 = "zhike.ui.views.bad_request"
handler403 = "zhike.ui.views.forbidden"
handler404 = "zhike.ui.views.not_found"
handler500 = "zhike.ui.views.bug"
