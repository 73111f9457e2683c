"""The tags that come with Zhike, until there is a rule language to write them in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import ibis
from ibis.expr.types import Table

from zhike.understand.value.tables import ACTIVITY_SUMMARY, CONTRACT_SUMMARY, ORDER_SUMMARY, RFM
from zhike.warehouse.steps import Inputs

QUIET_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class Tag:
    """A named statement about customers; `compute` gives `customer_id` and `value`."""

    name: str
    title: str
    title_zh: str
    doc: str
    compute: Callable[[Inputs], Table]


def _rfm_segment(inputs: Inputs) -> Table:
    return inputs[RFM].select("customer_id", value="segment")


def _rfm_score(name: str) -> Callable[[Inputs], Table]:
    def compute(inputs: Inputs) -> Table:
        scores = inputs[RFM]
        return scores.select("customer_id", value=scores[name].cast("string"))

    return compute


def _contract_holder(inputs: Inputs) -> Table:
    # Who has only contracts that have yet to begin, or are suspended, is neither.
    summary = inputs[CONTRACT_SUMMARY]
    value = ibis.cases((summary.active_contract_count > 0, "active"), (summary.ended_contract_count > 0, "former"))
    return summary.select("customer_id", value=value).filter(ibis._.value.notnull())


def _recently_active(inputs: Inputs) -> Table:
    since = ibis.literal(inputs.as_of - QUIET_AFTER)
    orders, activity = inputs[ORDER_SUMMARY], inputs[ACTIVITY_SUMMARY]
    ordered = orders.filter(orders.last_ordered_on > since).select("customer_id")
    last = [activity.last_event_on, activity.last_interaction_on, activity.last_response_on]
    is_active = functools.reduce(lambda a, b: a | b, ((day > since).fill_null(False) for day in last))
    active = activity.filter(is_active).select("customer_id")
    return ordered.union(active).distinct().mutate(value=ibis.literal("yes"))


SHIPPED = (
    Tag("rfm_segment", "RFM segment", "RFM客群", "Segment of recency and frequency among all buyers.", _rfm_segment),
    Tag("rfm_recency", "RFM recency", "RFM最近一次", "5: among the fifth that ordered last.", _rfm_score("recency")),
    Tag(
        "rfm_frequency",
        "RFM frequency",
        "RFM频次",
        "5: among the fifth with the most orders.",
        _rfm_score("frequency"),
    ),
    Tag(
        "rfm_monetary",
        "RFM monetary",
        "RFM金额",
        "5: among the fifth with the most revenue.",
        _rfm_score("monetary"),
    ),
    Tag("contract_holder", "Contract holder", "合约持有人", "Holds a contract in force, or did.", _contract_holder),
    Tag(
        "recently_active",
        "Recently active",
        "近期活跃",
        "Ordered, did something, talked to us or answered in the last 90 days.",
        _recently_active,
    ),
)
