"""From links between two to groups of many, with a guard against chains.

Linked records are put together as connected components. One wrong link would so merge two customers, and a shared
telephone a whole firm: a group that cannot be one customer loses its weakest links, until what is left can be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ibis.expr.types import Table

from zhike.collect.identity.linking.exact import CERTAIN, REGISTERED
from zhike.collect.identity.linking.model import GROUP, LEFT, RECORD_ID, RIGHT
from zhike.collect.identity.linking.workbench import Workbench

LARGEST = 200  # records of one customer, above which a group is a chain
# What a link must weigh to stay in a group that cannot be one customer, one round after the other.
ROUNDS: Sequence[float] = (8, 12, 16, 24, 32, CERTAIN, REGISTERED, math.inf)


def groups(records: Table, links: Table, apart: Table, *, bench: Workbench) -> Table:
    """The group of every record: `record_id` and `cluster_id`, the smallest record of the group.

    `links` has `record_id_l`, `record_id_r` and `match_weight`; `apart` the pairs that must not be in one group;
    `records` a `record_id` and the `identity` in which no two records of a group may differ (empty: in nothing).
    """
    found = bench.components(records.select(RECORD_ID), links)
    for least in ROUNDS:
        bad = bench.keep(_impossible(found, records, apart))
        if not bench.count(bad):
            break
        members = bench.keep(found.semi_join(bad, GROUP))
        left = _within(links.filter(links.match_weight >= least), members)
        again = bench.components(members.select(RECORD_ID), left)
        found = bench.keep(found.anti_join(bad, GROUP).union(again))
    return found


def _impossible(found: Table, records: Table, apart: Table) -> Table:
    """The groups that cannot be one customer."""
    known = found.join(records.select(RECORD_ID, "identity"), RECORD_ID)
    counted = known.group_by(GROUP).agg(size=known.count(), identities=known.identity.nunique())
    large = counted.filter((counted.size > LARGEST) | (counted.identities > 1)).select(GROUP)
    both = _with_groups(apart, found)
    return large.union(both.filter(both.group_l == both.group_r).select(**{GROUP: both.group_l})).distinct()


def _within(links: Table, members: Table) -> Table:
    """The links of which both ends are among these records."""
    both = _with_groups(links, members)
    return both.filter(both.group_l == both.group_r).select(LEFT, RIGHT, "match_weight")


def _with_groups(pairs: Table, found: Table) -> Table:
    left = found.select(**{LEFT: found[RECORD_ID]}, group_l=found[GROUP])
    right = found.select(**{RIGHT: found[RECORD_ID]}, group_r=found[GROUP])
    return pairs.join(left, LEFT).join(right, RIGHT)
