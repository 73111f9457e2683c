"""Records without a name, as the guests of a shop leave them: whoever alone has their telephone or mailbox."""

from __future__ import annotations

import functools
from datetime import date

import ibis
from ibis.expr.types import BooleanValue, Table, Value

from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.model import GROUP, LEFT, RECORD_ID, RIGHT
from zhike.collect.identity.linking.workbench import Workbench

OF_AGE = 18  # years; a child's telephone is a parent's, and a child is no shop's guest


def attached(
    found: Table, records: Table, kind: Kind, *, bench: Workbench, apart: Table | None = None, as_of: date | None = None
) -> Table:
    """The groups, with every group that says only how to reach somebody in the group that alone is reached so.

    A telephone of two groups, as in a household, says nothing, unless the mailbox that was left with it has the name of
    one of the two; if telephone and mailbox name different groups, neither does. Who is under age on the day `as_of`
    has no telephone. Two of the pairs `apart` never come into one group. Groups are then named by their smallest record
    again.
    """
    told = (*kind.told_by, *kind.reached_by, *(name for name in kind.mailbox_of if name not in kind.told_by))
    whole = bench.keep(found.join(records.select(RECORD_ID, "names", *told), RECORD_ID))
    says = whole.mutate(is_told=_says_more(whole, kind), is_minor=_is_minor(whole, kind, as_of))
    of_group = ibis.window(group_by=GROUP)
    says = bench.keep(
        says.mutate(is_told=says.is_told.max().over(of_group), is_minor=says.is_minor.max().over(of_group))
    )
    guests = says.filter(says.is_told == 0)
    owners = _ways(says.filter((says.is_told == 1) & (says.is_minor == 0)), kind, kind.mailbox_of)
    moved = bench.keep(_owned(_ways(guests, kind, ()), owners, guests, kind, bench))
    if apart is not None:
        moved = moved.anti_join(_forbidden(found, moved, apart), GROUP)
    joined = found.left_join(moved, GROUP)
    placed = joined.select(RECORD_ID, group=joined.owner.fill_null(joined[GROUP]))
    return placed.mutate(**{GROUP: placed[RECORD_ID].min().over(group_by="group")}).drop("group")


def _owned(told: Table, owners: Table, guests: Table, kind: Kind, bench: Workbench) -> Table:
    """The one group that each group of guests belongs to: `cluster_id` and `owner`."""
    several = owners.rename(owner=GROUP)
    told = told.join(several, ["way", "value"])
    if kind.mailbox_of:
        told = _not_of_another(told, guests, several, kind)
    told = bench.keep(told)
    counted = told.mutate(is_sure=_has_one_owner(told))
    sure = counted.filter(counted.is_sure).select(GROUP, "owner")
    if kind.mailbox_of:
        named = told.filter(told.is_named)
        named = named.mutate(is_sure=_has_one_owner(named))
        others = counted.filter(~counted.is_sure).select(GROUP, "owner")
        sure = sure.union(named.filter(named.is_sure).select(GROUP, "owner").semi_join(others, [GROUP, "owner"]))
    agreed = sure.group_by(GROUP).agg(owner=sure.owner.min(), last=sure.owner.max())
    return agreed.filter(agreed.owner == agreed.last).select(GROUP, "owner")


def _has_one_owner(told: Table) -> BooleanValue:
    """Whether a value of a group of guests is one owner's. Spark counts no different values over a window."""
    of_value = ibis.window(group_by=[GROUP, "way", "value"])
    return told.owner.min().over(of_value) == told.owner.max().over(of_value)


def _forbidden(found: Table, moved: Table, apart: Table) -> Table:
    """The groups that would come into one with a record from which one of theirs is kept apart."""
    joined = found.left_join(moved, GROUP)
    placed = joined.select(RECORD_ID, from_group=joined[GROUP], to_group=joined.owner.fill_null(joined[GROUP]))
    ends = [
        placed.select(**{end: placed[RECORD_ID]}, **{f"from_{side}": placed.from_group, f"to_{side}": placed.to_group})
        for end, side in ((LEFT, "l"), (RIGHT, "r"))
    ]
    both = apart.select(LEFT, RIGHT).join(ends[0], LEFT).join(ends[1], RIGHT)
    met = both.filter(both.to_l == both.to_r)
    return met.select(**{GROUP: met.from_l}).union(met.select(**{GROUP: met.from_r})).distinct()


def _not_of_another(told: Table, guests: Table, owners: Table, kind: Kind) -> Table:
    """Who could own a group of guests, with whether a mailbox of the guests `is_named` after them.

    Who has a mailbox of that name, and shares the telephone, is not the guest with a mailbox of another name.
    """
    mailboxes = guests.filter(guests.email.notnull()).select(GROUP, mailbox=letters(guests.email)).distinct()
    told = told.left_join(mailboxes, GROUP).drop(f"{GROUP}_right")
    told = told.mutate(is_named=is_named(told, told.mailbox, kind))
    own = owners.filter(owners.way == "email")
    after_them = own.filter(is_named(own, letters(own.value), kind)).select(named=own.owner).distinct()
    told = told.left_join(after_them, told.owner == after_them.named)
    is_another = (told.way == "phone") & told.mailbox.notnull() & ~told.is_named & told.named.notnull()
    return told.filter(~is_another).select(GROUP, "way", "value", "owner", "is_named").distinct()


def is_named(people: Table, mailbox: Value, kind: Kind) -> BooleanValue:
    """Whether a mailbox, of which these are the `letters`, has the name of who has it."""
    named = (mailbox.contains(people[name]) for name in kind.mailbox_of)
    return functools.reduce(lambda a, b: a & b, named).fill_null(False)


def _says_more(records: Table, kind: Kind) -> Value:
    """1 where a record says more than how to reach somebody, else 0."""
    known = [records[name].notnull() for name in ("names", *kind.told_by)]
    return functools.reduce(lambda a, b: a | b, known).cast("int8")


def _is_minor(records: Table, kind: Kind, as_of: date | None) -> Value:
    """1 where a record is of somebody who is under age, else 0."""
    if as_of is None or "born_on" not in kind.told_by:
        return ibis.literal(0, "int8")
    youngest_of_age = f"{as_of.year - OF_AGE:04}{as_of.month:02}{as_of.day:02}"
    is_minor: BooleanValue = records.born_on > youngest_of_age
    return is_minor.fill_null(False).cast("int8")


def letters(email: Value) -> Value:
    """What stands before the @, of which only the letters."""
    return email.re_replace("@.*$", "").re_replace("[^a-z]", "")


def _ways(records: Table, kind: Kind, more: tuple[str, ...]) -> Table:
    """One row per way to reach somebody: `way`, `value`, the group, and more columns."""
    ways = []
    for name in kind.reached_by:
        known = records.filter(records[name].notnull())
        ways.append(known.select(GROUP, *more, way=ibis.literal(name.partition("_")[0]), value=known[name]))
    return functools.reduce(lambda a, b: a.union(b), ways).distinct()
