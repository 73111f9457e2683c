"""Where customers belong: org unit and all below it, channel, source, agent. What a board is cut by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ibis.expr.types import BooleanValue, Table

from zhike.govern.organisation.queries import Unit, units, units_under
from zhike.rules.tree import All, Attribute, Compare, Condition, Known, Not, OneOf, Text

NOWHERE = "-"  # asks for those of whom it is not known
ATTRIBUTES = {"unit": "unit_id", "channel": "sales_channel", "source": "source", "agent": "agent_id"}
COLUMNS = {"unit": "unit_id", "channel": "channel", "source": "source", "agent": "agent_id"}


@dataclass(frozen=True)
class Place:
    """Customers of a unit and those below it, a channel, a source, an agent; empty: of any."""

    unit: str = ""
    channel: str = ""
    source: str = ""
    agent: str = ""

    @property
    def asked(self) -> dict[str, str]:
        """What it is cut by."""
        return {name: value for name in COLUMNS if (value := getattr(self, name))}

    def values(self, name: str) -> tuple[str, ...]:
        """The values that belong to it; an empty one for those of whom it is not known."""
        value = getattr(self, name)
        if value == NOWHERE:
            return ("",)
        return tuple(sorted(units_under(value))) if name == "unit" else (value,)

    def within(self, counts: Table) -> Table:
        """The rows of counts that belong to it."""
        for name in self.asked:
            is_in: BooleanValue = counts[COLUMNS[name]].isin(self.values(name))
            counts = counts.filter(is_in)
        return counts

    def condition(self, *more: Condition) -> Condition | None:
        """The condition of those who belong to it and for whom the others hold; none if it is everybody."""
        return joined([*more, *(_condition(name, self.values(name)) for name in self.asked)])


def joined(parts: Iterable[Condition]) -> Condition | None:
    """All of these conditions as one; none where there are none."""
    found = tuple(parts)
    return All(of=found) if len(found) > 1 else found[0] if found else None


def _condition(name: str, values: tuple[str, ...]) -> Condition:
    attribute = Attribute(name=ATTRIBUTES[name])
    if values == ("",):
        return Not(of=Known(value=attribute))
    if len(values) == 1:
        return Compare(operator="=", left=attribute, right=Text(value=values[0]))
    return OneOf(value=attribute, options=tuple(Text(value=value) for value in values))


def children(unit: str) -> tuple[Unit, ...]:
    """The units right below one; for the whole firm those below its only head, if it has one."""
    found = tuple(one for one in units() if one.parent_id == unit)
    return children(found[0].unit_id) if not unit and len(found) == 1 and len(units()) > 1 else found


def unit_shown(unit: str) -> dict[str, str]:
    """Each unit below one → the unit right below that one which it belongs to."""
    return {below: child.unit_id for child in children(unit) for below in units_under(child.unit_id)}
