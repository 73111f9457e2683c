"""The trial of what is offered without a rule: learnt from the time before, judged by what was bought since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pyarrow as pa

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS
from zhike.understand.affinity.together.measures import basket_counts, pair_figures, purchases
from zhike.understand.affinity.together.steps import FEWEST, MOST_ITEMS, MOST_PAIRS, rules_of_pairs
from zhike.understand.affinity.together.tables import AFFINITY_RULES, BOUGHT_ITEMS
from zhike.understand.offers.measures import (
    affinity_proposals,
    best_sellers,
    bought_between,
    offers_of_affinity,
    offers_of_rules,
    products_had,
    trial_hits,
)
from zhike.understand.offers.tables import OFFER_TRIAL
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

DAYS = 90  # in which an offer is bought, or is not
MOST_OF_PRODUCT = 10


@contextmanager
def _trial(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """The first offer of each customer as it would have been 90 days ago, beside the best-selling product."""
    engine, until = refreshing.engine, inputs.as_of - timedelta(days=DAYS)
    orders, contracts = inputs[CUSTOMER_ORDERS], inputs[CUSTOMER_CONTRACTS]
    items = inputs[BOUGHT_ITEMS]
    items = items.filter((items.kind == "product") & (items.place <= MOST_ITEMS))
    known = engine.arrow(items.agg(items=items.count(), every=items.every.max())).to_pylist()[0]
    schema = ibis_schema(OFFER_TRIAL).to_pyarrow()
    if not known["items"]:
        yield {OFFER_TRIAL: refreshing.loaded(OFFER_TRIAL, schema.empty_table())}
        return
    counts = basket_counts(purchases(orders, contracts, as_of=until), items)
    counts = counts.filter((counts.basket == "customer") & (counts.kind == "product"))
    pairs = pair_figures(counts, items, fewest=FEWEST, most=MOST_PAIRS, most_of_line=1, lines=1)
    found = engine.arrow(pairs.filter(pairs.scope == "").order_by("item", "other_item"))
    rules = rules_of_pairs(found, {("product", ""): known["items"]})
    proposals = affinity_proposals(refreshing.loaded(AFFINITY_RULES, rules), most=MOST_OF_PRODUCT)
    orders, contracts = (one.filter(one.customer_id % known["every"] == 0) for one in (orders, contracts))
    had = products_had(orders, contracts, as_of=until)
    offered = offers_of_affinity(had, proposals, most=1)
    members = offered.select("customer_id", rule_id=1)
    best = offers_of_rules(members, best_sellers(had), had)
    later = bought_between(orders, contracts, after=until, until=inputs.as_of)
    [hits] = engine.arrow(trial_hits(offered, best, later)).to_pylist()
    rows = [{"learnt_until": until, **hits}] if hits["customers"] else []
    yield {OFFER_TRIAL: refreshing.loaded(OFFER_TRIAL, pa.Table.from_pylist(rows, schema=schema))}


TRIAL = Step(
    name="offer_trial",
    reads=(CUSTOMER_ORDERS, CUSTOMER_CONTRACTS, BOUGHT_ITEMS),
    writes=(OFFER_TRIAL,),
    works=_trial,
    by_shard=False,
)
