"""The step of the refresh that finds out what customers are to each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from django.db.models import F

from zhike.collect.identity.tables import CUSTOMER_REDIRECTS, IDENTITY_MAP, NORMALISED_RECORDS
from zhike.collect.profiles.models import Relation
from zhike.collect.profiles.relations import measures
from zhike.collect.profiles.relations.tables import CUSTOMER_RELATIONS, ENTERED_RELATIONS
from zhike.collect.profiles.tables import CONTRACT_PARTIES, CUSTOMER_RECORDS, CUSTOMERS
from zhike.warehouse.contracts import Kind
from zhike.warehouse.entities import RELATIONS
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step
from zhike.warehouse.versions import latest

TYPES = {Kind.TEXT: pa.string(), Kind.INTEGER: pa.int64(), Kind.DATE: pa.date32()}
SCHEMA = pa.schema({column.name: TYPES[column.kind] for column in ENTERED_RELATIONS})


@contextmanager
def _relations(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """Those that staff entered up to now, with all that the tables tell."""
    names = [name for name in ENTERED_RELATIONS.column_names if name != "relation_id"]
    live = Relation.objects.filter(removed_at=None).order_by("pk").values(*names, relation_id=F("pk"))
    entered = refreshing.loaded(ENTERED_RELATIONS, pa.Table.from_pylist(list(live), SCHEMA))
    identities = inputs[IDENTITY_MAP]
    told = [
        measures.stated_relations(latest(RELATIONS, inputs[RELATIONS]), identities),
        measures.entered_relations(entered, inputs[CUSTOMER_REDIRECTS]),
        measures.contract_relations(inputs[CONTRACT_PARTIES]),
        measures.employer_relations(inputs[CUSTOMERS]),
        measures.referral_relations(inputs[CUSTOMER_RECORDS], identities),
        measures.household_relations(inputs[NORMALISED_RECORDS], identities),
    ]
    yield {CUSTOMER_RELATIONS: measures.customer_relations(told)}


STEPS = (
    Step(
        name="customer_relations",
        reads=(
            *(RELATIONS, IDENTITY_MAP, CUSTOMER_REDIRECTS, NORMALISED_RECORDS),
            *(CUSTOMER_RECORDS, CUSTOMERS, CONTRACT_PARTIES),
        ),
        writes=(CUSTOMER_RELATIONS,),
        works=_relations,
        by_shard=False,
    ),
)
