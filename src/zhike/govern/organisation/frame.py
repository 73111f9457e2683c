"""What the frame of every page shows of the organisation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from zhike.govern.organisation.queries import unit_of, units


def scope(request: HttpRequest) -> dict[str, Any]:
    """The units one can look at, and the one that was chosen."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"units": SimpleLazyObject(units), "unit": unit_of(user.unit) if user.unit else None}
