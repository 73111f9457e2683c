"""The org tree as it was last imported."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.errors import NotFound
from zhike.warehouse.catalog import snapshot_id
from zhike.warehouse.entities import ORG_UNITS
from zhike.warehouse.queries import newest, rows
from zhike.warehouse.versions import latest

SECONDS_BETWEEN_LOOKS = 15  # a new import of units shows after so long at most
INDENT = "\u2003"


@dataclass(frozen=True)
class Unit:
    """One org unit, with its place in the tree."""

    unit_id: str
    title: str
    parent_id: str
    depth: int

    @property
    def indent(self) -> str:
        """What sets it apart from the unit above in a list."""
        return INDENT * self.depth


def units() -> tuple[Unit, ...]:
    """All units, each below the one it belongs to; none where no units were imported."""
    return _tree(_newest_snapshot(settings.ZHIKE.catalog_uri, int(time.monotonic() // SECONDS_BETWEEN_LOOKS)))


def unit_of(unit_id: str) -> Unit | None:
    """The unit of this id."""
    return next((unit for unit in units() if unit.unit_id == unit_id), None)


def known_unit(unit_id: str | None) -> str | None:
    """The id of a unit that there is; None for the whole firm. Raises NotFound for one that there is not."""
    if not unit_id:
        return None
    if unit_of(unit_id) is None:
        raise NotFound(_("no org unit has the number %(unit)s") % {"unit": repr(unit_id)}, where="unit")
    return unit_id


def units_under(unit_id: str) -> frozenset[str]:
    """The ids of a unit and of all below it; the unit's alone where it is not known."""
    found = {unit_id}
    for unit in units():  # a unit stands after the one above it
        if unit.parent_id in found:
            found.add(unit.unit_id)
    return frozenset(found)


@lru_cache(maxsize=2)
def _newest_snapshot(_catalog: str, _moment: int) -> int | None:
    return snapshot_id(ORG_UNITS)


@lru_cache(maxsize=4)
def _tree(snapshot: int | None) -> tuple[Unit, ...]:
    if snapshot is None:
        return ()
    table = latest(ORG_UNITS, newest(ORG_UNITS)).select("unit_id", "name", "parent_id")
    found = sorted(rows(table), key=lambda row: str(row["unit_id"]))
    below: dict[str, list[dict[str, object]]] = {}
    known = {row["unit_id"] for row in found}
    for row in found:
        parent = str(row["parent_id"]) if row["parent_id"] in known else ""
        below.setdefault(parent, []).append(row)
    return tuple(_walk(below, "", 0, frozenset()))


def _walk(below: dict[str, list[dict[str, object]]], parent: str, depth: int, above: frozenset[str]) -> Iterator[Unit]:
    for row in below.get(parent, []):
        unit_id = str(row["unit_id"])
        if unit_id in above:
            continue  # a circle in what was imported
        yield Unit(unit_id, str(row["name"]), parent, depth)
        yield from _walk(below, unit_id, depth + 1, above | {unit_id})
