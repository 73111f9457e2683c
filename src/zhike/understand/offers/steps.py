"""Steps of the refresh that say what to offer each customer next."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.utils import timezone
from ibis.expr.types import Table
from pyroaring import BitMap

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS
from zhike.errors import UserError
from zhike.rules.bitmaps import members
from zhike.understand.affinity.together.tables import AFFINITY_RULES, BOUGHT_ITEMS
from zhike.understand.attributes.bitmaps import ids_of
from zhike.understand.attributes.tables import ATTRIBUTE_BITMAPS
from zhike.understand.offers.measures import (
    TOLD,
    activities,
    affinity_proposals,
    next_best_offers,
    offers_of_affinity,
    offers_of_rules,
    products_had,
    rule_proposals,
    with_chances,
)
from zhike.understand.offers.models import OfferRule
from zhike.understand.offers.product_tags import tagged_products, with_tags
from zhike.understand.offers.rule_base import condition_of, products_of, rules_in_force, tells_who
from zhike.understand.offers.tables import NEXT_BEST_OFFERS, OFFER_MEMBERS, OFFER_RULES
from zhike.understand.offers.trial import TRIAL
from zhike.understand.propensity.tables import PROPENSITIES
from zhike.understand.tags.computing.steps import TAGS_STEP
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
from zhike.understand.value.lifetime.tables import CUSTOMER_VALUE
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Contract
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.entities import PRODUCTS
from zhike.warehouse.files import filesystem, inner_path
from zhike.warehouse.queries import Published
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

logger = logging.getLogger("zhike.refresh")
MOST_OFFERS = 3  # nobody listens to a fourth
MOST_OF_PRODUCT = 10  # rules of what goes with one product: of three offers the tenth is never one


class RuleBaseGathering:
    """Asks the index of this refresh, tags and all, of whom each offer rule holds; one that means nothing any more is
    left out."""

    def __init__(self, refreshing: Refreshing) -> None:
        self._refreshing = refreshing
        self._items: tuple[dict[str, object], ...] = ()

    def beforehand(self, whole: Inputs) -> Mapping[str, Table]:
        """Nothing by customer; only which products there are."""
        engine = self._refreshing.engine
        items = engine.arrow(whole[BOUGHT_ITEMS].order_by("kind", "place")).to_pylist()
        self._items = with_tags(items, engine.arrow(tagged_products(whole[PRODUCTS])).to_pylist())
        return {}

    def compute(self, _inputs: Inputs) -> None:
        """Nothing: bitmaps are read as they are."""

    def write(self, _ranges: Iterator[tuple[int, pa.Table]]) -> Mapping[Contract, Sequence[str]]:
        """One file of the rules, and one for each range of customers."""
        found = self._found()
        files: dict[Contract, list[str]] = {OFFER_RULES: [], OFFER_MEMBERS: []}
        rows = [row for rule, _customers in found for row in self._rows(rule)]
        if rows:
            table = pa.Table.from_pylist(rows, schema=ibis_schema(OFFER_RULES).to_pyarrow())
            files[OFFER_RULES].append(self._written(OFFER_RULES, "rules", table))
        for first in self._refreshing.shards:
            table = _members(found, first)
            if table.num_rows:
                files[OFFER_MEMBERS].append(self._written(OFFER_MEMBERS, str(first), table))
        return files

    def _found(self) -> list[tuple[OfferRule, BitMap]]:
        """Each rule in force with the customers of whom it holds."""
        refreshing = self._refreshing
        index = index_of(
            Published(
                refresh_id=0,  # it is none yet
                as_of=refreshing.as_of,
                finished_at=timezone.now(),
                customer_count=refreshing.customer_count,
                next_customer_id=refreshing.next_customer_id,
                snapshots=refreshing.snapshots,
            )
        )
        found = []
        for rule in rules_in_force(refreshing.as_of):
            try:
                tree = condition_of(rule)
                if tells_who(tree):
                    logger.warning("offer rule left out", extra={"rule_id": rule.pk, "problem": "identifies"})
                else:
                    found.append((rule, members(tree, index)))
            except UserError as problem:  # it names what there is no more
                logger.warning("offer rule left out", extra={"rule_id": rule.pk, "problem": type(problem).__name__})
        return found

    def _rows(self, rule: OfferRule) -> Iterator[dict[str, object]]:
        for place, product in enumerate(products_of(rule.by, rule.values, self._items), start=1):
            yield {
                "rule_id": rule.pk,
                "rule": rule.name,
                "reason": rule.reason,
                "priority": rule.priority,
                "may_repeat": rule.may_repeat,
                "place": place,
                "item": product.item,
                "name": product.name,
            }

    def _written(self, contract: Contract, name: str, table: pa.Table) -> str:
        uri = self._refreshing.new_file(contract, name)
        pq.write_table(table, inner_path(uri), filesystem=filesystem(), compression="zstd", store_schema=False)
        return uri


def _members(found: Sequence[tuple[OfferRule, BitMap]], first: int) -> pa.Table:
    """The customers of one range, with each rule that holds of them."""
    span = BitMap(range(first, first + CUSTOMERS_PER_SHARD))
    parts = [(ids_of(customers & span), rule.pk) for rule, customers in found]
    ids = np.concatenate([np.zeros(0, np.int64), *(np.asarray(part, np.int64) for part, _rule in parts)])
    rules = np.repeat(np.array([rule for _part, rule in parts], np.int64), [len(part) for part, _rule in parts])
    order = np.lexsort([rules, ids])
    return pa.table({"customer_id": ids[order], "rule_id": rules[order]})


def _offers(inputs: Inputs) -> Outputs:
    had = products_had(inputs[CUSTOMER_ORDERS], inputs[CUSTOMER_CONTRACTS], as_of=inputs.as_of)
    rules = rule_proposals(inputs[OFFER_RULES])
    others = affinity_proposals(inputs[AFFINITY_RULES], most=MOST_OF_PRODUCT)
    # Twice as many, since rules may propose the same.
    offered = offers_of_rules(inputs[OFFER_MEMBERS], rules, had).union(
        offers_of_affinity(had, others, most=2 * MOST_OFFERS)
    )
    proposals = rules.select("number", *TOLD).union(others.select("number", *TOLD))
    best = next_best_offers(offered, proposals, most=MOST_OFFERS)
    found = with_chances(best, activities(inputs[CUSTOMER_VALUE], inputs[PROPENSITIES]))
    return {NEXT_BEST_OFFERS: found.select(*NEXT_BEST_OFFERS.column_names)}


STEPS = (
    TRIAL,
    Step(
        name="offer_rules",
        reads=(PRODUCTS, BOUGHT_ITEMS, *TAGS_STEP.reads, ATTRIBUTE_BITMAPS, TAGS, TAG_BITMAPS),
        writes=(OFFER_RULES, OFFER_MEMBERS),
        gathers=RuleBaseGathering,
    ),
    Step(
        name="next_best_offers",
        reads=(
            OFFER_RULES,
            OFFER_MEMBERS,
            AFFINITY_RULES,
            CUSTOMER_ORDERS,
            CUSTOMER_CONTRACTS,
            CUSTOMER_VALUE,
            PROPENSITIES,
        ),
        writes=(NEXT_BEST_OFFERS,),
        compute=_offers,
        shared={
            CUSTOMER_ORDERS: ("customer_id", "product_id", "ordered_on"),
            CUSTOMER_CONTRACTS: ("customer_id", "product_id", "started_on", "current_status"),
        },
    ),
)
