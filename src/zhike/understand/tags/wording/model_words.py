"""What stands behind a score or a segment that a model gave, as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.ui.templatetags.formats import number, round_money
from zhike.understand.value.words import MEASURES

MEASURE_OF = {"recency": "days_since_last", "frequency": "order_count", "monetary": "revenue_amount"}
BEHIND = ("recency", "frequency", "monetary", *MEASURE_OF.values())  # attributes that sentences are made of


def note_of(attribute: str, known: Mapping[str, Any]) -> str:
    """What an attribute was made of, for a customer with these attributes; empty for one that says it all itself."""
    if attribute == "segment" and known.get("segment"):
        return _segment(known)
    if attribute in MEASURE_OF and known.get(attribute) is not None:
        measure = MEASURE_OF[attribute]
        show = round_money if attribute == "monetary" else number
        return _("%(measure)s: %(value)s, which is in fifth %(score)s of 5") % {
            "measure": MEASURES[measure],
            "value": show(known.get(measure)),
            "score": number(known[attribute]),
        }
    return ""


def _segment(known: Mapping[str, Any]) -> str:
    count = int(known.get("order_count") or 0)
    words = ngettext(
        "recency %(recency)s and frequency %(frequency)s: last ordered %(days)s days ago, %(count)s order in all",
        "recency %(recency)s and frequency %(frequency)s: last ordered %(days)s days ago, %(count)s orders in all",
        count,
    )
    return words % {
        "recency": number(known.get("recency")),
        "frequency": number(known.get("frequency")),
        "days": number(known.get("days_since_last")),
        "count": number(count),
    }
