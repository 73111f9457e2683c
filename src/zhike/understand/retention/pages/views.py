"""The page of who stays, how long, and why others leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhike.govern.access.actors import current_actor
from zhike.govern.organisation.queries import unit_of, units
from zhike.stats.survival.curves import Quantile
from zhike.stats.survival.flattening import Flattening
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import number, share
from zhike.ui.unpublished import when_published
from zhike.understand.retention.measures import CONTACT_DAYS
from zhike.understand.retention.pages.charts import HALF_YEAR, curves, group_name, pareto, survival, triangle
from zhike.understand.retention.pages.links import of_stays
from zhike.understand.retention.queries import Group, Staying, cohorts, reasons, staying
from zhike.warehouse.queries import published

BASES: dict[str, Words] = {
    "presence": gettext_lazy("Still there"),
    "orders": gettext_lazy("Ordered again"),
}
COHORTS: dict[str, Words] = {"quarter": gettext_lazy("by quarter"), "month": gettext_lazy("by month")}
STAYS: dict[str, Words] = {"contracts": gettext_lazy("Contracts"), "presence": gettext_lazy("Customers")}
GROUPS: dict[str, Words] = {
    "": gettext_lazy("all together"),
    "line_of_business": gettext_lazy("by line of business"),
    "channel": gettext_lazy("by channel"),
    "unit_id": gettext_lazy("by org unit"),
}
KINDS: dict[str, Words] = {
    "ended": gettext_lazy("How contracts ended"),
    "contact": gettext_lazy("What the last contact was about"),
    "response": gettext_lazy("What customers said"),
}


@require_safe
@when_published
def retention(request: HttpRequest) -> HttpResponse:
    """Cohorts, how long contracts and customers stay, and what is known of why they leave."""
    asked_unit = request.GET.get("unit", current_actor().unit)
    unit = asked_unit if unit_of(asked_unit) else ""

    def chosen(name: str, of: Mapping[str, Words]) -> str:
        return request.GET[name] if request.GET.get(name) in of else next(iter(of))

    basis, cohort, kind = chosen("basis", BASES), chosen("cohort", COHORTS), chosen("why", KINDS)
    found = cohorts(basis=basis, quarterly=cohort == "quarter", unit=unit or None)
    context: dict[str, Any] = {
        "all_units": units(),
        "unit": unit,
        "bases": BASES.items(),
        "basis": basis,
        "cohorts": COHORTS.items(),
        "cohort": cohort,
        "kinds": KINDS.items(),
        "kind": kind,
        "stays": STAYS.items(),
        "has_cohorts": bool(found),
    }
    if found:
        context["triangle"] = triangle(found, basis=basis, quarterly=cohort == "quarter", unit=unit)
        context["curves"] = curves(found)
    context |= _stays(chosen("stay", STAYS), request.GET.get("by", ""), unit)
    told = reasons(kind=kind, unit=unit or None)
    context |= {
        "contact_days": CONTACT_DAYS,
        "pareto": pareto(told, kind, unit=unit, as_of=published().as_of),
        "untold": sum(one.count for one in told if not one.reason),
        "told": sum(one.count for one in told if one.reason),
    }
    context["is_empty"] = not found and context["staying"].all is None
    return render(request, "retention/retention.html", context)


def _stays(basis: str, by: str, unit: str) -> dict[str, Any]:
    # Lines and channels are counted for the whole firm, and customers told apart by their unit only.
    possible = {
        name: words for name, words in GROUPS.items() if name in ("", "unit_id") or (basis == "contracts" and not unit)
    }
    by = by if by in possible else ""
    found = staying(basis=basis, by=by, unit=unit or None)
    context: dict[str, Any] = {"stay": basis, "by": by, "groups": possible.items(), "staying": found}
    if found.all is not None:
        context |= {
            "survival": survival(found, by),
            "rows": [_row(one, by) | _links(basis, by, one, unit) for one in (found.all, *found.groups)],
            "watershed": _watershed(found.all),
            "compared": _compared(found),
        }
    return context


def _row(one: Group, by: str) -> dict[str, Any]:
    median = one.curve.quantile()
    return {
        "title": group_name(by, one),
        "count": int(one.stays.customers),
        "left": int(one.stays.events.sum()),
        "after": [_after(one, months) for months in (HALF_YEAR, 12, 24)],
        "median": None if median.duration is None else round(median.duration, 1),
        "median_between": _between(median),
        "habit": _habit(one.habit),
    }


def _links(basis: str, by: str, one: Group, unit: str) -> dict[str, str]:
    everybody, left = of_stays(basis, by, one.name, unit)
    return {"url": everybody, "left_url": left}


def _after(one: Group, months: int) -> dict[str, str]:
    point = one.curve.after(float(months))
    if point is None:
        return {}
    between = {"low": share(point.interval.low), "high": share(point.interval.high)}
    return {"value": share(point.survival), "between": _("%(low)s to %(high)s") % between}


def _between(median: Quantile) -> str:
    """From when to when half may have left; empty where the curve does not fall so far."""
    if median.low is None:
        return ""
    low = number(round(median.low, 1))
    if median.high is None:
        return _("%(low)s or later") % {"low": low}
    return _("%(low)s to %(high)s") % {"low": low, "high": number(round(median.high, 1))}


def _habit(found: Flattening) -> str:
    """What is said of the hazard of leaving, month by month."""
    if found.since is not None and found.interval is not None:
        said = {
            "since": number(round(found.since) + 1),
            "low": number(round(found.interval.low) + 1),
            "high": number(round(found.interval.high) + 1),
        }
        if found.until is None:
            return _("from month %(since)s on (%(low)s to %(high)s)") % said
        until = number(round(found.until))
        return _("from month %(since)s (%(low)s to %(high)s) to month %(until)s") % {**said, "until": until}
    words = {
        "constant": _("as many leave in every month"),
        "rises": _("more leave later, not fewer"),
        "falls_on": _("fewer and fewer leave, all the time"),
        "seasonal": _("more and fewer leave by turns, like seasons"),
        "rises_again": _("fewer leave for a while, then more again"),
        "unsettled": _("fewer leave until too late to tell"),
        "too_few": _("too few left to tell"),
    }
    return words.get(found.verdict, "–")


def _watershed(one: Group) -> str:
    """Who leaves in a month of the first half year, and in one after; empty where nobody was watched so long."""
    durations, leaving = one.stays.durations, one.stays.events
    everybody = leaving + one.stays.censored
    early = float((everybody * durations.clip(max=HALF_YEAR)).sum())
    late = float((everybody * (durations - HALF_YEAR).clip(min=0)).sum())
    if not early or not late:
        return ""
    before = float(leaving[durations < HALF_YEAR].sum()) / early
    after = float(leaving[durations >= HALF_YEAR].sum()) / late
    return _("In a month of the first half year %(before)s leave, in one after it %(after)s.") % {
        "before": share(round(before, 4)),
        "after": share(round(after, 4)),
    }


def _compared(found: Staying) -> str:
    if found.log_rank is None:
        return ""
    p = found.log_rank.p
    shown = "< 0.001" if p < 0.001 else f"= {p:.3f}"
    said = _("Log-rank test of the groups: p %(p)s.") % {"p": shown}
    if found.proportional and found.proportional.p < 0.05:
        said += " " + _("How they differ changes with time: compare them at single months.")
    return said
