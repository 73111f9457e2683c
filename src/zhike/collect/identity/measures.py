"""Pure measures of identity: which customer each key of each source is.

An id is given for a key, its anchor, and stays with it for good. A customer has the oldest id of all its keys: who is
merged keeps the older id, to which the other leads from then on, and has the other again should they be split.
"""

from __future__ import annotations

import functools
from datetime import date

import ibis
from ibis.expr.types import Table

KEY = ("source", "customer_key")


def source_keys(records: Table, facts: list[Table]) -> Table:
    """Every key of every source, once, whether a record or only a fact names it."""
    named = [records.select(*KEY)]
    named += [fact.select(source=fact.customer_source, customer_key=fact.customer_key).distinct() for fact in facts]
    return functools.reduce(lambda a, b: a.union(b), named).distinct()


def new_ids(groups: Table, given: Table) -> Table:
    """A new customer_id for every group of keys that has none, from the first free one up, in the order of the keys.

    The order of the keys, not of their arrival, decides: the same data get the same ids.
    """
    known = groups.semi_join(given, list(KEY)).select("group_source", "group_key").distinct()
    firsts = groups.select("group_source", "group_key").distinct()
    unknown = firsts.anti_join(known, ["group_source", "group_key"])
    first_free = given.customer_id.max().as_scalar().fill_null(-1) + 1
    in_order = ibis.window(order_by=["group_source", "group_key"])
    return unknown.select(
        customer_id=ibis.row_number().over(in_order) + first_free,
        source=unknown.group_source,
        customer_key=unknown.group_key,
    )


def identity_map(groups: Table, given: Table) -> Table:
    """Every key with its customer: the oldest id that was given for a key of its group."""
    anchored = groups.inner_join(given, list(KEY))
    ids = anchored.group_by("group_source", "group_key").agg(customer_id=anchored.customer_id.min())
    return groups.inner_join(ids, ["group_source", "group_key"]).select(*KEY, "customer_id")


def redirects(given: Table, identities: Table) -> Table:
    """The ids that are no customer any more, with the customer whom their anchor belongs to now."""
    now = identities.select(*KEY, current_id=identities.customer_id)
    placed = given.left_join(now, list(KEY)).select("customer_id", "current_id")
    return placed.filter(placed.current_id.isnull() | (placed.current_id != placed.customer_id))


def moves(identities: Table, before: Table, redirected: Table, *, as_of: date) -> Table:
    """The keys that are another customer's than before, and whether that one is gone (merge) or still there (split)."""
    then = before.select(*KEY, from_id=before.customer_id)
    now = identities.select(*KEY, to_id=identities.customer_id)
    both = now.inner_join(then, list(KEY)).select(*KEY, "from_id", "to_id")
    moved = both.filter(both.from_id != both.to_id)
    gone = redirected.select(gone=redirected.customer_id)
    judged = moved.left_join(gone, moved.from_id == gone.gone)
    return judged.select(
        *(*KEY, "from_id", "to_id"),
        kind=judged.gone.isnull().ifelse("split", "merge"),
        moved_on=ibis.literal(as_of),
    )


def possible_duplicates(pairs: Table, identities: Table, decisions: Table, records: Table) -> Table:
    """Customers of whom two records may be the same, beside each other in both orders, by the likeliest two records.

    Without those whom something forbids to be one, whose sure identity numbers differ, or whom somebody declared never
    to be. Where both have names, records without one say nothing: a telephone is a household's.
    """
    weighed = _with_customers(pairs.filter(pairs.conflict.isnull()), identities)
    apart = _with_customers(decisions.filter(~decisions.is_same), identities)
    weighed = _with_names(weighed.filter(weighed.id_l != weighed.id_r), _known_of(records, identities))
    is_told = (weighed.is_named_l & weighed.is_named_r) | ~(weighed.has_name_l & weighed.has_name_r)
    two_numbers = weighed.number_l.notnull() & weighed.number_r.notnull() & (weighed.number_l != weighed.number_r)
    found = _in_both_orders(weighed.filter(is_told & ~two_numbers))
    never = _in_both_orders(apart).select("customer_id", "other_id").distinct()
    best = ibis.window(
        group_by=["customer_id", "other_id"],
        order_by=[ibis.desc("match_weight"), "source_l", "customer_key_l", "source_r", "customer_key_r"],
    )
    left = found.anti_join(never, ["customer_id", "other_id"])
    ranked = left.mutate(place=ibis.row_number().over(best))
    return ranked.filter(ranked.place == 0).drop("place")


def _known_of(records: Table, identities: Table) -> Table:
    """Every record with what is known of its customer: whether it and they have a name, and their sure number."""
    placed = records.inner_join(identities, list(KEY))
    is_named = placed.given_name.notnull() | placed.family_name.notnull() | placed.core.notnull()
    number = placed.id_is_sure.ifelse(placed.id_number, ibis.null("string"))
    of_customer = ibis.window(group_by="customer_id")
    told = placed.select(*KEY, "customer_id", is_named=is_named, number=number)
    return told.select(
        *(*KEY, "is_named"), has_name=told.is_named.any().over(of_customer), number=told.number.min().over(of_customer)
    )


def _with_names(pairs: Table, known: Table) -> Table:
    for end in ("_l", "_r"):
        of_end = known.select(**{f"{name}{end}": known[name] for name in known.columns})
        pairs = pairs.join(of_end, [f"{name}{end}" for name in KEY])
    return pairs


def _with_customers(pairs: Table, identities: Table) -> Table:
    for end in ("_l", "_r"):
        ids = identities.select(
            **{f"{name}{end}": identities[name] for name in KEY}, **{f"id{end}": identities.customer_id}
        )
        pairs = pairs.join(ids, [f"{name}{end}" for name in KEY])
    return pairs


def _in_both_orders(pairs: Table) -> Table:
    one = pairs.mutate(customer_id=pairs.id_l, other_id=pairs.id_r)
    other = pairs.mutate(customer_id=pairs.id_r, other_id=pairs.id_l)
    return one.union(other).drop("id_l", "id_r")
