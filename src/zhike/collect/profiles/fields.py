"""Which fields of a golden record are taken together, and which staff may correct."""

from __future__ import annotations

from collections.abc import Mapping

from zhike.warehouse.entity_parts import PERSON, UNITS

UNIT_OF: Mapping[str, str] = {name: unit for unit, names in UNITS.items() for name in names}
# A unit has a value where one of these has, which is where its first field has unless said here.
TOLD_BY: Mapping[str, tuple[str, ...]] = {
    unit: names if unit in ("address", "employer") else names[:1] for unit, names in UNITS.items()
}
JUDGED = ("name", "born_on", "id_number", "phone", "phone_2", "email", "address")  # may be ill-formed or implausible
OF_ALL_RECORDS = ("first_seen_on", "updated_at")  # the first and the last of all, whoever says it
assert {*UNIT_OF, *OF_ALL_RECORDS} == {column.name for column in PERSON}

CORRECTABLE = tuple(name for name in UNIT_OF if name != "referred_by")  # who referred whom is a relation

DEFAULT_PRIORITY = 100


def priorities_of(priority: int, by_field: Mapping[str, int]) -> dict[str, int]:
    """The priority of a source for each unit: of its own where one is stated, else that of the source."""
    return {unit: by_field.get(unit, priority) for unit in UNITS}
