"""Steps of the refresh that say what drives moves between stages of life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa

from zhike.collect.profiles.tables import (
    CUSTOMER_CONTRACTS,
    CUSTOMER_INTERACTIONS,
    CUSTOMER_MESSAGES,
    CUSTOMER_ORDERS,
    CUSTOMER_RESPONSES,
    CUSTOMERS,
)
from zhike.understand.lifecycle.tables import STAGE_RUNS
from zhike.understand.migration.drivers.bands import value_borders
from zhike.understand.migration.drivers.days import last_day, month_before
from zhike.understand.migration.drivers.measures import (
    added_cells,
    contacts_until,
    given_until,
    move_cells,
    move_starts,
    value_quarters,
)
from zhike.understand.migration.drivers.tables import MOVE_CELLS, MOVE_DRIVERS, MOVE_MODELS, MOVE_STARTS
from zhike.warehouse.contracts import Contract
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step


def _starts(inputs: Inputs) -> Outputs:
    month = month_before(inputs.as_of)
    day = last_day(month)
    given = given_until(inputs[CUSTOMER_ORDERS], inputs[CUSTOMER_CONTRACTS], day=day, as_of=inputs.as_of)
    contacts = contacts_until(
        inputs[CUSTOMER_INTERACTIONS], inputs[CUSTOMER_MESSAGES], inputs[CUSTOMER_RESPONSES], day=day
    )
    return {MOVE_STARTS: move_starts(inputs[STAGE_RUNS], given, contacts, month=month)}


@contextmanager
def _drivers(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """Counted by kinds of customers, of whom there are some thousands at most, however many customers there are."""
    # SciPy takes its time to load, which every other command is spared.
    from zhike.understand.migration.drivers.study import drivers_of

    starts = inputs[MOVE_STARTS]
    [quarters] = refreshing.engine.arrow(value_quarters(starts)).to_pylist()
    values = value_borders(list(quarters.values()))
    with refreshing.engine.sharing(move_cells(starts, inputs[CUSTOMERS], values=values)) as (cells,):
        models, found = drivers_of(refreshing.engine.arrow(added_cells(cells)).to_pylist())
        yield {
            MOVE_CELLS: cells,
            MOVE_MODELS: refreshing.loaded(MOVE_MODELS, _rows(MOVE_MODELS, models)),
            MOVE_DRIVERS: refreshing.loaded(MOVE_DRIVERS, _rows(MOVE_DRIVERS, found)),
        }


def _rows(contract: Contract, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=ibis_schema(contract).to_pyarrow())


STEPS = (
    Step(
        name="move_starts",
        reads=(
            *(STAGE_RUNS, CUSTOMER_ORDERS, CUSTOMER_CONTRACTS),
            *(CUSTOMER_INTERACTIONS, CUSTOMER_MESSAGES, CUSTOMER_RESPONSES),
        ),
        writes=(MOVE_STARTS,),
        compute=_starts,
    ),
    Step(
        name="move_drivers",
        reads=(MOVE_STARTS, CUSTOMERS),
        writes=(MOVE_CELLS, MOVE_MODELS, MOVE_DRIVERS),
        works=_drivers,
        by_shard=False,
    ),
)
