"""The page of satisfaction and loyalty."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhike.collect.profiles.links import customers_url
from zhike.govern.access.actors import current_actor
from zhike.govern.organisation.queries import unit_of, units
from zhike.ui.unpublished import when_published
from zhike.understand.behaviour.loyalty import charts
from zhike.understand.behaviour.loyalty.queries import loyalty_overview
from zhike.understand.behaviour.loyalty.tables import LEVELS
from zhike.understand.behaviour.loyalty.words import LEVEL_NOTES, LEVEL_WORDS


@require_safe
@when_published
def loyalty_page(request: HttpRequest) -> HttpResponse:
    """How loyal customers act, how satisfied they say they are, and who of the satisfied left all the same."""
    asked = request.GET.get("unit", current_actor().unit)
    unit = asked if unit_of(asked) else ""
    found = loyalty_overview(unit=unit or None)
    context: dict[str, Any] = {"found": found, "all_units": units(), "asked_unit": unit_of(unit), "unit": unit}
    if found.customers:
        context |= {
            "finding": charts.finding(found),
            "levels": charts.levels(found, unit),
            "notes": [(LEVEL_WORDS[level], LEVEL_NOTES[level]) for level in LEVELS],
        }
    if found.answered:
        context["matrix"] = charts.matrix(found, unit)
    if found.recommending:
        context |= {
            "recommending": found.recommending,
            "net": f"{100 * found.recommending.net:+.0f}".replace("-", "−"),
            "promoters_url": customers_url(charts.PROMOTERS, unit) if found.recommending.promoters.count else "",
            "detractors_url": customers_url(charts.DETRACTORS, unit) if found.recommending.detractors.count else "",
        }
    return render(request, "behaviour/loyalty.html", context)
