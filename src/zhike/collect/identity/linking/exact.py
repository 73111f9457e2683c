"""Records that are one customer's without weighing anything: all of a key agrees."""

from __future__ import annotations

import functools
from collections.abc import Collection

import ibis
from ibis.expr.types import Table

from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.model import LEFT, RECORD_ID, RIGHT

# The weights of links for which nothing had to be weighed.
CERTAIN, REGISTERED = 1_000.0, 2_000.0


def exact_links(records: Table, kind: Kind, columns: Collection[str]) -> Table:
    """The links of records that agree in all of a key: each to the first that has it, so n records have n - 1 links.

    With `match_weight`, that of a register's number above the others. What a key may lack must be lacking in both: one
    with and one without it are weighed like any other pair. Where two sure numbers are behind a key, it links nobody.
    """
    possible = [key for key in kind.exact if all(part in columns or part in kind.may_lack for part in key)]
    found = [_links(records, kind, key) for key in possible]
    if not found:
        nobody = records.filter(ibis.literal(False))
        return nobody.select(**{LEFT: nobody[RECORD_ID], RIGHT: nobody[RECORD_ID]}, match_weight=ibis.literal(CERTAIN))
    links = functools.reduce(lambda a, b: a.union(b), found)
    return links.group_by(LEFT, RIGHT).agg(match_weight=links.match_weight.max())


def _links(records: Table, kind: Kind, key: tuple[str, ...]) -> Table:
    is_register = key == kind.exact[0]
    known = records.filter([records[part].notnull() for part in key if part not in kind.may_lack])
    if is_register:
        known = known.filter(known.id_is_sure)  # without a check digit, a slip of the pen is another's number
    parts = {f"part_{place}": known[part].fill_null("") for place, part in enumerate(key)}
    sure = known.id_is_sure.ifelse(known.id_number, ibis.null("string"))
    keyed = known.select(RECORD_ID, **parts, sure=sure)
    alike = ibis.window(group_by=list(parts))
    firsts = keyed.mutate(
        **{LEFT: keyed[RECORD_ID].min().over(alike)},
        is_one=(keyed.sure.min().over(alike) == keyed.sure.max().over(alike)).fill_null(True),
    )
    links = firsts.filter((firsts[LEFT] != firsts[RECORD_ID]) & firsts.is_one)
    weight = ibis.literal(REGISTERED if is_register else CERTAIN)
    return links.select(LEFT, **{RIGHT: links[RECORD_ID]}, match_weight=weight)
