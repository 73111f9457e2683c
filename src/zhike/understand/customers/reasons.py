"""Why a customer carries a tag, as a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import day, money, number
from zhike.understand.value.words import MEASURES, words_of

SIGNS: dict[str, Words] = {
    "order": gettext_lazy("an order"),
    "event": gettext_lazy("an event"),
    "interaction": gettext_lazy("an interaction"),
    "response": gettext_lazy("a response"),
}


def reason_in_words(code: str, values: Mapping[str, object]) -> str:
    """The reason of a tag; empty for one that has no words yet."""
    known = REASONS.get(code)
    return known(values) if known else ""


def _segment(values: Mapping[str, object]) -> str:
    count = int(str(values.get("order_count") or 0))
    words = ngettext(
        "Recency %(recency)s and frequency %(frequency)s: last ordered %(days)s days ago, %(count)s order in all.",
        "Recency %(recency)s and frequency %(frequency)s: last ordered %(days)s days ago, %(count)s orders in all.",
        count,
    )
    return words % {
        "recency": values.get("recency"),
        "frequency": values.get("frequency"),
        "days": _number(values, "days_since_last"),
        "count": count,
    }


def _active(values: Mapping[str, object]) -> str:
    count = int(str(values.get("active_contract_count") or 0))
    premium: object = values.get("annual_premium_amount")
    words = ngettext(
        "Holds %(count)s contract in force, for %(premium)s a year.",
        "Holds %(count)s contracts in force, for %(premium)s a year.",
        count,
    )
    return words % {"count": count, "premium": money(premium)}  # type: ignore[arg-type]


def _former(values: Mapping[str, object]) -> str:
    count = int(str(values.get("ended_contract_count") or 0))
    words = ngettext(
        "%(count)s contract has ended, none is in force.", "%(count)s contracts have ended, none is in force.", count
    )
    return words % {"count": count}


def _recently_active(values: Mapping[str, object]) -> str:
    return _("The last sign was %(what)s on %(day)s, within %(days)s days.") % {
        "what": words_of(SIGNS, values.get("what")),
        "day": day(values.get("on")),  # type: ignore[arg-type]
        "days": _number(values, "within_days"),
    }


def _score(values: Mapping[str, object]) -> str:
    show = money if values.get("measure") == "revenue_amount" else number
    return _("%(measure)s: %(value)s, which puts them in fifth %(score)s of 5.") % {
        "measure": words_of(MEASURES, values.get("measure")),
        "value": show(values.get("value")),  # type: ignore[arg-type]
        "score": values.get("score"),
    }


def _number(values: Mapping[str, object], name: str) -> str:
    return number(values.get(name))  # type: ignore[arg-type]


REASONS = {
    "rfm_segment": _segment,
    "contract_active": _active,
    "contract_former": _former,
    "recently_active": _recently_active,
    "rfm_score": _score,
}
