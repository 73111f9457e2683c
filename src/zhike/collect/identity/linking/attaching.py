"""Records without a name, as the guests of a shop leave them: whoever alone has their telephone or mailbox."""

from __future__ import annotations

import functools

import ibis
from ibis.expr.types import BooleanValue, Table

from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.model import GROUP, RECORD_ID
from zhike.collect.identity.linking.workbench import Workbench


def attached(found: Table, records: Table, kind: Kind, *, bench: Workbench) -> Table:
    """The groups, with every lone record that says only how to reach somebody in the group that alone is reached so.

    A telephone of two groups, as in a household, says nothing; if telephone and mailbox name different groups, neither
    does. Groups are then named by their smallest record again.
    """
    whole = bench.keep(found.join(records.select(RECORD_ID, "names", *kind.told_by, *kind.reached_by), RECORD_ID))
    nameless = _says_nothing_else(whole, kind)
    owners = _ways(whole.filter(~nameless), kind)
    owned = owners.group_by("way", "value").agg(groups=owners[GROUP].nunique(), owner=owners[GROUP].min())
    sizes = whole.group_by(GROUP).agg(size=whole.count())
    lone = whole.filter(nameless).semi_join(sizes.filter(sizes.size == 1), GROUP)
    told = _ways(lone, kind).join(owned.filter(owned.groups == 1), ["way", "value"])
    agreed = told.group_by(RECORD_ID).agg(first=told.owner.min(), last=told.owner.max())
    moved = agreed.filter(agreed.first == agreed.last).select(RECORD_ID, owner=agreed.first)
    joined = found.left_join(moved, RECORD_ID)
    placed = joined.select(RECORD_ID, group=joined.owner.fill_null(joined[GROUP]))
    return placed.mutate(**{GROUP: placed[RECORD_ID].min().over(group_by="group")}).drop("group")


def _says_nothing_else(records: Table, kind: Kind) -> BooleanValue:
    known = [records[name].notnull() for name in ("names", *kind.told_by)]
    return ~functools.reduce(lambda a, b: a | b, known)


def _ways(records: Table, kind: Kind) -> Table:
    """One row per way to reach somebody: `way`, `value`, the record and its group."""
    ways = []
    for name in kind.reached_by:
        known = records.filter(records[name].notnull())
        ways.append(known.select(RECORD_ID, GROUP, way=ibis.literal(name.partition("_")[0]), value=known[name]))
    return functools.reduce(lambda a, b: a.union(b), ways)
