"""Steps of the refresh that say which contracts will be renewed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS
from zhike.stats.lifetime.cells import Numbers
from zhike.understand.value.lifetime.fitting import intervals_of
from zhike.understand.value.renewals.fitting import (
    FittedRenewals,
    Holdout,
    Later,
    RenewalCounts,
    expected_of,
    fit_renewals,
    held_out,
    survival_of,
)
from zhike.understand.value.renewals.measures import (
    contracts_in_force,
    customer_renewals,
    renewal_counts,
    renewal_histories,
)
from zhike.understand.value.renewals.sums import YEARLY_RATE
from zhike.understand.value.renewals.tables import CUSTOMER_RENEWALS, RENEWAL_CELLS, RENEWAL_MODELS
from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import Contract
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

PLACES = 6
Group = tuple[str, int]  # line of business, months of a period


@contextmanager
def _fit(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """A model for each line of business and length of period, and what it says of every history there is."""
    contracts, engine, as_of = inputs[CUSTOMER_CONTRACTS], refreshing.engine, inputs.as_of
    year_ago = as_of - timedelta(days=365)
    now = renewal_histories(contracts, until=as_of)
    learnt = {group: (counts, fit_renewals(counts)) for group, counts in _counted(now, engine).items()}
    before = _counted(renewal_histories(contracts, until=year_ago, later_until=as_of), engine)
    models = [
        _model(group, counts, found, _held_out(before.get(group), group, year_ago))
        for group, (counts, found) in learnt.items()
    ]
    cells = engine.arrow(contracts_in_force(now).order_by([*KEYS, "renewed_count", "renewals_left"]))
    said = [
        _said(cells.filter(_of_group(cells, group)), group, found)
        for group, (_counts, found) in learnt.items()
        if found.is_used
    ]
    schema = ibis_schema(RENEWAL_CELLS).to_pyarrow()
    yield {
        RENEWAL_MODELS: refreshing.loaded(RENEWAL_MODELS, _rows(RENEWAL_MODELS, models)),
        RENEWAL_CELLS: refreshing.loaded(RENEWAL_CELLS, pa.concat_tables([schema.empty_table(), *said])),
    }


KEYS = ("line_of_business", "period_months")
LATER = ("renewals_left", "left_later", "premium", "paid_later")


def _counted(histories: Table, engine: Engine) -> dict[Group, RenewalCounts]:
    """The counts of each group, in order."""
    counted = renewal_counts(histories)
    by = [*KEYS, "renewed_count", "has_ended", "is_in_force", "renewals_left"]
    found = engine.arrow(counted.order_by([name for name in by if name in counted.columns]))
    groups = dict.fromkeys(zip(found[KEYS[0]].to_pylist(), found[KEYS[1]].to_pylist(), strict=True))
    return {group: _counts(found.filter(_of_group(found, group))) for group in groups}


def _counts(rows: pa.Table) -> RenewalCounts:
    return RenewalCounts(
        renewed=_numbers(rows, "renewed_count"),
        contracts=_numbers(rows, "contracts"),
        has_ended=_numbers(rows, "has_ended"),
        is_in_force=_numbers(rows, "is_in_force"),
        later=Later(*(_numbers(rows, name) for name in LATER)) if "left_later" in rows.column_names else None,
    )


def _of_group(rows: pa.Table, group: Group) -> pa.ChunkedArray:
    lines, lengths = (np.array(rows[name].to_pylist(), dtype=object) for name in KEYS)
    return pa.array(np.equal(lines, group[0]).astype(bool) & np.equal(lengths, group[1]).astype(bool))


def _held_out(before: RenewalCounts | None, group: Group, until: date) -> Holdout | None:
    return held_out(before, months=group[1], until=until.isoformat()) if before else None


def _model(group: Group, counts: RenewalCounts, found: FittedRenewals, judged: Holdout | None) -> dict[str, Any]:
    fit = found.fitted.fit if found.fitted else None
    ends = intervals_of(fit) if fit else {}
    told = {name: [value, *ends[name]] for name, value in fit.parameters.items()} if fit else {}
    survival = survival_of(counts.contracts_seen, found.fitted.model) if found.fitted else []
    return {
        "line_of_business": group[0],
        "period_months": group[1],
        "contract_count": round(found.contracts),
        "ended_count": round(found.ended),
        "is_used": found.is_used,
        "log_likelihood": round(fit.log_likelihood, PLACES) if fit else None,
        "parameters": json.dumps(told),
        "covariance": json.dumps(fit.covariance.tolist() if fit and fit.covariance is not None else None),
        "doubts": json.dumps([asdict(one) for one in found.doubts]),
        "survival": json.dumps([[round(number, PLACES) for number in one] for one in survival]),
        "holdout": json.dumps(asdict(judged) if judged else None),
    }


def _said(cells: pa.Table, group: Group, found: FittedRenewals) -> pa.Table:
    """Rows of `RENEWAL_CELLS`."""
    assert found.fitted is not None
    renewed, left = _numbers(cells, "renewed_count"), _numbers(cells, "renewals_left")
    said = expected_of(found.fitted.model, renewed, left, months=group[1], yearly_rate=YEARLY_RATE)
    for name, values in asdict(said).items():
        cells = cells.append_column(name, pa.array(np.round(values, PLACES)))
    return cells.select(RENEWAL_CELLS.column_names).cast(ibis_schema(RENEWAL_CELLS).to_pyarrow())


def _numbers(table: pa.Table, name: str) -> Numbers:
    return table[name].to_numpy().astype(np.float64)


def _rows(contract: Contract, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=ibis_schema(contract).to_pyarrow())


def _customers(inputs: Inputs) -> Outputs:
    histories = renewal_histories(inputs[CUSTOMER_CONTRACTS], until=inputs.as_of)
    found = customer_renewals(histories, inputs[RENEWAL_CELLS])
    return {CUSTOMER_RENEWALS: found.select(*CUSTOMER_RENEWALS.column_names)}


STEPS = (
    Step(
        name="renewal_models",
        reads=(CUSTOMER_CONTRACTS,),
        writes=(RENEWAL_MODELS, RENEWAL_CELLS),
        works=_fit,
        by_shard=False,
    ),
    Step(
        name="customer_renewals",
        reads=(CUSTOMER_CONTRACTS, RENEWAL_CELLS),
        writes=(CUSTOMER_RENEWALS,),
        compute=_customers,
    ),
)
