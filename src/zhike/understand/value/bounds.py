"""The borders between scores: fixed ones where the settings have them, else those of the fifths of the buyers."""

from __future__ import annotations

from django.conf import settings
from ibis.expr.types import Table

from zhike.understand.value.measures import fixed_bounds, rfm_bounds


def bounds_in_force(summary: Table) -> Table:
    """Four rows: the borders of recency, orders and revenue of some buyers."""
    bands = settings.ZHIKE.rfm_bands
    return fixed_bounds(summary, bands) if bands else rfm_bounds(summary)
