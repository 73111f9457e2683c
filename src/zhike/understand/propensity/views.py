"""The page of who may leave, who has gone quiet, and who rose or fell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from zhike.collect.profiles.links import customers_url
from zhike.govern.access.actors import current_actor
from zhike.govern.organisation.queries import unit_of, units
from zhike.ui.charts import Bars, Trend
from zhike.ui.templatetags.formats import number, share
from zhike.ui.unpublished import when_published
from zhike.understand.propensity.measures import FEWEST, PERIOD, WINDOW
from zhike.understand.propensity.overview import Band, ChurnModel, ChurnOverview, churn_overview
from zhike.understand.propensity.rhythm.steps import FEWEST_CUSTOMERS
from zhike.understand.propensity.words import KINDS, TRENDS, reason_in_words

LIKELY = 0.5


@require_safe
@when_published
def churn(request: HttpRequest) -> HttpResponse:
    """Who may leave within 90 days and why, how far that can be relied on, and who broke with their own rhythm."""
    asked = request.GET.get("unit", current_actor().unit)
    unit = asked if unit_of(asked) else ""
    found = churn_overview(unit=unit or None)
    used = [one for one in found.models if one.is_used and one.scored]
    shown = next((one for one in used if one.name == request.GET.get("kind")), None) or max(
        used, key=lambda one: one.scored, default=None
    )
    context: dict[str, Any] = {
        "found": found,
        "all_units": units(),
        "unit": unit,
        "kinds": [(one.name, KINDS[one.name]) for one in used],
        "shown": shown,
        "finding": _finding(found, shown),
        "rhythm": _rhythm(found, unit),
        "trends": _trends(found, unit),
        "window": WINDOW,
        "half_year": 2 * WINDOW,
        "fewest": FEWEST,
        "fewest_rhythm": FEWEST_CUSTOMERS,
        "period": PERIOD,
        "models": [{"found": one, "title": KINDS[one.name]} for one in found.models],
    }
    if shown is not None:
        context |= {
            "links": {"scored": customers_url(f'churn_kind = "{shown.name}"', unit)},
            "expected_within": _within(shown),
            "bands": _bands(shown, unit),
            "reasons": _reasons(shown, unit),
            "calibration": _calibration(shown),
            "gains": _gains(shown),
        }
    return render(request, "propensity/churn.html", context)


def _finding(found: ChurnOverview, shown: ChurnModel | None) -> str:
    if shown is None:
        if found.rhythm.quiet:
            return _("%(quiet)s buyers have gone quiet against their own rhythm.") % {
                "quiet": number(found.rhythm.quiet)
            }
        return ""
    said = {"expected": number(round(shown.expected)), "customers": number(shown.scored), "days": WINDOW}
    if shown.name == "contract":
        return (
            _("%(expected)s of %(customers)s holders are expected to end a contract early within %(days)s days.") % said
        )
    return _("%(expected)s of %(customers)s active buyers are expected to order nothing within %(days)s days.") % said


def _within(shown: ChurnModel) -> str:
    of = shown.expected_interval
    return _("%(low)s to %(high)s") % {"low": number(round(of.low)), "high": number(round(of.high))}


def _bands(shown: ChurnModel, unit: str) -> Bars:
    bands = shown.bands[: _last_told(shown.bands)]
    return Bars(
        finding=_of_bands(bands),
        category=_("Chance of leaving"),
        measure=_("Customers"),
        labels=[f"{band.lower:.0%}–{band.lower + 0.1:.0%}" for band in bands],
        values=[band.customers for band in bands],
        links=[customers_url(_of_band(shown, band), unit) if band.customers else "" for band in bands],
    )


def _last_told(bands: Sequence[Band]) -> int:
    """How many bands are worth drawing: up to the likeliest customer, three at least."""
    return max(3, *(place for place, band in enumerate(bands, start=1) if band.customers))


def _of_bands(bands: Sequence[Band]) -> str:
    """How many are likely to leave; where nobody is likelier to leave than not, how many have more than the least."""
    likely = sum(band.customers for band in bands if band.lower >= LIKELY)
    if likely:
        return _("%(count)s customers are likelier to leave than to stay.") % {"count": number(likely)}
    above = sum(band.customers for band in bands[1:])
    said = {"count": number(above), "least": share(bands[1].lower)}
    return _("Nobody is likelier to leave than to stay; %(count)s have a chance of %(least)s or more.") % said


def _of_band(shown: ChurnModel, band: Band) -> str:
    upper = "" if band.lower >= 0.9 else f" and churn_probability < {band.lower + 0.1:.1f}"
    return f'churn_kind = "{shown.name}" and churn_probability >= {band.lower:.1f}{upper}'


def _reasons(shown: ChurnModel, unit: str) -> Bars:
    """Whom each main reason speaks of; who has none is not expected to leave more than others."""
    told = sorted((one for one in shown.reasons if one.name is not None), key=lambda one: -one.customers)
    labels = [reason_in_words(one.name, is_high=one.is_high) for one in told if one.name]
    return Bars(
        finding=_("Foremost: %(reason)s.") % {"reason": labels[0]} if labels else _("Nothing speaks for it"),
        category=_("Main reason"),
        measure=_("Customers"),
        labels=labels,
        values=[one.customers for one in told],
        links=[customers_url(f'churn_kind = "{shown.name}" and churn_reason = "{one.name}"', unit) for one in told],
        is_horizontal=True,
    )


def _calibration(shown: ChurnModel) -> Trend:
    """The chance that was predicted for each tenth of customers, and the share of it that left."""
    assert shown.judged is not None
    tenths = shown.judged["tenths"]
    expected, came = shown.judged["expected"], shown.judged_events
    return Trend(
        finding=_("%(expected)s were expected to leave, %(came)s did.")
        % {"expected": number(round(expected)), "came": number(came)},
        category=_("Tenth of the customers, likeliest to leave last"),
        measure=_("Share that leaves"),
        days=[str(one["number"]) for one in tenths],
        lines=[
            (_("Expected"), [one["predicted"] for one in tenths]),
            (_("Left"), [one["actual"] for one in tenths]),
        ],
        format="share",
    )


def _gains(shown: ChurnModel) -> Trend:
    """What share of all who left is found among those who seemed likeliest to."""
    assert shown.judged is not None
    gains = shown.judged["gains"]
    half = next(one for one in gains if round(one["share"], 1) == 0.5)
    return Trend(
        finding=_("The half that seemed likeliest held %(caught)s of those who left.")
        % {"caught": share(half["caught"])},
        category=_("Share of the customers, likeliest first"),
        measure=_("Share of those who left"),
        days=["0%", *(f"{one['share']:.0%}" for one in gains)],
        lines=[
            (_("By the model"), [0.0, *(one["caught"] for one in gains)]),
            (_("At random"), [0.0, *(one["share"] for one in gains)]),
        ],
        format="share",
    )


def _rhythm(found: ChurnOverview, unit: str) -> dict[str, object]:
    return {"url": customers_url("quiet_against_rhythm = yes", unit) if found.rhythm.quiet else ""}


def _trends(found: ChurnOverview, unit: str) -> Bars | None:
    counts = found.rhythm.trends
    if not sum(counts.values()):
        return None
    return Bars(
        finding=_("More than chance explains, %(falling)s fell and %(rising)s rose.")
        % {"falling": number(counts["falling"]), "rising": number(counts["rising"])},
        category=_("Trend"),
        measure=_("Customers"),
        labels=[TRENDS[name] for name in counts],
        values=list(counts.values()),
        links=[customers_url(f'trend = "{name}"', unit) if count else "" for name, count in counts.items()],
        is_horizontal=True,
    )
