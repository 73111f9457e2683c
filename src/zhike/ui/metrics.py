"""What a monitoring system reads: how pages fare, and whatever else registered a collector."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.registry import REGISTRY, Collector

REQUEST_SECONDS = Histogram(
    "zhike_request_seconds",
    "Time to answer a request",
    ["method", "page", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10),
)

_collectors: list[Collector] = []


def add_collector(collector: Collector) -> None:
    """Adds figures that are read from the database when somebody asks."""
    _collectors.append(collector)


def exposition(*, is_multiprocess: bool) -> bytes:
    """All figures in Prometheus's text format; those of all server processes together."""
    registry = REGISTRY
    if is_multiprocess:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    text: bytes = generate_latest(registry)
    figures = CollectorRegistry()
    for collector in _collectors:
        figures.register(collector)
    return text + generate_latest(figures)
