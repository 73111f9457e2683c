"""Who is to look at whom: the customer's agent; for those of the departed, somebody else of their unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from zhike.collect.profiles.staff import Member, staff
from zhike.collect.quality.selecting import Drawn
from zhike.govern.organisation.queries import units


def assignees(drawn: Iterable[Drawn], *, as_of: date) -> list[str]:
    """The member of staff for each customer, in their order; empty where there is nobody.

    Whoever has fewest so far gets the next customer without an agent: of the unit's managers, else of its others, else
    of the unit above.
    """
    there = {one.staff_id: one for one in staff().values() if not one.has_left(as_of)}
    by_unit: dict[str, list[Member]] = {}
    for member in there.values():
        by_unit.setdefault(member.unit_id, []).append(member)
    above = {unit.unit_id: unit.parent_id for unit in units()}
    given: Counter[str] = Counter()
    found = []
    for one in drawn:
        chosen = one.agent_id if one.agent_id in there else _stand_in(one.unit_id, by_unit, above, given)
        given[chosen] += 1
        found.append(chosen)
    return found


def _stand_in(unit_id: str, by_unit: Mapping[str, list[Member]], above: Mapping[str, str], given: Counter[str]) -> str:
    seen: set[str] = set()
    while unit_id and unit_id not in seen:
        seen.add(unit_id)
        if members := by_unit.get(unit_id):
            managers = [member for member in members if member.is_manager] or members
            return min(managers, key=lambda member: (given[member.staff_id], member.staff_id)).staff_id
        unit_id = above.get(unit_id, "")
    return ""
