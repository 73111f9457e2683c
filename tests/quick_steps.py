"""A refresh that asks for nothing that customers are expected to do: the steps of insight write tables without rows.

For tests of what lies below; what insight says is tested where it is, and in whole refreshes on either engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pyarrow as pa

from zhike.config import refresh
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

INSIGHT = (
    *refresh.LIFETIME,
    *refresh.RENEWALS,
    *refresh.LIFECYCLE,
    *refresh.MIGRATION,
    *refresh.RETENTION,
    *refresh.BEHAVIOUR,
    *refresh.LOYALTY,
    *refresh.PROPENSITY,
    *refresh.AFFINITY,
    *refresh.OFFERS,
)


@contextmanager
def _nothing(step: Step, refreshing: Refreshing, _inputs: Inputs) -> Iterator[Outputs]:
    empty = {contract: ibis_schema(contract).to_pyarrow().empty_table() for contract in step.writes}
    yield {contract: refreshing.loaded(contract, pa.table(rows)) for contract, rows in empty.items()}


STEPS = tuple(
    replace(step, reads=(), compute=None, gathers=None, works=partial(_nothing, step)) if step in INSIGHT else step
    for step in refresh.STEPS
)
