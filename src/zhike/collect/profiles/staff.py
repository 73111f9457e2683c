"""Members of staff as they were last imported: who is there, who has left, and of which org unit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from django.conf import settings

from zhike.warehouse.catalog import snapshot_id
from zhike.warehouse.entities import STAFF
from zhike.warehouse.queries import newest, rows
from zhike.warehouse.versions import latest

SECONDS_BETWEEN_LOOKS = 15  # a new import of staff shows after so long at most
MANAGER = "manager"


@dataclass(frozen=True)
class Member:
    """One member of staff."""

    staff_id: str
    name: str
    unit_id: str
    role: str
    left_on: date | None

    def has_left(self, day: date) -> bool:
        """Their last day was this one or an earlier one."""
        return self.left_on is not None and self.left_on <= day

    @property
    def is_manager(self) -> bool:
        return self.role == MANAGER


def staff() -> Mapping[str, Member]:
    """All members of staff by their id; who is employed in any record of them has not left."""
    return _staff(_newest_snapshot(settings.ZHIKE.catalog_uri, int(time.monotonic() // SECONDS_BETWEEN_LOOKS)))


@lru_cache(maxsize=2)
def _newest_snapshot(_catalog: str, _moment: int) -> int | None:
    return snapshot_id(STAFF)


@lru_cache(maxsize=2)
def _staff(snapshot: int | None) -> Mapping[str, Member]:
    if snapshot is None:
        return MappingProxyType({})
    known = latest(STAFF, newest(STAFF)).select("staff_id", "name", "unit_id", "role", "left_on")
    found: dict[str, Member] = {}
    for row in sorted(rows(known), key=lambda row: (row["left_on"] is None, row["left_on"] or date.min)):
        # In this order somebody's last day comes last, and being employed after that.
        left_on = row["left_on"]
        assert left_on is None or isinstance(left_on, date)
        said = {name: str(row[name] or "") for name in ("staff_id", "name", "unit_id", "role")}
        found[said["staff_id"]] = Member(**said, left_on=left_on)
    return MappingProxyType(found)
