"""The page of what buyers are expected to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhike.collect.profiles.links import customers_url
from zhike.govern.access.actors import current_actor
from zhike.govern.organisation.queries import unit_of, units
from zhike.stats.proportions import Interval
from zhike.ui.charts import Bars, Trend
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import compact, day, number, round_money, share
from zhike.ui.unpublished import when_published
from zhike.understand.value.lifetime.fitting import CLASSES
from zhike.understand.value.lifetime.overview import Band, Best, Overview, ValueModel, lifetime_overview

NOTES: dict[str, Words] = {
    "bgnbd": gettext_lazy("Customers may leave after a repeat purchase."),
    "mbgnbd": gettext_lazy("Customers may leave after any purchase."),
    "gammagamma": gettext_lazy("How much a purchase brings."),
}
MOST_WEEKS = 104  # that a chart shows one by one
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
            "figures": _figures(found, unit),
            "holdout": _holdout(found.used),
            "judged": found.used.holdout,
            "judged_amounts": found.amounts.holdout if found.amounts else None,
            "tracking": tracking(found),
            "doubts": list(dict.fromkeys(doubt.text for one in found.models if one.is_used for doubt in one.doubts)),
        }
    return render(request, "value/lifetime.html", context)


def _finding(found: Overview) -> str:
    said = {
        "alive": number(round(found.alive)),
        "customers": number(found.customers),
        "purchases": number(round(found.purchases)),
    }
    if found.revenue is None:
        expected = (
            _("%(alive)s of %(customers)s buyers still buy; %(purchases)s purchases are expected within 52 weeks.")
            % said
        )
    else:
        expected = _(
            "%(alive)s of %(customers)s buyers still buy; %(purchases)s purchases worth %(revenue)s today"
            " are expected within 52 weeks."
        ) % (said | {"revenue": round_money(found.revenue)})
    off = _off(found.used.holdout) if found.used and found.used.holdout else ""
    return _("%(expected)s In the hold-out: %(off)s") % {"expected": expected, "off": off} if off else expected


def _figures(found: Overview, unit: str) -> list[dict[str, object]]:
    """Each sum with its interval, and the buyers it is a sum of."""
    url, of = _customers("probability_alive >= 0", unit), found.intervals
    shown: list[tuple[str, str, str]] = [
        (_("Buyers"), compact(found.customers), ""),
        (_("Still buy"), _whole(found.alive), between(of.alive, _whole)),
        (_("Purchases in 52 weeks"), _whole(found.purchases), between(of.purchases, _whole)),
    ]
    if found.revenue is not None:
        shown.append((_("Worth today"), round_money(found.revenue), between(of.revenue, round_money)))
    return [{"label": label, "value": value, "note": note, "url": url} for label, value, note in shown]


def _whole(value: float) -> str:
    return compact(round(value))


def between(found: Interval | None, show: Callable[[float], str]) -> str:
    """An interval as people read it; nothing where there is none."""
    if found is None:
        return ""
    return _("%(low)s to %(high)s") % {"low": show(found.low), "high": show(found.high)}


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
    return customers_url(rule, unit, sort="-expected_revenue_amount")


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
    return Trend(
        finding=_off(used.holdout),
        category=_("Repeat purchases before"),
        measure=_("Purchases each"),
        days=[f"{one['frequency']}{'+' if one['frequency'] == CLASSES else ''}" for one in classes],
        lines=[
            (_("Expected"), [round(one["predicted"], 2) for one in classes]),
            (_("As it came"), [round(one["actual"], 2) for one in classes]),
        ],
    )


def _off(judged: dict[str, Any]) -> str:
    """How far the purchases of the hold-out were missed."""
    if not judged["actual"]:
        return _("Nobody bought in the hold-out.")
    off = judged["predicted"] / judged["actual"] - 1
    if off < 0:
        return _("It expected %(share)s fewer purchases than were made.") % {"share": share(-off)}
    return _("It expected %(share)s more purchases than were made.") % {"share": share(off)}


def tracking(found: Overview) -> Trend | None:
    """Repeat purchases so far, made and expected, week by week; in steps of weeks where there are many."""
    weeks = found.tracking[:: -max(1, len(found.tracking) // MOST_WEEKS)][::-1]
    if len(weeks) < 2:
        return None
    last = weeks[-1]
    return Trend(
        finding=_("%(made)s repeat purchases were made by %(day)s; %(expected)s were expected.")
        % {"made": number(last.made), "day": day(last.ends_on), "expected": number(round(last.expected))},
        category=_("Week that ends on"),
        measure=_("Repeat purchases so far"),
        days=[day(one.ends_on) for one in weeks],
        lines=[
            (_("As it came"), [one.made for one in weeks]),
            (_("Expected: weeks learnt from"), [None if one.is_held_out else round(one.expected) for one in weeks]),
            (_("Expected: weeks not seen"), [round(one.expected) if one.is_held_out else None for one in weeks]),
        ],
    )
