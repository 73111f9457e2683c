"""Steps of the refresh that say in which stage of life customers are, and how they move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS, CUSTOMERS
from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.counting.measures import run_counts, stage_flows, stage_given, stage_moves
from zhike.understand.lifecycle.measures import active_spells, given_by_month, lifecycle, stage_months, stage_runs
from zhike.understand.lifecycle.periods import last_complete
from zhike.understand.lifecycle.tables import (
    ACTIVE_SPELLS,
    LIFECYCLE,
    STAGE_FLOWS,
    STAGE_GIVEN,
    STAGE_MOVES,
    STAGE_RUNS,
)
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

ORDERS = ("customer_id", "ordered_on", "line_of_business", "amount")
CONTRACTS = (
    *("customer_id", "line_of_business", "started_on", "ends_on", "terminated_on", "current_status"),
    *("premium_amount", "premium_period", "annual_premium_amount"),
)


def _spells(inputs: Inputs) -> Outputs:
    return {ACTIVE_SPELLS: active_spells(inputs[CUSTOMER_ORDERS], inputs[CUSTOMER_CONTRACTS], as_of=inputs.as_of)}


def _runs(inputs: Inputs) -> Outputs:
    last = last_complete(inputs.as_of, "month")
    first = last - stages.HISTORY - 2 * stages.WINDOW + 1
    given = given_by_month(inputs[CUSTOMER_ORDERS], inputs[CUSTOMER_CONTRACTS], as_of=inputs.as_of, first=first)
    months = stage_months(inputs[ACTIVE_SPELLS], given, as_of=inputs.as_of, first=first)
    return {STAGE_RUNS: stage_runs(months, as_of=inputs.as_of)}


@contextmanager
def _moves(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    last = last_complete(inputs.as_of, "month")
    counted = run_counts(inputs[STAGE_RUNS], inputs[CUSTOMERS], last=last)
    with refreshing.engine.sharing(counted) as (counts,):
        yield {
            STAGE_MOVES: stage_moves(counts, last=last),
            STAGE_FLOWS: stage_flows(counts, last=last),
            STAGE_GIVEN: stage_given(counts, last=last),
        }


STEPS = (
    Step(
        name="active_spells",
        reads=(CUSTOMER_ORDERS, CUSTOMER_CONTRACTS),
        writes=(ACTIVE_SPELLS,),
        compute=_spells,
    ),
    Step(
        name="stage_runs",
        reads=(CUSTOMER_ORDERS, CUSTOMER_CONTRACTS, ACTIVE_SPELLS),
        writes=(STAGE_RUNS,),
        compute=_runs,
        shared={CUSTOMER_ORDERS: ORDERS, CUSTOMER_CONTRACTS: CONTRACTS},
    ),
    Step(
        name="lifecycle",
        reads=(CUSTOMERS, STAGE_RUNS),
        writes=(LIFECYCLE,),
        compute=lambda inputs: {LIFECYCLE: lifecycle(inputs[CUSTOMERS], inputs[STAGE_RUNS])},
    ),
    Step(
        name="stage_moves",
        reads=(STAGE_RUNS, CUSTOMERS),
        writes=(STAGE_MOVES, STAGE_FLOWS, STAGE_GIVEN),
        works=_moves,
        by_shard=False,
    ),
)
