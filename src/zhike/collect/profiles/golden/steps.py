"""Steps of the refresh that bring the records of each customer together and make one golden record of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from django.db.models import F

from zhike.collect.identity.tables import CUSTOMER_REDIRECTS, IDENTITY_MAP, NORMALISED_RECORDS
from zhike.collect.profiles.fields import CORRECTABLE, priorities_of
from zhike.collect.profiles.golden.measures import corrections_in_force, customer_records, customers
from zhike.collect.profiles.measures import of_current_customers
from zhike.collect.profiles.models import Correction
from zhike.collect.profiles.tables import CORRECTIONS, CUSTOMER_RECORDS, CUSTOMERS, SOURCE_PRIORITIES
from zhike.collect.sources.models import Source
from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.entities import SOURCE_RECORDS
from zhike.warehouse.entity_parts import UNITS
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step
from zhike.warehouse.versions import latest

ENTERED = Contract(
    "scratch",
    "entered_corrections",
    "one correction in force",
    ("correction_id",),
    (
        Column("customer_id", Kind.INTEGER, "The customer it was made on."),
        Column("field", Kind.TEXT, "What was corrected."),
        Column("value", Kind.TEXT, "What it is since; empty where there is none any more."),
        Column("correction_id", Kind.INTEGER, "The correction."),
    ),
)
CORRECTED = pa.schema(
    {"customer_id": pa.int64(), "field": pa.string(), "value": pa.string(), "correction_id": pa.int64()}
)
PRIORITIES = pa.schema({"source": pa.string()} | dict.fromkeys(UNITS, pa.int64()))


@contextmanager
def _priorities(refreshing: Refreshing, _inputs: Inputs) -> Iterator[Outputs]:
    """Those of now, which the refresh goes by from here on."""
    rows = [{"source": source.name} | priorities_of(source.priority, source.field_priorities) for source in _sources()]
    yield {SOURCE_PRIORITIES: refreshing.loaded(SOURCE_PRIORITIES, pa.Table.from_pylist(rows, PRIORITIES))}


def _sources() -> Iterator[Source]:
    return Source.objects.order_by("name").iterator()


@contextmanager
def _corrections(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """Those in force now, each of the customer whom it was made on has become."""
    made = Correction.objects.filter(undone_at=None, field__in=CORRECTABLE).order_by("pk")
    said = made.values("customer_id", "field", value=F("after"), correction_id=F("pk"))
    entered = refreshing.loaded(ENTERED, pa.Table.from_pylist(list(said), CORRECTED))
    yield {CORRECTIONS: corrections_in_force(of_current_customers(entered, inputs[CUSTOMER_REDIRECTS]))}


def _records(inputs: Inputs) -> Outputs:
    records = latest(SOURCE_RECORDS, inputs[SOURCE_RECORDS])
    known = customer_records(records, inputs[IDENTITY_MAP], inputs[NORMALISED_RECORDS], as_of=inputs.as_of)
    return {CUSTOMER_RECORDS: known}


STEPS = (
    Step(name="source_priorities", reads=(), writes=(SOURCE_PRIORITIES,), works=_priorities, by_shard=False),
    Step(name="corrections", reads=(CUSTOMER_REDIRECTS,), writes=(CORRECTIONS,), works=_corrections, by_shard=False),
    Step(
        name="customer_records",
        reads=(SOURCE_RECORDS, IDENTITY_MAP, NORMALISED_RECORDS),
        writes=(CUSTOMER_RECORDS,),
        compute=_records,
        by_shard=False,
    ),
    Step(
        name="customers",
        reads=(CUSTOMER_RECORDS, SOURCE_PRIORITIES, CORRECTIONS),
        writes=(CUSTOMERS,),
        compute=lambda inputs: {
            CUSTOMERS: customers(inputs[CUSTOMER_RECORDS], inputs[SOURCE_PRIORITIES], inputs[CORRECTIONS])
        },
    ),
)
