"""Figures of operation, read from the database when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from zhike.operate.jobs.models import Job
from zhike.warehouse.models import CurrentRefresh


class OperationFigures(Collector):
    """Jobs by state, and how old and large the refresh in force is."""

    def collect(self) -> Iterable[Metric]:
        """The figures of this moment."""
        jobs = GaugeMetricFamily("zhike_jobs", "Background jobs by state", labels=["state"])
        counted = dict(Job.objects.values_list("state").annotate(Count("pk")))
        for state in Job.State.values:
            jobs.add_metric([state], counted.get(state, 0))
        yield jobs
        current = CurrentRefresh.objects.select_related("refresh").first()
        if current is not None and current.refresh.finished_at is not None:
            age = (timezone.now() - current.refresh.finished_at).total_seconds()
            yield GaugeMetricFamily("zhike_refresh_age_seconds", "Time since the refresh in force ended", age)
            yield GaugeMetricFamily("zhike_customers", "Customers in it", current.refresh.customer_count)
