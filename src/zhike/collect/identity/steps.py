"""The identity map: which customer each key of each source is.

For now every key is a customer of its own; linking records will replace this step and no other.
"""

from __future__ import annotations

import functools

import ibis
from ibis.expr.types import Table

from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.entities import FACTS, SOURCE_RECORDS
from zhike.warehouse.steps import Inputs, Outputs, Step

IDENTITY_MAP = Contract(
    namespace="computed",
    name="identity_map",
    grain="one key of one source",
    key=("source", "customer_key"),
    columns=(
        Column("source", Kind.TEXT, "Name of the source.", required=True),
        Column("customer_key", Kind.TEXT, "What the source calls the customer.", required=True, personal=True),
        Column("customer_id", Kind.INTEGER, "The customer: dense from 0, below 2³², never reused.", required=True),
    ),
    sorted_by=("customer_id",),
)


def source_keys(records: Table, facts: list[Table]) -> Table:
    """Every key of every source, once, whether a record or only a fact names it."""
    named = [records.select("source", "customer_key")]
    named += [fact.select(source=fact.customer_source, customer_key=fact.customer_key).distinct() for fact in facts]
    return functools.reduce(lambda a, b: a.union(b), named).distinct()


def new_customers(keys: Table, ledger: Table) -> Table:
    """A new customer_id for every key that has none, from the first free one up, in the order of the keys.

    The order of the keys, not of their arrival, decides: the same data get the same ids.
    """
    unknown = keys.anti_join(ledger, ["source", "customer_key"])
    first_free = ledger.customer_id.max().as_scalar().fill_null(-1) + 1
    in_order = ibis.window(order_by=["source", "customer_key"])
    return unknown.select("source", "customer_key", customer_id=ibis.row_number().over(in_order) + first_free)


def _compute(inputs: Inputs) -> Outputs:
    keys = source_keys(inputs[SOURCE_RECORDS], [inputs[fact] for fact in FACTS])
    return {IDENTITY_MAP: new_customers(keys, inputs[IDENTITY_MAP])}


STEPS = (
    Step(
        name="identity_map",
        reads=(SOURCE_RECORDS, *FACTS),
        writes=(IDENTITY_MAP,),
        compute=_compute,
        by_shard=False,
        allocates_customers=True,
    ),
)
