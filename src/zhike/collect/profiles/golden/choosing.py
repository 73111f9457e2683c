"""Why a field of a golden record is what it is: what each record says, and which rule chose among them.

The measure decides for all customers at once; this says the same of one, whose records are at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter

from zhike.collect.profiles.fields import DEFAULT_PRIORITY, OF_ALL_RECORDS, TOLD_BY, UNIT_OF
from zhike.collect.profiles.tables import CUSTOMER_RECORDS, SOURCE_PRIORITIES
from zhike.warehouse.entity_parts import UNITS
from zhike.warehouse.queries import Published, rows

Row = Mapping[str, object]
Priorities = Mapping[str, Mapping[str, int]]  # source → unit → priority


class Decision(StrEnum):
    """What decided between records."""

    ONLY = "only"  # no other says anything
    AGREED = "agreed"
    VALIDITY = "validity"
    PRIORITY = "priority"
    RECENCY = "recency"
    ORDER = "order"  # nothing but the order of sources and keys
    ALL_RECORDS = "all_records"  # the first or the last day of all
    CORRECTION = "correction"


RULES = (Decision.VALIDITY, Decision.PRIORITY, Decision.RECENCY)


@dataclass(frozen=True)
class Said:
    """What one record says of a field."""

    source: str
    customer_key: str
    value: object
    known_at: datetime | None
    import_id: int | None
    row_number: int | None
    has_fault: bool
    priority: int


@dataclass(frozen=True)
class Choice:
    """The value of a field that records decide, and what each of them says of it, the best first."""

    field: str
    decision: Decision
    said: tuple[Said, ...]  # the first is the one that was taken

    @property
    def value(self) -> object:
        """What the best record says."""
        return self.said[0].value


def records_of(now: Published, customer_id: int) -> list[dict[str, object]]:
    """All records of a customer in the order of their places: the newest first, then by source and key."""
    found = now.rows_of(CUSTOMER_RECORDS, customer_id)
    by_key = sorted(found, key=lambda row: (str(row["source"]), str(row["customer_key"])))
    return sorted(by_key, key=lambda row: str(row["known_at"] or ""), reverse=True)


@lru_cache(maxsize=2)
def priorities_in_force(now: Published) -> Priorities:
    """The priorities that the refresh went by."""
    return {str(row["source"]): row for row in rows(now.table(SOURCE_PRIORITIES))}  # type: ignore[misc]


def choices(records: Sequence[Row], priorities: Priorities) -> dict[str, Choice]:
    """Field → what the records decide, of every field that any of them has."""
    made: dict[str, Choice] = {}
    for unit, names in UNITS.items():
        ranked = _ranked(records, unit, priorities)
        if ranked:
            decision = _decision(ranked, unit)
            taken = [row for _rank, row in ranked]
            for name in names:
                made[name] = _choice(name, decision, taken, priorities)
    for name in OF_ALL_RECORDS:
        telling = [row for row in records if row.get(name) is not None]
        if telling:
            day = min if name == "first_seen_on" else max
            first = day(telling, key=itemgetter(name))
            rest = [row for row in telling if row is not first]
            decision = Decision.ALL_RECORDS if rest else Decision.ONLY
            made[name] = _choice(name, decision, [first, *rest], priorities)
    return {name: choice for name, choice in made.items() if any(said.value is not None for said in choice.said)}


def _ranked(records: Sequence[Row], unit: str, priorities: Priorities) -> list[tuple[tuple[int, int, int], Row]]:
    """The records that have the unit, with fault, priority and place, the best first."""
    telling = [
        ((_has_fault(row, unit), _priority(row, unit, priorities), place), row)
        for place, row in enumerate(records)
        if any(row.get(name) is not None for name in TOLD_BY[unit])
    ]
    return sorted(telling, key=lambda one: one[0])


def _decision(ranked: Sequence[tuple[tuple[int, int, int], Row]], unit: str) -> Decision:
    if len(ranked) == 1:
        return Decision.ONLY
    best, row = ranked[0]
    said = [row.get(name) for name in UNITS[unit]]
    others = [(rank, other) for rank, other in ranked[1:] if [other.get(name) for name in UNITS[unit]] != said]
    if not others:
        return Decision.AGREED
    rank, other = others[0]
    known = (row.get("known_at"), other.get("known_at"))
    differs = (best[0] != rank[0], best[1] != rank[1], known[0] != known[1])
    return next((rule for rule, is_so in zip(RULES, differs, strict=True) if is_so), Decision.ORDER)


def _choice(name: str, decision: Decision, taken: Sequence[Row], priorities: Priorities) -> Choice:
    unit = UNIT_OF.get(name, "")
    said = tuple(
        Said(
            source=str(row["source"]),
            customer_key=str(row["customer_key"]),
            value=row.get(name),
            known_at=row.get("known_at"),  # type: ignore[arg-type]
            import_id=row.get("import_id"),  # type: ignore[arg-type]
            row_number=row.get("row_number"),  # type: ignore[arg-type]
            has_fault=bool(_has_fault(row, name)),
            priority=_priority(row, unit, priorities),
        )
        for row in taken
    )
    return Choice(name, decision, (said[0], *(one for one in said[1:] if one.value is not None)))


def _has_fault(row: Row, field: str) -> int:
    return int(field in str(row.get("faults") or "").split())


def _priority(row: Row, unit: str, priorities: Priorities) -> int:
    stated = priorities.get(str(row["source"]), {}).get(unit)
    return DEFAULT_PRIORITY if stated is None else stated
