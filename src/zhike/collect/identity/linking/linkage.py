"""Linking records: exact keys first, then by the weight of the evidence, then groups with a guard against chains."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from zhike.collect.identity.linking.attaching import attached
from zhike.collect.identity.linking.blocking import training_rules, usable_keys, with_keys
from zhike.collect.identity.linking.exact import exact_links
from zhike.collect.identity.linking.grouping import groups
from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.model import GROUP, LEFT, RECORD_ID, RIGHT, Model
from zhike.collect.identity.linking.scoring import LINKED, score
from zhike.collect.identity.linking.training import learn
from zhike.collect.identity.linking.workbench import Workbench

MOST_SHARING = 12  # different names beside one telephone number, above which it is a switchboard's


@dataclass(frozen=True)
class Linked:
    """What linking found: tables that are there as long as the workbench."""

    model: Model | None  # no model and no pairs where there was nothing to compare
    pairs: Table | None  # record_id_l, record_id_r, match_weight, match_probability, levels, conflict
    groups: Table  # record_id, cluster_id


def link(records: Table, kind: Kind, *, bench: Workbench, model: Model | None = None) -> Linked:
    """The groups of records that belong to one customer each, and the pairs that were weighed.

    `records` are normalised: `record_id`, any of the texts of their kind, and `id_is_sure` where a number has a right
    check digit. Without a model, one is learnt of the records.
    """
    kept = bench.keep(comparable(records, kind))
    columns, count = _filled(kept, kind, bench)
    keys = usable_keys(kind, columns)
    if count < 2 or not keys:
        return Linked(model, None, kept.select(RECORD_ID, **{GROUP: kept[RECORD_ID]}))
    keyed = bench.for_splink(bench.keep(with_keys(kept, kind, keys)))
    if model is None:
        passes = {rule: _agreeing(kept, rule, bench) for rule in training_rules(kind, columns)}
        model = learn(keyed, kind, columns, count, passes)
    pairs = bench.keep(_with_conflict(bench.from_splink(score(keyed, kind, model, keys)), kind))
    weighed = pairs.filter((pairs.match_probability >= LINKED) & pairs.conflict.isnull())
    links = weighed.select(LEFT, RIGHT, "match_weight").union(exact_links(kept, kind, columns))
    apart = pairs.filter(pairs.conflict.notnull()).select(LEFT, RIGHT)
    identities = kept.select(RECORD_ID, identity=kept.id_is_sure.ifelse(kept.id_number, ibis.null("string")))
    found = bench.keep(groups(identities, links, apart, bench=bench))
    return Linked(model, pairs, bench.keep(attached(found, kept, kind, bench=bench)))


def comparable(records: Table, kind: Kind) -> Table:
    """The records with every column there is, and without values that many share who are not one."""
    lacking = {name: ibis.null("string") for name in kind.texts if name not in records.columns}
    sure = records.id_is_sure.fill_null(False) if "id_is_sure" in records.columns else ibis.literal(False)
    whole = records.mutate(**lacking, id_is_sure=sure)
    whole = whole.mutate(names=kind.names(whole))
    for name in kind.shared:
        whole = _without_crowded(whole, name)
    return whole.select(RECORD_ID, *kind.texts, "id_is_sure", "names")


def _without_crowded(records: Table, name: str) -> Table:
    """The records without values of a column that are a switchboard's, or the mailbox of a firm."""
    sharing = records.group_by(name).agg(names=records.names.nunique())
    crowded = sharing.filter(sharing.names > MOST_SHARING).select(crowded=sharing[name])
    joined = records.left_join(crowded, records[name] == crowded.crowded)
    own = joined.crowded.isnull().ifelse(joined[name], ibis.null("string"))
    return joined.mutate(**{name: own}).drop("crowded")


def _with_conflict(pairs: Table, kind: Kind) -> Table:
    """The pairs with `conflict`: the name of what forbids that they are one customer, or empty."""
    conflicts = ((where.fill_null(False), name) for name, where in kind.conflicts(pairs).items())
    return pairs.mutate(conflict=ibis.cases(*conflicts, else_=ibis.null("string")))


def _filled(records: Table, kind: Kind, bench: Workbench) -> tuple[list[str], int]:
    """The columns that have values, and the number of records."""
    named = (*kind.texts, "names")
    counted = records.agg(count=records.count(), **{name: records[name].count() for name in named})
    [row] = bench.engine.arrow(counted).to_pylist()
    count = row.pop("count")
    return [name for name, filled in row.items() if filled > 1], count


def _agreeing(records: Table, rule: Collection[str], bench: Workbench) -> int:
    """How many pairs of records agree in all of these columns."""
    known = records.filter([records[name].notnull() for name in rule])
    sizes = known.group_by(list(rule)).agg(size=known.count())
    pairs = (sizes.size * (sizes.size - 1) / 2).sum().fill_null(0).as_table()
    return int(bench.engine.arrow(pairs)[0][0].as_py())
