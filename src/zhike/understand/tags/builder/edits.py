"""What the buttons of the builder do to its rows: add, remove, move, duplicate, group, turn to something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.rules.builder.rows import FactsRow, Form, Group, RelatedRow, Row, TextRow
from zhike.understand.tags.builder.posted import At

Rows = tuple[Row, ...]


@dataclass(frozen=True)
class Edited:
    """The rows after an act, and the row to go on with."""

    form: Form
    focus: At | None = None
    is_removal: bool = False


def inner(row: Row) -> Group | None:
    """The group that stands in a row: a group itself, or the condition of facts or of those related."""
    if isinstance(row, Group):
        return row
    return row.where if isinstance(row, FactsRow | RelatedRow) else None


def row_at(form: Form, at: At) -> Row:
    """The row at a place. Raises UserError where there is none."""
    row: Row = form
    for place in at:
        group = inner(row)
        if group is None or place >= len(group.rows):
            raise UserError(_("this row is not there any more"), advice=_("Load the page again."))
        row = group.rows[place]
    return row


def added(form: Form, group: At, row: Row, place: int | None = None) -> Edited:
    """A row more in a group, at its end or at a place."""
    found = inner(row_at(form, group))
    count = len(found.rows) if found else 0
    place = count if place is None else min(place, count)
    return Edited(_with_rows(form, group, lambda rows: (*rows[:place], row, *rows[place:])), (*group, place))


def removed(form: Form, at: At) -> Edited:
    """One row less. A group that is left empty goes with it; the condition of facts too."""
    row_at(form, at)
    *parent, place = at
    left = _with_rows(form, tuple(parent), lambda rows: (*rows[:place], *rows[place + 1 :]))
    group = inner(row_at(left, tuple(parent)))
    if parent and group is not None and not group.rows and isinstance(row_at(left, tuple(parent)), Group):
        return removed(left, tuple(parent))
    count = len(group.rows) if group else 0
    return Edited(left, (*parent, min(place, count - 1)) if count else tuple(parent) or None, is_removal=True)


def replaced(form: Form, at: At, row: Row) -> Edited:
    """Another row in the place of one."""
    return Edited(_changed(form, at, lambda _row: row), at)


def duplicated(form: Form, at: At) -> Edited:
    """The same row again, after it."""
    return added(form, at[:-1], row_at(form, at), at[-1] + 1)


def wrapped(form: Form, at: At) -> Edited:
    """The row in a group of its own, to which others can be added."""
    group, is_any = inner(row_at(form, at[:-1])), False
    if group is not None:
        is_any = group.match == "any"
    row = Group(match="all" if is_any else "any", rows=(row_at(form, at),))
    return Edited(replaced(form, at, row).form, (*at, 0))


def dissolved(form: Form, at: At) -> Edited:
    """The rows of a group in its place."""
    group = row_at(form, at)
    if not isinstance(group, Group):
        return Edited(form, at)
    *parent, place = at
    rows = _with_rows(form, tuple(parent), lambda rows: (*rows[:place], *group.rows, *rows[place + 1 :]))
    return Edited(rows, at)


def moved(form: Form, at: At, step: int) -> Edited:
    """The row one up (-1) or down (1): past its neighbour, into it if that is a group, or out of its own group."""
    *parent, place = at
    group = inner(row_at(form, tuple(parent)))
    assert group is not None
    beside, behind = place + step, 1 if step > 0 else 0
    if 0 <= beside < len(group.rows):
        neighbour = group.rows[beside]
        if isinstance(neighbour, Group):
            return _put(form, at, (*parent, beside), 0 if step > 0 else len(neighbour.rows))
        return _put(form, at, tuple(parent), beside + behind)
    if parent and isinstance(row_at(form, tuple(parent)), Group):
        return _put(form, at, tuple(parent[:-1]), parent[-1] + behind)
    return Edited(form, at)  # at the end of the rule, or of what facts are looked at


def carried(form: Form, at: At, group: At, place: int) -> Edited:
    """The row somewhere else, as it is dropped: into a group, before the row that stands at a place."""
    if group[: len(at)] == at or _scope(form, at[:-1]) != _scope(form, group):
        return Edited(form, at)  # into itself, or where its names mean nothing
    return _put(form, at, group, place)


def _put(form: Form, at: At, group: At, place: int) -> Edited:
    """Something else keeps the row's place until the row has its new one, so that no place shifts on the way."""
    row, stand_in = row_at(form, at), TextRow()
    put = added(replaced(form, at, stand_in).form, group, row, place).form
    left = removed(put, _place_of(put, stand_in)).form
    return Edited(left, _place_of(left, row))


def _place_of(form: Form, row: Row) -> At:
    """Where a row stands: the very same, not one like it."""
    waiting: list[tuple[At, Row]] = [((), form)]
    while waiting:
        at, one = waiting.pop()
        if one is row:
            return at
        group = inner(one)
        waiting += [((*at, place), inside) for place, inside in enumerate(group.rows if group else ())]
    raise AssertionError("a row got lost")


def _scope(form: Form, group: At) -> At | None:
    """The row of facts or of a relation in whose condition a group stands; None for a customer's own."""
    for depth in range(len(group), 0, -1):
        if not isinstance(row_at(form, group[:depth]), Group):
            return group[:depth]
    return None


def _with_rows(form: Form, group: At, change: Callable[[Rows], Rows]) -> Form:
    def changed(row: Row) -> Row:
        own = inner(row) or Group()
        rows = change(own.rows)
        if isinstance(row, Group):
            return row.model_copy(update={"rows": rows})
        where = None if isinstance(row, FactsRow) and not rows else own.model_copy(update={"rows": rows})
        return row.model_copy(update={"where": where})

    return _changed(form, group, changed)


def _changed(form: Form, at: At, change: Callable[[Row], Row]) -> Form:
    def descend(row: Row, rest: At) -> Row:
        if not rest:
            return change(row)
        group = inner(row)
        assert group is not None
        rows = tuple(descend(one, rest[1:]) if place == rest[0] else one for place, one in enumerate(group.rows))
        changed = group.model_copy(update={"rows": rows})
        return changed if isinstance(row, Group) else row.model_copy(update={"where": changed})

    found = descend(form, at)
    assert isinstance(found, Group)
    return found
