"""The page of which contracts are expected to be renewed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhike.collect.profiles.links import customers_url
from zhike.collect.profiles.measures import ENDED
from zhike.collect.profiles.words import line_in_words
from zhike.govern.access.actors import current_actor
from zhike.govern.organisation.queries import unit_of, units
from zhike.rules.text import text_of_text
from zhike.ui.charts import Bars, Trend
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import compact, number, round_money, share
from zhike.ui.unpublished import when_published
from zhike.understand.value.lifetime.views import between
from zhike.understand.value.renewals.measures import MONTHS
from zhike.understand.value.renewals.overview import Chances, Line, Renewals, renewals_overview

PERIODS: dict[int, Words] = {
    1: gettext_lazy("by the month"),
    3: gettext_lazy("by the quarter"),
    6: gettext_lazy("by half a year"),
    12: gettext_lazy("by the year"),
}
FEWEST_SHOWN = 5  # contracts at a renewal, below which a share says nothing


@require_safe
@when_published
def renewals(request: HttpRequest) -> HttpResponse:
    """How likely contracts are renewed, what premium that brings, and how far the models can be trusted."""
    asked = request.GET.get("unit", current_actor().unit)
    unit = asked if unit_of(asked) else ""
    found = renewals_overview(unit=unit or None)
    line = _asked_line(found, request.GET.get("line", ""))
    context: dict[str, Any] = {
        "found": found,
        "lines": [_shown(one, unit, is_asked=one is line) for one in found.lines if one.is_used],
        "unsaid": [_shown(one, unit, is_asked=one is line) for one in found.lines if not one.is_used],
        "all_units": units(),
        "asked_unit": unit_of(unit),
        "unit": unit,
    }
    if line:
        context |= {"line": _shown(line, unit, is_asked=True), "survival": _survival(line)}
    if found.customers:
        context |= {"finding": _finding(found), "bands": _bands(found, unit), "figures": _figures(found, unit)}
    return render(request, "value/renewals.html", context)


def _asked_line(found: Renewals, asked: str) -> Line | None:
    """The one that was asked for; without, the one with the most contracts that a model could be fitted to."""
    fitted = [one for one in found.lines if one.survival]
    return next((one for one in fitted if _key(one) == asked), fitted[0] if fitted else None)


def _key(one: Line) -> str:
    return f"{one.period_months}-{one.line_of_business}"


def _finding(found: Renewals) -> str:
    expected = _(
        "%(share)s of the contracts in force are expected to be there in a year; premium of %(premium)s is expected."
    ) % {"share": share(found.stay), "premium": round_money(found.premium)}
    judged = [one.holdout for one in found.lines if one.is_used and one.holdout]
    if not judged:
        return expected
    did = _(
        "%(expected)s Last year %(predicted)s contracts of the firm were expected to end early, and %(actual)s did."
    )
    return did % {
        "expected": expected,
        "predicted": number(round(sum(one.predicted for one in judged))),
        "actual": number(round(sum(one.actual for one in judged))),
    }


def _figures(found: Renewals, unit: str) -> list[dict[str, object]]:
    """Each sum with its interval, and the holders it is a sum of."""
    url = _customers("expected_premium_amount >= 0", unit)
    shown = [
        (_("Holders"), compact(found.customers), ""),
        (_("Contracts there in a year"), share(found.stay), between(found.stay_interval, share)),
        (_("Premium in 12 months"), round_money(found.premium), between(found.premium_interval, round_money)),
        (_("All premium to come"), round_money(found.ever), between(found.ever_interval, round_money)),
    ]
    return [{"label": label, "value": value, "note": note, "url": url} for label, value, note in shown]


def _bands(found: Renewals, unit: str) -> Bars:
    lowest = next((band for band in found.bands if band.customers), None)
    return Bars(
        finding=_("%(count)s holders are the likeliest to go: their chance of renewal is %(low)s to %(high)s.")
        % {"count": number(lowest.customers), "low": share(lowest.lower), "high": share(lowest.upper)}
        if lowest
        else _("All contracts in force run out before another renewal."),
        category=_("Chance of renewal"),
        measure=_("Customers"),
        labels=[f"{band.lower:.0%}–{band.upper:.0%}" for band in found.bands],
        values=[band.customers for band in found.bands],
        links=[_customers(_of_band(band), unit) if band.customers else "" for band in found.bands],
    )


def _of_band(band: Chances) -> str:
    upper = "" if band.upper == 1 else f" and renewal_probability < {band.upper:.2f}"
    return f"renewal_probability >= {band.lower:.2f}{upper}"


def _customers(rule: str, unit: str) -> str:
    return customers_url(rule, unit, sort="-expected_premium_amount")


def _holders(one: Line, unit: str, *, in_force: bool) -> str:
    """The holders of contracts of a line that are renewed so often."""
    periods = ", ".join(f'"{name}"' for name, months in MONTHS.items() if months == one.period_months)
    others = ", ".join(f'"{name}"' for name in ("single", *MONTHS))
    often = f"premium_period in ({periods})" if periods else f"premium_period not in ({others})"
    over = ", ".join(f'"{name}"' for name in ("pending", *ENDED))
    status = f" and current_status not in ({over})" if in_force else ' and current_status not in ("pending")'
    line = text_of_text(one.line_of_business)
    return _customers(f"ever(contracts where line_of_business = {line} and {often}{status})", unit)


def _survival(line: Line) -> Trend:
    """The share still there after each renewal, seen and by the model."""
    seen = [one for one in line.survival if one.contracts >= FEWEST_SHOWN] or list(line.survival[:1])
    last = seen[-1]
    return Trend(
        finding=_("%(share)s of the contracts are still there after %(count)s renewals; the model says %(modelled)s.")
        % {"share": share(last.share), "count": number(len(seen) - 1), "modelled": share(last.modelled)},
        category=_("Renewals"),
        measure=_("Share still there"),
        days=[number(place) for place in range(len(seen))],
        lines=[
            (_("Seen"), [round(one.share, 4) for one in seen]),
            (_("By the model"), [round(one.modelled, 4) for one in seen]),
        ],
        format="share",
    )


def _shown(one: Line, unit: str, *, is_asked: bool) -> dict[str, object]:
    asked = {"line": _key(one), **({"unit": unit} if unit else {})}
    parameters = [
        _("%(name)s %(value)s (%(low)s to %(high)s)")
        % {"name": of.name, "value": f"{of.value:.3g}", "low": _end(of.low), "high": _end(of.high)}
        for of in one.parameters
    ]
    return {
        "found": one,
        "title": line_in_words(one.line_of_business),
        "is_asked": is_asked,
        "period": PERIODS[one.period_months],
        "url": f"?{urlencode(asked)}" if one.survival else "",
        "parameters": parameters,
        "in_force_url": _holders(one, unit, in_force=True) if one.contracts else "",
        "seen_url": _holders(one, unit, in_force=False) if one.seen else "",
        "stay": between(one.stay_interval, share),
        "premium": between(one.premium_interval, round_money),
        "ever": between(one.ever_interval, round_money),
        "doubts": [doubt.text for doubt in one.doubts],
    }


def _end(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
