"""Steps of the refresh that say who has gone quiet against their own rhythm, and who rose or fell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow as pa

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.stats.rhythm import fit_rhythm
from zhike.understand.propensity.rhythm.measures import gap_cells, purchase_gaps, rhythm
from zhike.understand.propensity.tables import PURCHASE_GAPS, RHYTHM, RHYTHM_MODEL
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

FEWEST_CUSTOMERS = 20  # with two gaps or more, from whom it can be learnt how regular buyers are


def model_of(cells: pa.Table) -> pa.Table:
    """The one row of `RHYTHM_MODEL` by the cells of their gaps; none where too few came back."""
    # In the order of the cells, so that engines add up alike.
    ordered = cells.sort_by("gap_count")
    gaps, customers, squares = (
        ordered[name].to_numpy().astype(np.float64) for name in ("gap_count", "customers", "squares")
    )
    rows = []
    if customers.sum() >= FEWEST_CUSTOMERS:
        found = fit_rhythm(gaps, squares, customers)
        rows = [
            {
                "shape": found.shape,
                "tail": float(f"{found.tail:.6g}"),
                "customers": round(customers.sum()),
                "gaps": round(customers @ gaps),
            }
        ]
    return pa.Table.from_pylist(rows, schema=ibis_schema(RHYTHM_MODEL).to_pyarrow())


@contextmanager
def _fit(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    cells = refreshing.engine.arrow(gap_cells(inputs[PURCHASE_GAPS]))
    yield {RHYTHM_MODEL: refreshing.loaded(RHYTHM_MODEL, model_of(cells))}


def _rhythm(inputs: Inputs) -> Outputs:
    found = rhythm(inputs[PURCHASE_GAPS], inputs[RHYTHM_MODEL])
    return {RHYTHM: found.select(*RHYTHM.column_names)}


STEPS = (
    Step(
        name="purchase_gaps",
        reads=(CUSTOMER_ORDERS,),
        writes=(PURCHASE_GAPS,),
        compute=lambda inputs: {PURCHASE_GAPS: purchase_gaps(inputs[CUSTOMER_ORDERS], as_of=inputs.as_of)},
    ),
    Step(name="rhythm_model", reads=(PURCHASE_GAPS,), writes=(RHYTHM_MODEL,), works=_fit, by_shard=False),
    Step(
        name="rhythm",
        reads=(PURCHASE_GAPS, RHYTHM_MODEL),
        writes=(RHYTHM,),
        compute=_rhythm,
    ),
)
