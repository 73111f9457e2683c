"""Why a customer has a tag: a code for the sentence, and the values it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from zhike.understand.tags.shipped import QUIET_AFTER

Summaries = Mapping[str, object]  # all columns of the customer's summaries and scores, those that there are
Borders = Mapping[str, tuple[float, ...]]  # measure → the four borders between the fifths


@dataclass(frozen=True)
class Reason:
    """A code that the page has a sentence for, and the values to put into it."""

    code: str
    values: Mapping[str, object]


def reason(tag: str, value: str, summaries: Summaries, borders: Borders) -> Reason:
    """Why the customer with these summaries has this value of a tag that comes with Zhike."""
    return REASONS[tag](value, summaries, borders)


def _some(summaries: Summaries, *names: str) -> dict[str, object]:
    return {name: summaries.get(name) for name in names}


def _segment(_value: str, summaries: Summaries, _borders: Borders) -> Reason:
    return Reason("rfm_segment", _some(summaries, "recency", "frequency", "days_since_last", "order_count"))


def _score(measure: str) -> Callable[[str, Summaries, Borders], Reason]:
    def reason(value: str, summaries: Summaries, borders: Borders) -> Reason:
        found = {"measure": measure, "score": int(value), "value": summaries.get(measure)}
        return Reason("rfm_score", found | {"borders": borders.get(measure, ())})

    return reason


def _contracts(value: str, summaries: Summaries, _borders: Borders) -> Reason:
    if value == "active":
        return Reason("contract_active", _some(summaries, "active_contract_count", "annual_premium_amount"))
    return Reason("contract_former", _some(summaries, "ended_contract_count", "last_terminated_on"))


def _active(_value: str, summaries: Summaries, _borders: Borders) -> Reason:
    last = {"order": summaries.get("last_ordered_on")}
    last |= {what: summaries.get(f"last_{what}_on") for what in ("event", "interaction", "response")}
    days = {what: day for what, day in last.items() if isinstance(day, date)}
    what = max(days, key=lambda name: days[name], default="")
    return Reason("recently_active", {"what": what, "on": days.get(what), "within_days": QUIET_AFTER.days})


REASONS: Mapping[str, Callable[[str, Summaries, Borders], Reason]] = {
    "rfm_segment": _segment,
    "rfm_recency": _score("days_since_last"),
    "rfm_frequency": _score("order_count"),
    "rfm_monetary": _score("revenue_amount"),
    "contract_holder": _contracts,
    "recently_active": _active,
}
