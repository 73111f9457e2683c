"""What people declared to be one customer, and never to be: their word goes before all evidence."""

from __future__ import annotations

from ibis.expr.types import Table

from zhike.collect.identity.linking.model import GROUP, LEFT, RECORD_ID, RIGHT
from zhike.collect.identity.linking.workbench import Workbench


def kept_apart(apart: Table, same: Table, *, bench: Workbench) -> Table:
    """The pairs that are never one, and with each those that follow from what was declared to be one.

    If A and B are one, and A and C never are, then B and C are not either. All tables have `record_id_l` and
    `record_id_r`.
    """
    apart, same = bench.keep(apart.select(LEFT, RIGHT)), bench.keep(same.select(LEFT, RIGHT))
    if not bench.count(apart) or not bench.count(same):
        return apart
    together = bench.components(_ends(same), same)
    known = apart
    for end in (LEFT, RIGHT):
        named = together.select(**{end: together[RECORD_ID]}, group=together[GROUP])
        members = together.select(member=together[RECORD_ID], group=together[GROUP])
        others = known.join(named, end).join(members, "group")
        other = RIGHT if end == LEFT else LEFT
        known = bench.keep(known.union(others.select(**{end: others.member, other: others[other]}).select(LEFT, RIGHT)))
    return bench.keep(known.distinct())


def joined_by_hand(found: Table, same: Table, apart: Table, *, bench: Workbench) -> Table:
    """The groups, with those put together of which records were declared to be one.

    Groups that would hold two records which never are one stay as they are: evidence that came later joined what
    decisions, each in its time, could not contradict.
    """
    left = found.select(**{LEFT: found[RECORD_ID]}, group_l=found[GROUP])
    right = found.select(**{RIGHT: found[RECORD_ID]}, group_r=found[GROUP])
    both = same.join(left, LEFT).join(right, RIGHT)
    edges = bench.keep(both.filter(both.group_l != both.group_r).select(**{LEFT: both.group_l, RIGHT: both.group_r}))
    if not bench.count(edges):
        return found
    whole = bench.components(_ends(edges), edges)
    moved = whole.select(group=whole[RECORD_ID], into=whole[GROUP])
    moved = bench.keep(moved.anti_join(_torn(found, moved, apart), "into"))
    joined = found.left_join(moved, found[GROUP] == moved.group)
    return bench.keep(joined.select(RECORD_ID, **{GROUP: joined.into.fill_null(joined[GROUP])}))


def _torn(found: Table, moved: Table, apart: Table) -> Table:
    """The wholes, `into`, of which two records are kept apart."""
    records = found.join(moved, found[GROUP] == moved.group)
    left = records.select(**{LEFT: records[RECORD_ID]}, into=records.into)
    right = records.select(**{RIGHT: records[RECORD_ID]}, into_r=records.into)
    both = apart.join(left, LEFT).join(right, RIGHT)
    return both.filter(both.into == both.into_r).select("into").distinct()


def _ends(pairs: Table) -> Table:
    return pairs.select(**{RECORD_ID: pairs[LEFT]}).union(pairs.select(**{RECORD_ID: pairs[RIGHT]})).distinct()
