"""What a refresh has of each tag: its two files, and by which version and as of which day they were computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pyarrow.parquet as pq

from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
from zhike.warehouse.catalog import DataFile, files_of
from zhike.warehouse.files import open_file
from zhike.warehouse.steps import Snapshots

REMEMBERED = 4096  # files


@dataclass(frozen=True)
class TagState:
    """How a tag stands in a refresh."""

    name: str
    kind: TagKind
    is_set: bool
    version: int
    as_of: date
    bitmaps: str
    members: DataFile | None  # None where nobody has it

    @property
    def is_measured(self) -> bool:
        """Its values are numbers or days."""
        return self.kind in (TagKind.NUMBER, TagKind.DATE)


def tag_states(snapshots: Snapshots) -> dict[str, TagState]:
    """How every tag of a refresh stands in it, by name."""
    return {name: found for name in _files(TAG_BITMAPS, snapshots) if (found := tag_state(snapshots, name))}


def tag_state(snapshots: Snapshots, name: str) -> TagState | None:
    """How one tag stands in a refresh; None where it is not in it."""
    bitmaps = _files(TAG_BITMAPS, snapshots).get(name)
    if bitmaps is None:
        return None
    kind, is_set, version, as_of = _said(bitmaps.path)
    return TagState(name, kind, is_set, version, as_of, bitmaps.path, _files(TAGS, snapshots).get(name))


def _files(contract: object, snapshots: Snapshots) -> Mapping[str, DataFile]:
    assert contract in (TAGS, TAG_BITMAPS)
    return _by_tag(contract is TAGS, snapshots.get(TAGS.table if contract is TAGS else TAG_BITMAPS.table))


@lru_cache(maxsize=64)
def _by_tag(is_members: bool, snapshot: int | None) -> Mapping[str, DataFile]:
    files = files_of(TAGS if is_members else TAG_BITMAPS, snapshot)
    # Files of an earlier version are not of one tag each.
    return {str(file.partition["tag"]): file for file in files if file.partition.get("tag") is not None}


@lru_cache(maxsize=REMEMBERED)
def _said(path: str) -> tuple[TagKind, bool, int, date]:
    with open_file(path) as source:
        rows = pq.ParquetFile(source).read_row_group(0, columns=["kind", "is_set", "version", "as_of"])
    row = rows.slice(0, 1).to_pylist()[0]
    return TagKind(row["kind"]), row["is_set"], row["version"], row["as_of"]
