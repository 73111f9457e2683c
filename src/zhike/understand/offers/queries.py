"""Reads: the rule base, what of it a change would reach, and what customers are to be offered next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from ibis.expr.types import Table

from zhike.collect.profiles.named import current_customer, names_of
from zhike.collect.profiles.tables import CUSTOMERS
from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.text import text_of
from zhike.understand.affinity.found import items_bought
from zhike.understand.audiences.queries import count_audience
from zhike.understand.audiences.reading import own_units
from zhike.understand.offers.models import OfferRule
from zhike.understand.offers.product_tags import tagged_now, with_tags
from zhike.understand.offers.rule_base import Product, condition_of, products_of
from zhike.understand.offers.services import checked_condition, checked_values
from zhike.understand.offers.tables import NEXT_BEST_OFFERS, OFFER_TRIAL
from zhike.understand.tags.circles import rule_seen
from zhike.warehouse.queries import NothingPublished, Published, published, rows

SOURCES = ("rule", "affinity")


@dataclass(frozen=True)
class OfferRuleShown:
    """An offer rule: to whom, which products; `problem` says why it cannot be counted any more."""

    rule_id: int
    revision: int
    name: str
    reason: str
    rule: str
    by: str
    values: tuple[str, ...]
    products: tuple[Product, ...]  # in the order in which they are offered
    priority: int
    may_repeat: bool
    valid_from: date | None
    valid_until: date | None
    is_on: bool
    is_archived: bool
    made_by: str
    changed_at: datetime
    customers: int | None  # for whom the rule holds now
    problem: str


@dataclass(frozen=True)
class Offer:
    """A product to offer a customer, and why."""

    place: int
    item: str
    name: str
    source: str
    score: float | None
    score_low: float | None
    score_high: float | None
    activity: float | None
    activity_kind: str | None  # order or contract
    chance: float | None
    lift: float | None
    because: str | None  # the product that was bought
    rule_id: int | None
    rule: str | None
    reason: str | None


@dataclass(frozen=True)
class OffersOfProduct:
    """How many customers are to be offered a product: as the first of their offers, and by whom it is proposed."""

    item: str
    name: str
    customers: int
    first: int
    by_source: dict[str, int]


@dataclass(frozen=True)
class Trial:
    """Of customers who would have had an offer 90 days ago, how many bought it since, or the best-selling product."""

    learnt_until: date
    customers: int
    hits: int
    best_seller_hits: int


@dataclass(frozen=True)
class OffersOverview:
    """Of all customers asked for, how many have an offer, and of what."""

    customers: int
    of_customers: int
    by_source: dict[str, int]  # customers whose first offer is of it
    products: tuple[OffersOfProduct, ...]
    trial: Trial | None = None  # of all customers, whatever was asked for


@dataclass(frozen=True)
class Reach:
    """Whom an offer rule would reach, with what."""

    rule: str
    customers: int
    of_customers: int
    products: tuple[Product, ...]


def list_offer_rules(*, archived: bool = False) -> tuple[OfferRuleShown, ...]:
    """The offer rules by priority; or those that were archived. Raises Denied."""
    require(Right.SEE_CUSTOMERS)
    found = OfferRule.objects.select_related("made_by").filter(archived_at__isnull=not archived)
    items = _known_items()
    return tuple(_shown(rule, items) for rule in found)


def offer_rule(rule_id: int) -> OfferRuleShown:
    """One offer rule. Raises Denied, NotFound."""
    require(Right.SEE_CUSTOMERS)
    found = OfferRule.objects.select_related("made_by").filter(pk=rule_id).first()
    if found is None:
        raise NotFound(_("there is no offer rule %(id)s") % {"id": rule_id})
    return _shown(found, _known_items())


def reach_of(*, rule: str, by: str, values: Sequence[str]) -> Reach:
    """Whom such a rule would reach in the refresh in force, with which products.

    Raises as `save_offer_rule`, and NothingPublished.
    """
    require(Right.SEE_CUSTOMERS)
    tree = checked_condition(rule)
    counted = count_audience(tree)
    products = products_of(by, checked_values(by, values), _known_items())
    return Reach(text_of(tree), counted.count, counted.customers, products)


def offers_of(customer_id: int) -> tuple[Offer, ...]:
    """What a customer is to be offered next, the best first. Raises Denied, NothingPublished, NoSuchCustomer."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    current = current_customer(now, customer_id)
    found: list[dict[str, Any]] = now.rows_of(NEXT_BEST_OFFERS, current, limit=10)
    return tuple(map(_offer, sorted(found, key=lambda row: row["place"])))


