"""Members of staff who have left, and the customers who are still theirs: to be visited first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from zhike.collect.profiles.staff import Member, staff
from zhike.collect.quality.places import Place
from zhike.collect.quality.queries import EVERYBODY, rule_groups
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.tree import All, Attribute, Compare, Condition, Known, Text
from zhike.warehouse.queries import published

LEFT = Known(value=Attribute(name="agent_left_on"))


@dataclass(frozen=True)
class Departed:
    """Somebody who has left, and how many customers are still theirs."""

    member: Member
    left_on: date
    customers: int


def departed_agents(place: Place | None = None) -> tuple[Departed, ...]:
    """All who have left and still have customers, the most customers first. Raises Denied, NothingPublished."""
    require(Right.SEE_CUSTOMERS)
    now, known = published(), staff()
    counted = rule_groups(EVERYBODY, "agent", place)
    found = [
        Departed(member, member.left_on, customers)
        for key, customers, _good in counted
        if (member := known.get(key)) and member.left_on is not None and member.has_left(now.as_of)
    ]
    return tuple(sorted(found, key=lambda one: (-one.customers, one.member.staff_id)))


def customers_of_departed(staff_id: str = "") -> Condition:
    """The condition of the customers of everybody who has left, or of one of them."""
    if not staff_id:
        return LEFT
    return All(of=(LEFT, Compare(operator="=", left=Attribute(name="agent_id"), right=Text(value=staff_id))))
