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


def joined_by_hand(found: Table, same: Table, *, bench: Workbench) -> Table:
    """The groups, with those put together of which records were declared to be one."""
    left = found.select(**{LEFT: found[RECORD_ID]}, group_l=found[GROUP])
    right = found.select(**{RIGHT: found[RECORD_ID]}, group_r=found[GROUP])
    both = same.join(left, LEFT).join(right, RIGHT)
    edges = bench.keep(both.filter(both.group_l != both.group_r).select(**{LEFT: both.group_l, RIGHT: both.group_r}))
    if not bench.count(edges):
        return found
    whole = bench.components(_ends(edges), edges)
    moved = whole.select(group=whole[RECORD_ID], into=whole[GROUP])
    joined = found.left_join(moved, found[GROUP] == moved.group)
    return bench.keep(joined.select(RECORD_ID, **{GROUP: joined.into.fill_null(joined[GROUP])}))


def _ends(pairs: Table) -> Table:
    return pairs.select(**{RECORD_ID: pairs[LEFT]}).union(pairs.select(**{RECORD_ID: pairs[RIGHT]})).distinct()
