"""The page of recency, frequency and monetary value."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhike.collect.profiles.words import line_in_words
from zhike.govern.access.actors import current_actor
from zhike.govern.organisation.queries import unit_of, units
from zhike.ui.navigation import Words
from zhike.ui.unpublished import when_published
from zhike.understand.value.distributions import distributions
from zhike.understand.value.lines import lines_of_business
from zhike.understand.value.queries import Segment, rfm_grid, rfm_segments
from zhike.understand.value.rfm_charts import (
    SHOWN,
    bars,
    borders_in_words,
    finding_in_words,
    heat_map,
    tagged_url,
)
from zhike.understand.value.segments import RULES, segmentation
from zhike.understand.value.words import SEGMENT_MARKS, SEGMENT_NOTES, SEGMENTS

AXES: dict[str, Words] = {
    "recency-frequency": gettext_lazy("Recency × frequency: who is leaving"),
    "monetary-frequency": gettext_lazy("Monetary × frequency: what they give"),
    "recency-monetary": gettext_lazy("Recency × monetary: what is leaving"),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks of the page; what it does not know counts as not asked."""

    axes: str
    show: str
    line: str
    unit: str

    @property
    def is_linked(self) -> bool:
        """A line of business is scored on its own, and nobody carries those scores as tags."""
        return not self.line


@require_safe
@when_published
def rfm(request: HttpRequest) -> HttpResponse:
    """The grid, the segments and the distributions behind them."""
    lines = lines_of_business()
    asked = _asked(request.GET, lines)
    where = {"unit": asked.unit or None, "line_of_business": asked.line or None}
    found = rfm_segments(**where)
    context = {
        "asked": asked,
        "found": found,
        "axes": AXES.items(),
        "shows": SHOWN.items(),
        "lines": [(line, line_in_words(line)) for line in lines],
        "all_units": units(),
        "asked_unit": unit_of(asked.unit),
        "window": settings.ZHIKE.rfm_window,
        "is_fixed": bool(settings.ZHIKE.rfm_bands),
    }
    if found.customers:
        y, _joint, x = asked.axes.partition("-")
        context |= {
            "finding": finding_in_words(found.finding),
            "heat": heat_map(rfm_grid(x=x, y=y, **where), asked.show, unit=asked.unit, is_linked=asked.is_linked),
            "segments": [_row(segment, asked) for segment in found.segments],
            "tag_url": f"{reverse('new_tag')}?{urlencode({'rule': segmentation()})}",
            "distributions": [
                {"chart": bars(one), "borders": borders_in_words(one), "name": one.measure.replace("_", "-")}
                for one in distributions(**where)
                if one.bins
            ],
        }
    return render(request, "value/rfm.html", context)


def _asked(query: QueryDict, lines: tuple[str, ...]) -> Asked:
    axes, show, line = query.get("axes", ""), query.get("show", ""), query.get("line", "")
    unit = query.get("unit", current_actor().unit)
    return Asked(
        axes=axes if axes in AXES else next(iter(AXES)),
        show=show if show in SHOWN else "customers",
        line=line if line in lines else "",
        unit=unit if unit_of(unit) else "",
    )


def _row(segment: Segment, asked: Asked) -> dict[str, object]:
    figures = segment.figures
    is_linked = asked.is_linked and figures.customers
    return {
        "title": SEGMENTS.get(segment.name, segment.name),
        "tone": SEGMENT_MARKS.get(segment.name, ""),
        "note": SEGMENT_NOTES.get(segment.name, ""),
        "figures": figures,
        "days": _rounded(figures.mean_days_since_last, 0),
        "orders": _rounded(figures.mean_orders, 1),
        "rule_url": f"{reverse('new_audience')}?{urlencode({'rule': RULES[segment.name]})}" if asked.is_linked else "",
        "url": tagged_url(("rfm_segment", segment.name), unit=asked.unit) if is_linked else "",
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
