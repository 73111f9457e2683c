"""Steps of the refresh that count who stays, how long, and what is known of why others leave."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import ibis
from ibis import _
from ibis.expr.types import Table

from zhike.collect.profiles.tables import (
    CUSTOMER_CONTRACTS,
    CUSTOMER_INTERACTIONS,
    CUSTOMER_ORDERS,
    CUSTOMER_RESPONSES,
    CUSTOMERS,
)
from zhike.understand.lifecycle.tables import ACTIVE_SPELLS
from zhike.understand.retention.measures import (
    CONTACT_DAYS,
    REASONED,
    YEAR,
    contacts_before,
    contract_stays,
    defections,
    presence_cohorts,
    presence_stays,
    retention_cohorts,
    stay_counts,
)
from zhike.understand.retention.tables import DEFECTION_REASONS, RETENTION_COHORTS, STAY_COUNTS
from zhike.warehouse.contracts import Contract
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

COHORT_YEARS = 3


def _with_unit(facts: Table, customers: Table) -> Table:
    units = customers.select(unit_of=customers.customer_id, unit_id=customers.unit_id.fill_null(""))
    kept = facts.drop("unit_id") if "unit_id" in facts.columns else facts
    return kept.inner_join(units, kept.customer_id == units.unit_of).drop("unit_of")


def _cohorts(inputs: Inputs) -> Outputs:
    customers = inputs[CUSTOMERS]
    # From the beginning of a quarter, so that none is cut.
    since = date(inputs.as_of.year - COHORT_YEARS, (inputs.as_of.month - 1) // 3 * 3 + 1, 1)
    orders = _with_unit(inputs[CUSTOMER_ORDERS].select("customer_id", "ordered_on"), customers)
    found = {
        "presence": presence_cohorts(
            _with_unit(inputs[ACTIVE_SPELLS], customers), as_of=inputs.as_of, by=("unit_id",), since=since
        ),
        "orders": retention_cohorts(orders, as_of=inputs.as_of, by=("unit_id",), since=since),
    }
    columns = ("unit_id", "cohort_on", "months_since", "customers", "retained")
    parts = [table.select(*columns, basis=ibis.literal(basis)) for basis, table in found.items()]
    return {RETENTION_COHORTS: _below(RETENTION_COHORTS, parts)}


@contextmanager
def _stays(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    contracts = contract_stays(inputs[CUSTOMER_CONTRACTS], as_of=inputs.as_of)
    presence = _with_unit(presence_stays(inputs[ACTIVE_SPELLS], as_of=inputs.as_of), inputs[CUSTOMERS])
    dimensions = ("unit_id", "line_of_business", "channel")
    with refreshing.engine.sharing(stay_counts(contracts, by=dimensions)) as (counts,):
        parts = [_grouped(counts, "contracts", one) for one in dimensions]
        parts.append(_grouped(stay_counts(presence, by=("unit_id",)), "presence", "unit_id"))
        yield {STAY_COUNTS: _below(STAY_COUNTS, parts)}


def _grouped(counts: Table, basis: str, dimension: str) -> Table:
    named = counts.mutate(group_name=counts[dimension].fill_null(""))
    summed = named.group_by("group_name", "duration").agg(events=_.events.sum(), censored=_.censored.sum())
    return summed.mutate(basis=ibis.literal(basis), grouped_by=ibis.literal(dimension))


def _reasons(inputs: Inputs) -> Outputs:
    customers, since = inputs[CUSTOMERS], inputs.as_of - YEAR
    left = defections(inputs[CUSTOMER_CONTRACTS], as_of=inputs.as_of, since=since)
    answered = inputs[CUSTOMER_RESPONSES]
    given = answered.filter(
        answered.kind.isin(REASONED) & answered.occurred_on.between(ibis.literal(since), ibis.literal(inputs.as_of))
    )
    found = {
        "ended": left,
        "contact": contacts_before(left, inputs[CUSTOMER_INTERACTIONS], days=CONTACT_DAYS),
        "response": given,
    }
    parts = [
        _with_unit(rows.select("customer_id", reason=rows.reason.fill_null("")), customers)
        .group_by("unit_id", "reason")
        .agg(count=_.count())
        .mutate(kind=ibis.literal(kind))
        for kind, rows in found.items()
    ]
    return {DEFECTION_REASONS: _below(DEFECTION_REASONS, parts)}


def _below(contract: Contract, parts: list[Table]) -> Table:
    """The rows of all parts, one below the other."""
    # A sum is of another type than what is added up, and of another where it was read back.
    same = [part.select(*contract.column_names).cast(ibis_schema(contract)) for part in parts]
    return same[0].union(*same[1:])


STEPS = (
    Step(
        name="retention_cohorts",
        reads=(CUSTOMERS, CUSTOMER_ORDERS, ACTIVE_SPELLS),
        writes=(RETENTION_COHORTS,),
        compute=_cohorts,
        by_shard=False,
    ),
    Step(
        name="stay_counts",
        reads=(CUSTOMERS, CUSTOMER_CONTRACTS, ACTIVE_SPELLS),
        writes=(STAY_COUNTS,),
        works=_stays,
        by_shard=False,
    ),
    Step(
        name="defection_reasons",
        reads=(CUSTOMERS, CUSTOMER_CONTRACTS, CUSTOMER_INTERACTIONS, CUSTOMER_RESPONSES),
        writes=(DEFECTION_REASONS,),
        compute=_reasons,
        by_shard=False,
    ),
)
