"""Linking records: exact keys first, then by the weight of the evidence, then groups with a guard against chains."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import ibis
from ibis.expr.types import StringValue, Table
from splink.internals.splink_dataframe import SplinkDataFrame

from zhike.collect.identity.linking.attaching import attached, is_named, letters
from zhike.collect.identity.linking.blocking import sharing_a_key, training_rules, usable_keys, with_keys
from zhike.collect.identity.linking.exact import exact_links
from zhike.collect.identity.linking.grouping import groups
from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.model import (
    FEWEST_CUSTOMERS,
    GROUP,
    IS_NEW,
    LEFT,
    OWN_MAILBOX,
    RECORD_ID,
    RIGHT,
    Model,
    level_of,
)
from zhike.collect.identity.linking.scoring import ASKED, LINKED, score
from zhike.collect.identity.linking.training import learn
from zhike.collect.identity.linking.workbench import Workbench
from zhike.collect.identity.normalising.emails import is_shared_mailbox

MOST_SHARING = 12  # different names beside one telephone number, above which it is a switchboard's
MOST_NAMES = 2  # beside one mailbox, above which it does not say who somebody is
# Beyond so many, in shares of all records, everything is weighed anew and with weights that are learnt anew.
MOST_NEW, MOST_GROWN = 0.2, 1.5
PAIR = (LEFT, RIGHT, "match_weight", "match_probability", "conflict", "evidence")


@dataclass(frozen=True)
class Before:
    """What was found when most of the records were linked before."""

    model: Model
    record_count: int  # when the model was learnt
    pairs: Table  # `PAIR`, of records that are as they were
    new: Table  # record_id of all others


@dataclass(frozen=True)
class Linked:
    """What linking found: tables that are there as long as the workbench."""

    model: Model | None  # no model and no pairs where there was nothing to compare
    record_count: int  # when it was learnt
    pairs: Table | None  # `PAIR`
    groups: Table  # record_id, cluster_id


def link(
    records: Table,
    kind: Kind,
    *,
    bench: Workbench,
    before: Before | None = None,
    apart: Table | None = None,
    as_of: date | None = None,
) -> Linked:
    """The groups of records that belong to one customer each, and the pairs that were weighed.

    `records` are normalised: `record_id`, any of the texts of their kind, and `id_is_sure` where a number has a right
    check digit. `apart` are pairs (`record_id_l`, `record_id_r`) that somebody declared never to be one. With what was
    found before, only pairs with a new record are weighed, as far as it still fits. Who is under age is told by
    `as_of`.
    """
    kept = bench.keep(comparable(records, kind))
    columns, count = _filled(kept, kind, bench)
    keys = usable_keys(kind, columns)
    if count < 2 or not keys:
        return Linked(None, count, None, kept.select(RECORD_ID, **{GROUP: kept[RECORD_ID]}))
    keyed = bench.keep(with_keys(kept, kind, keys))
    if before is not None and _still_fits(before, columns, count, bench):
        model, learnt_of = before.model, before.record_count
        frequencies = _frequencies(kept, kind, model, bench)
        near = _near(keyed, before.new, keys, bench)
        fresh = _weighed(near, kind, model, keys, frequencies, bench, only_new=True)
        pairs = bench.keep(before.pairs.select(*PAIR).union(fresh))
    else:
        passes = {rule: _agreeing(kept, rule, bench) for rule in training_rules(kind, columns)}
        model, learnt_of = learn(bench.for_splink(keyed), kind, columns, count, passes), count
        pairs = bench.keep(_weighed(keyed, kind, model, keys, _frequencies(kept, kind, model, bench), bench))
    weighed = pairs.filter((pairs.match_probability >= LINKED) & pairs.conflict.isnull())
    links = weighed.select(LEFT, RIGHT, "match_weight").union(exact_links(kept, kind, columns))
    not_one = pairs.filter(pairs.conflict.notnull() | (pairs.match_probability == ASKED)).select(LEFT, RIGHT)
    if apart is not None:
        not_one = not_one.union(apart.select(LEFT, RIGHT))
    identities = kept.select(RECORD_ID, identity=kept.id_is_sure.ifelse(kept.id_number, ibis.null("string")))
    found = bench.keep(groups(identities, links, not_one, bench=bench))
    whole = attached(found, kept, kind, bench=bench, apart=not_one, as_of=as_of)
    return Linked(model, learnt_of, pairs, bench.keep(whole))


def comparable(records: Table, kind: Kind) -> Table:
    """The records with every column there is, and without values that many share who are not one."""
    lacking = {name: ibis.null("string") for name in kind.texts if name not in records.columns}
    sure = records.id_is_sure.fill_null(False) if "id_is_sure" in records.columns else ibis.literal(False)
    whole = records.mutate(**lacking, id_is_sure=sure)
    whole = whole.mutate(names=kind.names(whole))
    for name in kind.shared:
        whole = _without_crowded(whole, name)
    if not kind.mailbox_of:
        whole = whole.mutate(**{OWN_MAILBOX: ibis.literal(False)})
    else:
        whole = _with_own_mailbox(whole, kind)
    return whole.select(RECORD_ID, *kind.texts, "id_is_sure", "names", OWN_MAILBOX)


def _still_fits(before: Before, columns: Collection[str], count: int, bench: Workbench) -> bool:
    """Whether what was learnt before still says how much everything weighs."""
    if not set(columns) <= set(before.model.columns) or count > MOST_GROWN * before.record_count:
        return False
    return bench.count(before.new) <= MOST_NEW * count


def _near(keyed: Table, new: Table, keys: Collection[str], bench: Workbench) -> Table:
    """The new records, and all that share a key with one of them; `is_new` tells which."""
    fresh = new.select(fresh=new[RECORD_ID])
    marked = keyed.left_join(fresh, keyed[RECORD_ID] == fresh.fresh)
    marked = bench.keep(marked.mutate(**{IS_NEW: marked.fresh.notnull()}).drop("fresh"))
    return bench.keep(sharing_a_key(marked, marked.filter(marked[IS_NEW]), keys))


def _frequencies(everybody: Table, kind: Kind, model: Model, bench: Workbench) -> dict[str, SplinkDataFrame]:
    """How common each value is, of the columns of which a rare one weighs more: beside it as Splink calls it.

    Where there are few records, others are thought beside them, of whom every value is as common as it usually is.
    """
    columns = {name: usual for one in kind.compared(model.columns) for name, usual in one.weighed_by_rarity.items()}
    found = {}
    for name, usual in columns.items():
        known = everybody.filter(everybody[name].notnull())
        count = bench.count(known)
        others = max(FEWEST_CUSTOMERS - count, 0)
        counted = known.group_by(name).agg(records=known.count())
        frequency = (counted.records + others * usual) / (count + others)
        found[name] = bench.for_splink(bench.keep(counted.select(name, **{f"tf_{name}": frequency})))
    return found


def _weighed(
    keyed: Table,
    kind: Kind,
    model: Model,
    keys: Collection[str],
    frequencies: Mapping[str, SplinkDataFrame],
    bench: Workbench,
    *,
    only_new: bool = False,
) -> Table:
    records = bench.for_splink(keyed)
    scored = bench.from_splink(score(records, kind, model, keys, frequencies=frequencies, only_new=only_new))
    conflicts = ((where.fill_null(False), name) for name, where in kind.conflicts(scored).items())
    asked = kind.doubts(scored).fill_null(False).ifelse(ASKED, 1.0)
    judged = scored.mutate(
        # The engines add up in different orders: what differs then is no evidence.
        match_weight=scored.match_weight.round(6),
        match_probability=ibis.least(scored.match_probability.round(12), asked),
        conflict=ibis.cases(*conflicts, else_=ibis.null("string")),
        evidence=_evidence(scored, kind, model),
    )
    return judged.select(*PAIR)


def _evidence(pairs: Table, kind: Kind, model: Model) -> StringValue:
    """Every comparison with the level on which a pair stands, in one text."""
    said = [
        ibis.literal(f"{one.name}:") + level_of(pairs, one.name).cast("string") for one in kind.compared(model.columns)
    ]
    text = said[0]
    for one in said[1:]:
        text = text + " " + one
    return text


def _without_crowded(records: Table, name: str) -> Table:
    """The records without values of a column that are a switchboard's, or the mailbox of a firm."""
    sharing = records.group_by(name).agg(names=records.names.nunique())
    crowded = sharing.filter(sharing.names > MOST_SHARING).select(crowded=sharing[name])
    joined = records.left_join(crowded, records[name] == crowded.crowded)
    own = joined.crowded.isnull().ifelse(joined[name], ibis.null("string"))
    return joined.mutate(**{name: own}).drop("crowded")


def _with_own_mailbox(records: Table, kind: Kind) -> Table:
    """The records with whether their mailbox has their name, or is no office's and hardly anybody else's."""
    named = is_named(records, letters(records.email), kind)
    sharing = records.group_by("email").agg(sharing=records.reading.nunique())
    shared = sharing.filter(sharing.sharing > MOST_NAMES).select(shared=sharing.email)
    joined = records.mutate(named=named).left_join(shared, records.email == shared.shared)
    is_own = joined.named | joined.shared.isnull() & ~is_shared_mailbox(joined.email)
    return joined.mutate(**{OWN_MAILBOX: is_own.fill_null(False)}).drop("named", "shared")


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
