"""The page of how customers behave."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from zhike.collect.profiles.links import customers_url
from zhike.collect.profiles.words import line_in_words
from zhike.govern.access.actors import current_actor
from zhike.govern.organisation.queries import unit_of, units
from zhike.ui.unpublished import when_published
from zhike.understand.behaviour import charts, selecting
from zhike.understand.behaviour.agents import Agents
from zhike.understand.behaviour.queries import Behaviour, LineUse, Repeat, behaviour
from zhike.understand.behaviour.tables import USES
from zhike.understand.behaviour.words import BOUGHT, REPEATS

MOST_ROWS = 30


@require_safe
@when_published
def behaviour_page(request: HttpRequest) -> HttpResponse:
    """Who comes back, what is held, who is insured, whose customers they are, and which lines are used."""
    asked = request.GET.get("unit", current_actor().unit)
    unit = asked if unit_of(asked) else ""
    found = behaviour(unit=unit or None)
    context: dict[str, Any] = {"found": found, "all_units": units(), "asked_unit": unit_of(unit), "unit": unit}
    if found.wallet:
        context |= {
            "finding": charts.lead(found),
            "repeats": [_repeat(one, found, unit) for one in found.repeats],
            "numbers": charts.number_chart(found.wallet, unit),
            "lines": [_line(one, unit) for one in found.wallet.lines[:MOST_ROWS]],
        }
        if len(found.wallet.lines) > 1 and found.wallet.users:
            context["gaps"] = charts.gap_chart(found.wallet, unit)
    if found.held:
        context["held"] = charts.held_chart(found.held, unit)
    if found.insured:
        context |= {
            "insured": charts.insured_chart(found.insured, unit),
            "family_only": customers_url(charts.FAMILY_ONLY, unit) if found.insured.family_only else "",
        }
    if found.agents:
        context["agents"] = _agents(found.agents, unit)
    return render(request, "behaviour/behaviour.html", context)


def _repeat(one: Repeat, found: Behaviour, unit: str) -> dict[str, object]:
    once = f"{selecting.first_bought(one.kind, one.every.since, one.every.until)} and {selecting.SECOND[one.kind]}"
    return {
        "title": REPEATS[one.kind],
        "bought": BOUGHT[one.kind],
        "kind": one.kind,
        "found": one,
        "chart": charts.repeat_chart(one, found, unit) if one.every.share is not None else None,
        "once": one.every.customers - one.every.repeaters,
        "again_url": customers_url(f"{once} is known", unit),
        "once_url": customers_url(f"{once} is unknown", unit),
    }


def _line(one: LineUse, unit: str) -> dict[str, object]:
    counts = [(getattr(one, use), customers_url(selecting.users_of(one.line, use), unit)) for use in USES]
    return {
        "found": one,
        "title": line_in_words(one.line),
        "counts": [{"count": count, "url": url if count else ""} for count, url in counts],
    }


def _agents(agents: Agents, unit: str) -> dict[str, object]:
    return {
        "found": agents,
        "finding": charts.agents_finding(agents),
        "left_url": customers_url("agent_left_on is known", unit),
        "most": [{"found": one, "url": charts.agent_url(one.agent_id, unit)} for one in agents.most],
    }
