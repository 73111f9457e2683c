"""How customers moved between the values of a tag, from month to month, as far as its months are kept."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.collect.identity.redirects import redirects
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.nearest import did_you_mean
from zhike.rules.vocabulary import TagKind
from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.periods import name_of
from zhike.understand.migration.observed import History, Observed, check_states, matrix_of
from zhike.understand.tags.circles import hidden
from zhike.understand.tags.computing.history import KeptMonth, kept_months
from zhike.understand.tags.counting.columns import everybody, values_at
from zhike.understand.tags.definitions import NoSuchTag, TagDefinition, possible_values, published_tags
from zhike.warehouse.queries import Published, published

WITHOUT = "(without)"  # the state of those of whom the tag says nothing
# Of every month the first refresh is kept; two of them that lie closer or further apart are not a month apart.
FEWEST_DAYS, MOST_DAYS = 20, 45

Sets = dict[str, BitMap]


def moves_of_tag(name: str) -> Observed:
    """The moves between the values of a tag, between those who have it and those who have not, or have no value.

    Of each month the first refresh counts, compared with that of the next month. Whoever became a customer in between
    has not moved, and a month in which the tag was defined otherwise than in the next is left out. Raises NoSuchTag,
    Denied, NothingPublished, and UserError for a tag of numbers or days, and where no two months can be compared.
    """
    require(Right.SEE_CUSTOMERS)
    tag = _tag(name)
    now = published()
    months = kept_months(name)
    pairs, left_out = comparable(months)
    if not pairs:
        raise UserError(
            _("of the tag “%(tag)s” no two months can be compared") % {"tag": name},
            where="--states",
            advice=" ".join(left_out)
            or _("Months of it that are kept: %(count)s. A refresh in the next month adds one.")
            % {"count": len(months)},
        )
    sets = {one.month: _sets(tag, one, now) for one in {one.month: one for pair in pairs for one in pair}.values()}
    states = _states(tag, sets)
    moves = []
    for before, after in pairs:
        both = itertools.product(sets[before.month].items(), sets[after.month].items())
        counted = {(come, go): some.intersection_cardinality(others) for (come, some), (go, others) in both}
        moves.append(matrix_of(states, {pair: count for pair, count in counted.items() if count}))
    last = pairs[-1][1].month
    return Observed(
        states=states,
        counts=np.sum(moves, axis=0),
        stock=np.array([float(len(sets[last].get(state, ()))) for state in states]),
        are_ordered=False,
        first=name_of(pairs[0][0].month, "month"),
        last=name_of(last, "month"),
        left_out=tuple(left_out),
        history=History(np.array(moves)),
    )


@dataclass(frozen=True)
class TagFlows:
    """From which value to which customers of a tag went, from one month to the newest that is kept."""

    states: tuple[str, ...]
    flows: Mapping[tuple[str, str], int]
    since: int
    last: int
    months: tuple[int, ...]  # with which the newest can be compared, the newest first


def flows_of_tag(name: str, since: int | None = None) -> TagFlows | None:
    """Where the customers of a month are in the newest: of `since`, or of the month that is nearest to a year before.

    Whoever became a customer in between is left out, and so are months in which the tag was defined otherwise. None
    where no month is left, or all are and stay in one state. Raises as `moves_of_tag`.
    """
    require(Right.SEE_CUSTOMERS)
    tag = _tag(name)
    now = published()
    *earlier, newest = kept_months(name) or (None,)
    if newest is None:
        return None
    known = {one.month: one for one in earlier if one.state.is_set or one.state.version == newest.state.version}
    if not known:
        return None
    nearest = min(known, key=lambda month: abs(month - newest.month + stages.YEAR))
    begun = known.get(nearest if since is None else since, known[nearest])
    sets = {one.month: _sets(tag, one, now) for one in (begun, newest)}
    try:
        states = _states(tag, sets)
    except UserError:
        return None
    pairs = itertools.product(sets[begun.month].items(), sets[newest.month].items())
    flows = {(come, go): some.intersection_cardinality(others) for (come, some), (go, others) in pairs}
    return TagFlows(
        states=states,
        flows={pair: count for pair, count in flows.items() if count},
        since=begun.month,
        last=newest.month,
        months=tuple(sorted(known, reverse=True)),
    )


def _tag(name: str) -> TagDefinition:
    tags = {tag.name: tag for tag in published_tags()}
    if name not in tags:
        raise NoSuchTag(
            _("no tag is called “%(name)s”") % {"name": name}, where="--states", advice=did_you_mean(name, tags)
        )
    if name in hidden().tags:
        require(Right.SEE_PERSONAL_DATA)
    if tags[name].kind not in (TagKind.YES_NO, TagKind.CATEGORY):
        raise UserError(
            _("the tag “%(name)s” says numbers or days, not states") % {"name": name},
            where="--states",
            advice=_("Define a tag that names bands of it."),
        )
    return tags[name]


def comparable(months: tuple[KeptMonth, ...]) -> tuple[list[tuple[KeptMonth, KeptMonth]], list[str]]:
    """Months that can be compared with the next, and of the others why not."""
    pairs, left_out = [], []
    for before, after in itertools.pairwise(months):
        names = {"first": name_of(before.month, "month"), "next": name_of(after.month, "month")}
        days = (after.state.as_of - before.state.as_of).days
        if after.month != before.month + 1:
            left_out.append(_("Between %(first)s and %(next)s no month is kept.") % names)
        elif not FEWEST_DAYS <= days <= MOST_DAYS:
            said = _("From %(first)s to %(next)s the tag was computed %(days)s days apart, which is no month.")
            left_out.append(said % {**names, "days": days})
        elif before.state.version != after.state.version and not before.state.is_set:
            left_out.append(_("From %(first)s to %(next)s the definition of the tag changed.") % names)
        else:
            pairs.append((before, after))
    return pairs, left_out


def _sets(tag: TagDefinition, month: KeptMonth, now: Published) -> Sets:
    """Who was in which state, of those who are customers still; who was merged since counts as one."""
    moved = redirects(now)
    left = everybody(now) & BitMap(range(month.next_customer_id))
    values = values_at(month.state.bitmaps).values
    if month.state.members and not values:
        raise UserError(_("the tag “%(name)s” has too many values") % {"name": tag.name}, where="--states")
    found: Sets = {}
    for value, ids in values.items():
        having = moved.current_of(ids) & left
        found[value] = having
        left = left - having
    return found | {WITHOUT: left}


def _states(tag: TagDefinition, sets: Mapping[int, Sets]) -> tuple[str, ...]:
    """The states that somebody was in: in the order of the definition, others after them, who has none at the end."""
    seen = {value for one in sets.values() for value, customers in one.items() if customers}
    listed = (*tag.values, *(possible_values(tag.tree) if tag.tree else ()))
    order = [*listed, *sorted(seen - {*listed, WITHOUT}), WITHOUT]
    return check_states((value for value in dict.fromkeys(order) if value in seen), "--states")
