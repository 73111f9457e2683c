"""Steps of the refresh that find out which records, of all sources, are one customer's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import ibis
from django.conf import settings
from ibis.expr.types import Table

from zhike.collect.identity.decided import decided_pairs
from zhike.collect.identity.linked import VERSION_OF_A_RECORD, group_keys
from zhike.collect.identity.linking.model import RECORD_ID
from zhike.collect.identity.linking.workbench import Workbench
from zhike.collect.identity.measures import KEY, identity_map, moves, new_ids, possible_duplicates, redirects
from zhike.collect.identity.normalising.fields import SAID
from zhike.collect.identity.normalising.records import normalised
from zhike.collect.identity.tables import (
    CUSTOMER_IDS,
    CUSTOMER_MOVES,
    CUSTOMER_REDIRECTS,
    IDENTITY_DECISIONS,
    IDENTITY_MAP,
    IDENTITY_MODELS,
    KEY_GROUPS,
    NORMALISED_RECORDS,
    POSSIBLE_DUPLICATES,
    RECORD_PAIRS,
)
from zhike.warehouse.entities import FACTS, SOURCE_RECORDS
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step
from zhike.warehouse.versions import latest

# Another text as soon as `normalised` makes something else of the same record: all records are then spelt anew.
SPELLING = "1"


@contextmanager
def _decide(refreshing: Refreshing, _inputs: Inputs) -> Iterator[Outputs]:
    yield {IDENTITY_DECISIONS: refreshing.loaded(IDENTITY_DECISIONS, decided_pairs())}


@contextmanager
def _normalise(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """What was spelt for the refresh in force is taken over, as far as the records are the same."""
    region = settings.ZHIKE.country
    before = refreshing.open_before(NORMALISED_RECORDS)
    records = latest(SOURCE_RECORDS, inputs[SOURCE_RECORDS]).mutate(spelling=ibis.literal(f"{SPELLING} {region}"))
    kept = before.semi_join(records.select(*VERSION_OF_A_RECORD), list(VERSION_OF_A_RECORD))
    unknown = records.anti_join(before.select(*VERSION_OF_A_RECORD), list(VERSION_OF_A_RECORD))
    with Workbench(refreshing.engine) as bench:
        said = [name for name in SAID if name in SOURCE_RECORDS]
        new = unknown.select(*VERSION_OF_A_RECORD, *said, **{RECORD_ID: ibis.row_number().over(order_by=list(KEY))})
        new = bench.keep(new)
        if not bench.count(new):
            yield {NORMALISED_RECORDS: kept}
            return
        spelt = normalised(
            new.select(RECORD_ID, *_filled(new, said, bench)), key=RECORD_ID, region=region, keep=bench.keep
        )
        whole = spelt.join(new.select(RECORD_ID, *VERSION_OF_A_RECORD), RECORD_ID)
        yield {NORMALISED_RECORDS: kept.union(whole.select(*kept.columns))}


def _filled(records: Table, names: list[str], bench: Workbench) -> list[str]:
    """The columns that have any value: nothing has to be put together of the others."""
    [counts] = bench.engine.arrow(records.agg(**{name: records[name].count() for name in names})).to_pylist()
    return [name for name in names if counts[name]]


@contextmanager
def _move(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    before = refreshing.open_before(IDENTITY_MAP)
    moved = moves(inputs[IDENTITY_MAP], before, inputs[CUSTOMER_REDIRECTS], as_of=inputs.as_of)
    yield {CUSTOMER_MOVES: refreshing.open_before(CUSTOMER_MOVES).union(moved)}


STEPS = (
    Step(name="identity_decisions", reads=(), writes=(IDENTITY_DECISIONS,), works=_decide, by_shard=False),
    Step(
        name="normalised_records",
        reads=(SOURCE_RECORDS,),
        writes=(NORMALISED_RECORDS,),
        works=_normalise,
        by_shard=False,
    ),
    Step(
        name="key_groups",
        reads=(SOURCE_RECORDS, *FACTS, NORMALISED_RECORDS, IDENTITY_DECISIONS),
        writes=(KEY_GROUPS, RECORD_PAIRS, IDENTITY_MODELS),
        works=group_keys,
        by_shard=False,
    ),
    Step(
        name="customer_ids",
        reads=(KEY_GROUPS,),
        writes=(CUSTOMER_IDS,),
        compute=lambda inputs: {CUSTOMER_IDS: new_ids(inputs[KEY_GROUPS], inputs[CUSTOMER_IDS])},
        by_shard=False,
        allocates_customers=True,
    ),
    Step(
        name="identity_map",
        reads=(KEY_GROUPS, CUSTOMER_IDS),
        writes=(IDENTITY_MAP,),
        compute=lambda inputs: {IDENTITY_MAP: identity_map(inputs[KEY_GROUPS], inputs[CUSTOMER_IDS])},
        by_shard=False,
    ),
    Step(
        name="customer_redirects",
        reads=(CUSTOMER_IDS, IDENTITY_MAP),
        writes=(CUSTOMER_REDIRECTS,),
        compute=lambda inputs: {CUSTOMER_REDIRECTS: redirects(inputs[CUSTOMER_IDS], inputs[IDENTITY_MAP])},
        by_shard=False,
        redirects_customers=True,
    ),
    Step(
        name="customer_moves",
        reads=(IDENTITY_MAP, CUSTOMER_REDIRECTS),
        writes=(CUSTOMER_MOVES,),
        works=_move,
        by_shard=False,
    ),
    Step(
        name="possible_duplicates",
        reads=(RECORD_PAIRS, IDENTITY_MAP, IDENTITY_DECISIONS, NORMALISED_RECORDS),
        writes=(POSSIBLE_DUPLICATES,),
        compute=lambda inputs: {
            POSSIBLE_DUPLICATES: possible_duplicates(
                inputs[RECORD_PAIRS], inputs[IDENTITY_MAP], inputs[IDENTITY_DECISIONS], inputs[NORMALISED_RECORDS]
            )
        },
        by_shard=False,
    ),
)
