"""What is bought together, for machines."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from zhike.govern.access.problems import answers
from zhike.understand.affinity.found import affinity_rules

router = Router(tags=["affinity"])


class AffinityRuleShown(Schema):
    """Who bought the one also bought the other; `customers` is the rule for those who have only the one so far.

    `with_both`, `with_one` and `with_other` are the rules for who ever bought both, the one, the other.
    """

    item: str
    name: str
    other_item: str
    other_name: str
    count: int
    item_count: int
    other_count: int
    support: float
    confidence: float
    confidence_low: float
    confidence_high: float
    lift: float
    lift_low: float
    lift_high: float | None
    beyond: float
    amount: float
    customers: str
    with_both: str
    with_one: str
    with_other: str


class AffinityRules(Schema):
    """The rules of one kind of basket and of items, those with the most baskets beyond chance first."""

    basket: str
    kind: str
    line_of_business: str
    baskets: int
    every: int
    interval_level: float
    rules: list[AffinityRuleShown]


class WantedRules(Schema):
    """What is bought together: in one order or by one customer; which items; among the baskets of which line."""

    basket: Literal["order", "customer"] = "order"
    kind: Literal["product", "category", "line_of_business"] = "product"
    line_of_business: str = ""


@router.get("/affinity", response=answers(200, AffinityRules, 503))
def affinity(request: HttpRequest, wanted: Query[WantedRules]) -> dict[str, Any]:
    """What is bought together, with confidence, lift and their intervals. Without a rule, the list is empty."""
    found = affinity_rules(basket=wanted.basket, kind=wanted.kind, scope=wanted.line_of_business)
    of_scope = found if found and found.choice.scope == wanted.line_of_business else None
    return {
        **wanted.model_dump(),
        "baskets": of_scope.baskets if of_scope else 0,
        "every": of_scope.every if of_scope else 1,
        "interval_level": of_scope.interval_level if of_scope else 0.95,
        "rules": list(of_scope.rules) if of_scope else [],
    }