def offers_overview() -> OffersOverview:
    """What the customers are to be offered, of the org unit that whoever acts looks at. Raises NothingPublished."""
    require(Right.SEE_CUSTOMERS)
    return _overview(published(), own_units())


def customers_offered(item: str, *, skip: int = 0, most: int) -> tuple[tuple[int, str, Offer], ...]:
    """The customers who are to be offered a product, with their names and why, the surest first.

    After the first `skip`, no more than `most`. Raises Denied, NothingPublished.
    """
    require(Right.SEE_CUSTOMERS)
    now = published()
    table = _offers_seen(now, own_units())
    some = table.filter(table["item"] == item)
    likely = some.chance.fill_null(some.score).fill_null(0.0)
    listed: list[dict[str, Any]] = rows(
        some.order_by(some.place, some.source.desc(), likely.desc(), some.customer_id).limit(most, offset=skip)
    )
    names = names_of(now, (row["customer_id"] for row in listed))
    return tuple(
        (row["customer_id"], names[row["customer_id"]].name, _offer(row))
        for row in listed
        if row["customer_id"] in names
    )


@lru_cache(maxsize=16)
def _overview(now: Published, units: tuple[str, ...] | None) -> OffersOverview:
    table = _offers_seen(now, units)
    by = table.group_by("item", "source")
    counted: list[dict[str, Any]] = rows(
        by.agg(name=table["name"].max(), customers=table.count(), first=(table.place == 1).cast("int64").sum())
    )
    products: dict[str, dict[str, Any]] = {}
    sources = dict.fromkeys(SOURCES, 0)
    for row in counted:
        sources[row["source"]] = sources.get(row["source"], 0) + row["first"]
        one = products.setdefault(
            row["item"], {"name": row["name"] or row["item"], "customers": 0, "first": 0, "by_source": {}}
        )
        one["customers"] += row["customers"]
        one["first"] += row["first"]
        one["by_source"][row["source"]] = row["customers"]
    listed = [OffersOfProduct(item, **one) for item, one in products.items()]
    listed.sort(key=lambda one: (-one.customers, one.item))
    everybody = _customers(now, units)
    tried: list[dict[str, Any]] = rows(now.table(OFFER_TRIAL))
    trial = Trial(**tried[0]) if tried else None
    return OffersOverview(sum(sources.values()), everybody, sources, tuple(listed), trial)


def _offers_seen(now: Published, units: tuple[str, ...] | None) -> Table:
    table = now.table(NEXT_BEST_OFFERS)
    if units is None:
        return table
    customers = now.table(CUSTOMERS)
    return table.semi_join(customers.filter(customers.unit_id.isin(units)), "customer_id")


def _customers(now: Published, units: tuple[str, ...] | None) -> int:
    if units is None:
        return now.customer_count
    customers = now.table(CUSTOMERS)
    [row] = rows(customers.filter(customers.unit_id.isin(units)).agg(count=customers.count()))
    return int(str(row["count"]))


def _offer(row: dict[str, Any]) -> Offer:
    shown = {name: row[name] for name in Offer.__dataclass_fields__}
    return Offer(**shown | {"name": row["name"] or row["item"]})


def _known_items() -> tuple[dict[str, Any], ...]:
    try:
        return with_tags(items_bought(published()), tagged_now())
    except NothingPublished:
        return ()


def _shown(rule: OfferRule, items: tuple[dict[str, Any], ...]) -> OfferRuleShown:
    customers, problem = None, ""
    tree = condition_of(rule)
    try:
        customers = count_audience(tree).count
    except UserError as error:  # nothing is computed yet, or it names what there is no more
        problem = str(error)
    return OfferRuleShown(
        rule_id=rule.pk,
        revision=rule.revision,
        name=rule.name,
        reason=rule.reason,
        rule=text_of(rule_seen(tree)),
        by=rule.by,
        values=tuple(rule.values),
        products=products_of(rule.by, rule.values, items),
        priority=rule.priority,
        may_repeat=rule.may_repeat,
        valid_from=rule.valid_from,
        valid_until=rule.valid_until,
        is_on=rule.is_on,
        is_archived=rule.archived_at is not None,
        made_by=str(rule.made_by or ""),
        changed_at=rule.changed_at,
        customers=customers,
        problem=problem,
    )
