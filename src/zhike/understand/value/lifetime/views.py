"""The page of what buyers are expected to do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhike.govern.access.actors import current_actor
from zhike.govern.organisation.queries import unit_of, units
from zhike.ui.charts import Bars, Trend
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import number, round_money, share
from zhike.ui.unpublished import when_published
from zhike.understand.value.lifetime.fitting import CLASSES
from zhike.understand.value.lifetime.overview import Band, Best, Overview, ValueModel, lifetime_overview

NOTES: dict[str, Words] = {
    "bgnbd": gettext_lazy("Customers may leave after a repeat purchase."),
    "mbgnbd": gettext_lazy("Customers may leave after any purchase."),
    "gammagamma": gettext_lazy("How much a purchase brings."),
}
NAMES = {"bgnbd": "BG/NBD", "mbgnbd": "MBG/NBD", "gammagamma": "Gamma-Gamma"}


@require_safe
@when_published
def lifetime(request: HttpRequest) -> HttpResponse:
    """Who still buys, what is expected of the buyers in a year, and how far the model can be trusted."""
    asked = request.GET.get("unit", current_actor().unit)
    unit = asked if unit_of(asked) else ""
    found = lifetime_overview(unit=unit or None)
    context: dict[str, Any] = {"found": found, "all_units": units(), "asked_unit": unit_of(unit), "unit": unit}
    if found.used and found.customers:
        context |= {
            "finding": _finding(found),
            "alive": _alive(found, unit),
            "best": [_best(one, unit) for one in found.best],
            "models": [_model(one) for one in found.models],
            "holdout": _holdout(found.used),
            "judged": found.used.holdout,
            "doubts": [doubt.text for one in found.models if one.is_used for doubt in one.doubts],
        }
    return render(request, "value/lifetime.html", context)


def _finding(found: Overview) -> str:
    said = {
        "alive": number(round(found.alive)),
        "customers": number(found.customers),
        "purchases": number(round(found.purchases)),
    }
    if found.revenue is None:
        return (
            _("%(alive)s of %(customers)s buyers still buy; %(purchases)s purchases are expected within 52 weeks.")
            % said
        )
    return _(
        "%(alive)s of %(customers)s buyers still buy; %(purchases)s purchases worth %(revenue)s today"
        " are expected within 52 weeks."
    ) % (said | {"revenue": round_money(found.revenue)})


def _alive(found: Overview, unit: str) -> Bars:
    gone = sum(band.customers for band in found.bands if band.lower < 0.5)
    return Bars(
        finding=_("%(share)s of the buyers are likelier gone than not.") % {"share": share(gone / found.customers)},
        category=_("Chance of still buying"),
        measure=_("Customers"),
        labels=[f"{band.lower:.0%}–{band.lower + 0.1:.0%}" for band in found.bands],
        values=[band.customers for band in found.bands],
        links=[_customers(_of_band(band), unit) if band.customers else "" for band in found.bands],
    )


def _of_band(band: Band) -> str:
    upper = "" if band.lower >= 0.9 else f" and probability_alive < {band.lower + 0.1:.1f}"
    return f"probability_alive >= {band.lower:.1f}{upper}"


def _best(one: Best, unit: str) -> dict[str, object]:
    return {
        "found": one,
        "share": f"{one.share:.0%}",
        "url": _customers(f"expected_revenue_amount >= {one.from_amount:.4f}", unit),
    }


def _customers(rule: str, unit: str) -> str:
    asked = {"rule": rule, "sort": "-expected_revenue_amount", **({"unit_id": unit} if unit else {})}
    return f"{reverse('customers')}?{urlencode(asked)}"


def _model(one: ValueModel) -> dict[str, object]:
    parameters = [
        _("%(name)s %(value)s (%(low)s to %(high)s)")
        % {"name": of.name, "value": f"{of.value:.3f}", "low": _end(of.low), "high": _end(of.high)}
        for of in one.parameters
    ]
    return {"title": NAMES[one.name], "note": NOTES[one.name], "found": one, "parameters": parameters}


def _end(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _holdout(used: ValueModel) -> Trend | None:
    """Purchases expected and made in the hold-out, by how many repeat purchases came before."""
    if not used.holdout:
        return None
    classes = used.holdout["by_frequency"]
    off = used.holdout["predicted"] / used.holdout["actual"] - 1 if used.holdout["actual"] else None
    finding = (
        _("Nobody bought in the hold-out.")
        if off is None
        else _("It expected %(share)s fewer purchases than were made.") % {"share": share(-off)}
        if off < 0
        else _("It expected %(share)s more purchases than were made.") % {"share": share(off)}
    )
    return Trend(
        finding=finding,
        category=_("Repeat purchases before"),
        measure=_("Purchases each"),
        days=[f"{one['frequency']}{'+' if one['frequency'] == CLASSES else ''}" for one in classes],
        lines=[
            (_("Expected"), [round(one["predicted"], 2) for one in classes]),
            (_("Made"), [round(one["actual"], 2) for one in classes]),
        ],
    )
