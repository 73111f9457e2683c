"""Counting audiences on the bitmap index."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache

from pyroaring import BitMap

from zhike.errors import UserError
from zhike.understand.tags.shipped import SHIPPED
from zhike.understand.tags.tables import TAG_BITMAPS
from zhike.warehouse.catalog import files_of
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import published

# The one condition of the rule language that there is so far.
HAS_TAG = re.compile(
    r"""^\s*(?:has\s+tag\s+)?(?P<q1>["']?)(?P<tag>[\w-]+)(?P=q1)\s*"""
    r"""(?:=\s*(?P<q2>["']?)(?P<value>[\w -]+?)(?P=q2))?\s*$"""
)


@dataclass(frozen=True)
class AudienceCount:
    """How many customers an audience has, of how many, as of which refresh."""

    count: int
    customers: int
    share: float
    refresh_id: int
    milliseconds: float


def count_audience(rule: str) -> AudienceCount:
    """The number of customers for whom a rule holds: `has tag "name"` or `has tag "name" = "value"`.

    Raises UserError for a rule that says anything else, or names a tag or value that there is not.
    """
    tag, value = _parse(rule)
    now = published()
    index = _index(now.snapshots.get(TAG_BITMAPS.table))
    started = time.perf_counter()
    members = BitMap.union(BitMap(), *_bitmaps(index, tag, value))
    milliseconds = (time.perf_counter() - started) * 1000
    return AudienceCount(
        count=len(members),
        customers=now.customer_count,
        share=len(members) / now.customer_count if now.customer_count else 0.0,
        refresh_id=now.refresh_id,
        milliseconds=milliseconds,
    )


def _parse(rule: str) -> tuple[str, str | None]:
    found = HAS_TAG.match(rule)
    if found is None:
        raise UserError(
            f"cannot read the rule {rule!r}",
            advice='So far a rule is one condition: has tag "rfm_segment" = "champions".',
        )
    return found["tag"], found["value"]


def _bitmaps(index: dict[str, dict[str, list[BitMap]]], tag: str, value: str | None) -> list[BitMap]:
    if tag not in {shipped.name for shipped in SHIPPED}:
        names = ", ".join(shipped.name for shipped in SHIPPED)
        raise UserError(f"no tag is called {tag!r}", advice=f"There are {names}.")
    values = index.get(tag, {})
    if value is None:
        return [bitmap for bitmaps in values.values() for bitmap in bitmaps]
    if value not in values:
        raise UserError(f"nobody has {tag} = {value!r}", advice=f"Its values: {', '.join(sorted(values)) or 'none'}.")
    return values[value]


@lru_cache(maxsize=2)
def _index(snapshot: int | None) -> dict[str, dict[str, list[BitMap]]]:
    """Tag → value → its bitmaps, one for each range of customers; loaded once per refresh."""
    table = engine().open(TAG_BITMAPS, [file.path for file in files_of(TAG_BITMAPS, snapshot)])
    index: dict[str, dict[str, list[BitMap]]] = {}
    for row in engine().arrow(table.select("tag", "value", "bitmap")).to_pylist():
        index.setdefault(row["tag"], {}).setdefault(row["value"], []).append(BitMap.deserialize(row["bitmap"]))
    return index
