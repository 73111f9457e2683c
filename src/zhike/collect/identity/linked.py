"""The work of linking within a refresh: which keys, of all sources, are one customer's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import ibis
import pyarrow as pa
from django.conf import settings
from ibis.expr.types import Table

from zhike.collect.identity.linking.deciding import joined_by_hand, kept_apart
from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.linkage import Before, Linked, link
from zhike.collect.identity.linking.model import GROUP, LEFT, RECORD_ID, RIGHT, Model
from zhike.collect.identity.linking.organisations import ORGANISATIONS
from zhike.collect.identity.linking.persons import PERSONS
from zhike.collect.identity.linking.workbench import Workbench
from zhike.collect.identity.measures import KEY, source_keys
from zhike.collect.identity.tables import (
    IDENTITY_DECISIONS,
    IDENTITY_MODELS,
    KEY_GROUPS,
    NORMALISED_RECORDS,
    RECORD_PAIRS,
)
from zhike.warehouse.entities import FACTS, SOURCE_RECORDS
from zhike.warehouse.steps import Inputs, Outputs, Refreshing

VERSION_OF_A_RECORD = (*KEY, "import_id", "row_number", "spelling")
OTHER = {LEFT: "_l", RIGHT: "_r"}  # what the columns of each end of a pair end with


@contextmanager
def group_keys(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """The group of every key, the pairs of records that were weighed, and the models by which they were."""
    with Workbench(refreshing.engine) as bench:
        named = source_keys(inputs[SOURCE_RECORDS], [inputs[fact] for fact in FACTS])
        in_order = ibis.row_number().over(order_by=list(KEY))
        keys = bench.keep(named.mutate(**{RECORD_ID: in_order}))
        decided = bench.keep(_by_number(inputs[IDENTITY_DECISIONS], keys))
        same = decided.filter(decided.is_same)
        apart = kept_apart(decided.filter(~decided.is_same), same, bench=bench)
        records = bench.keep(inputs[NORMALISED_RECORDS].join(keys, list(KEY)))
        memory = _Memory(refreshing, bench, keys, records)
        linked: dict[str, Linked] = {}
        for kind in (PERSONS, ORGANISATIONS) if settings.ZHIKE.linking else ():
            of_kind = records.filter(records.kind == kind.name)
            linked[kind.name] = link(
                of_kind, kind, bench=bench, before=memory.of(kind), apart=apart, as_of=inputs.as_of
            )
        yield {
            KEY_GROUPS: _groups(keys, linked, same, apart, bench),
            RECORD_PAIRS: _pairs(keys, linked, inputs[IDENTITY_DECISIONS]),
            IDENTITY_MODELS: refreshing.loaded(IDENTITY_MODELS, _models(linked)),
        }


@dataclass(frozen=True)
class _Memory:
    """What the refresh in force knows of the records that are still as they were."""

    refreshing: Refreshing
    bench: Workbench
    keys: Table
    records: Table

    def of(self, kind: Kind) -> Before | None:
        """What was found of one kind; None where nothing was."""
        models = self.refreshing.open_before(IDENTITY_MODELS)
        found = self.bench.engine.arrow(models.filter(models.kind == kind.name)).to_pylist()
        if not found:
            return None
        of_kind = self.records.filter(self.records.kind == kind.name)
        spelt = self.refreshing.open_before(NORMALISED_RECORDS).select(*VERSION_OF_A_RECORD)
        kept = self.bench.keep(of_kind.semi_join(spelt, list(VERSION_OF_A_RECORD)).select(RECORD_ID))
        pairs = self.refreshing.open_before(RECORD_PAIRS)
        numbered = _by_number(pairs.filter(pairs.kind == kind.name), self.keys)
        still = numbered.semi_join(kept.select(**{LEFT: kept[RECORD_ID]}), LEFT)
        still = still.semi_join(kept.select(**{RIGHT: kept[RECORD_ID]}), RIGHT)
        return Before(
            model=Model.from_json(found[0]["model"]),
            record_count=found[0]["record_count"],
            pairs=still,
            new=of_kind.anti_join(kept, RECORD_ID).select(RECORD_ID),
        )


def _by_number(pairs: Table, keys: Table) -> Table:
    """Pairs of keys with the numbers of both."""
    for number, end in OTHER.items():
        named = keys.select(**{f"{name}{end}": keys[name] for name in KEY}, **{number: keys[RECORD_ID]})
        pairs = pairs.join(named, [f"{name}{end}" for name in KEY]).drop(*(f"{name}{end}" for name in KEY))
    return pairs


def _by_key(pairs: Table, keys: Table) -> Table:
    """Pairs of numbers with the keys of both."""
    for number, end in OTHER.items():
        named = keys.select(**{f"{name}{end}": keys[name] for name in KEY}, **{number: keys[RECORD_ID]})
        pairs = pairs.join(named, number).drop(number)
    return pairs


def _groups(keys: Table, linked: Mapping[str, Linked], same: Table, apart: Table, bench: Workbench) -> Table:
    """Every key with the first key of its group; a key that no record has is a group of its own."""
    alone = keys.select(RECORD_ID, **{GROUP: keys[RECORD_ID]})
    for one in linked.values():
        alone = alone.anti_join(one.groups, RECORD_ID)
    found = alone
    for one in linked.values():
        found = found.union(one.groups.select(RECORD_ID, GROUP))
    found = joined_by_hand(bench.keep(found), same, apart, bench=bench)
    firsts = keys.select(**{GROUP: keys[RECORD_ID]}, group_source=keys.source, group_key=keys.customer_key)
    return keys.join(found, RECORD_ID).join(firsts, GROUP).select(*KEY, "group_source", "group_key")


def _pairs(keys: Table, linked: Mapping[str, Linked], no_pairs: Table) -> Table:
    parts = [
        _by_key(one.pairs, keys).mutate(kind=ibis.literal(kind))
        for kind, one in linked.items()
        if one.pairs is not None
    ]
    if not parts:
        return no_pairs.filter(ibis.literal(False))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _models(linked: Mapping[str, Linked]) -> pa.Table:
    kept = [(kind, one.model.to_json(), one.record_count) for kind, one in linked.items() if one.model]
    columns = list(zip(*kept, strict=True)) or [(), (), ()]
    types = (pa.string(), pa.string(), pa.int64())
    arrays = [pa.array(column, of) for column, of in zip(columns, types, strict=True)]
    return pa.table(arrays, names=["kind", "model", "record_count"])
