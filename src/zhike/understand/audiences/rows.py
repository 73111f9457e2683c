"""Customers of a set as rows: some of them to look at, a page after the other, or all of them as a file."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.govern.access.masking import mask, masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.rules.nearest import did_you_mean
from zhike.rules.tree import Condition
from zhike.ui.sheets import check_sheet, csv_chunks, sheet_rows, write_xlsx
from zhike.understand.attributes.tables import ATTRIBUTES
from zhike.understand.audiences.drawing import sampled
from zhike.understand.audiences.queries import members_seen
from zhike.understand.audiences.reading import everybody_seen
from zhike.understand.tags.setting.folding import ids_of
from zhike.warehouse.attributes import registry
from zhike.warehouse.mapped import ARROW_TYPES, mapped_columns
from zhike.warehouse.queries import Published, published

logger = logging.getLogger("zhike.audiences")

SHOWN = ("customer_id", "kind", "name", "city", "province", "unit_id", "order_count", "revenue_amount", "last_seen_on")
MOST_SHOWN = 200  # to look at
MOST_AT_ONCE = 10_000  # of a page for machines
ROWS_PER_BATCH = 50_000
BYTES_AT_ONCE = 1_000_000
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class MemberPage:
    """Some customers of a set, by customer_id, masked for who lacks the right to see more."""

    rows: tuple[dict[str, object], ...]
    total: int
    next: int | None  # to be given as `after`
    refresh_id: int
    as_of: date


@dataclass(frozen=True)
class Exported:
    """A file of all members, as it is written."""

    media_type: str
    rows: int
    chunks: Iterator[bytes]


def rows_of(
    members: BitMap, *, columns: Sequence[str] = SHOWN, after: int | None = None, limit: int = 50
) -> MemberPage:
    """A page of a set of customers to look at, of the org unit that whoever acts looks at. Raises UserError, Denied."""
    require(Right.SEE_CUSTOMERS)
    return _page(members, columns, after, min(limit, MOST_SHOWN))


def sample_rows(rule: str | Condition, *, size: int = 20, seed: int = 0, columns: Sequence[str] = SHOWN) -> MemberPage:
    """Some customers of a rule, drawn at random; the same seed draws the same. Raises UserError, Denied."""
    require(Right.SEE_CUSTOMERS)
    found = members_seen(rule)
    drawn = _page(sampled(found, min(size, MOST_SHOWN), seed=seed), columns, None, MOST_SHOWN)
    return MemberPage(drawn.rows, len(found), None, drawn.refresh_id, drawn.as_of)


def member_page(
    members: str | Condition | BitMap, *, columns: Sequence[str] = SHOWN, after: int | None = None, limit: int = 1000
) -> MemberPage:
    """A page of the customers of a rule, or of a set, for who takes them away. Raises UserError, Denied."""
    require(Right.SEE_CUSTOMERS)
    require(Right.EXPORT)
    found = members if isinstance(members, BitMap) else members_seen(members)
    return _page(found, columns, after, min(limit, MOST_AT_ONCE))


def export_members(rule: str | Condition, *, kind: str = "csv", columns: Sequence[str] = SHOWN) -> Exported:
    """All customers of a rule as CSV, XLSX or Parquet, by customer_id; written while it is read.

    Raises UserError for a kind or a column that there is not, or too many rows for a sheet, and Denied.
    """
    require(Right.SEE_CUSTOMERS)
    actor = require(Right.EXPORT)
    if kind not in KINDS:
        raise UserError(
            _("there is no export as “%(kind)s”") % {"kind": kind},
            where="kind",
            advice=_("There are %(names)s.") % {"names": ", ".join(KINDS)},
        )
    names = column_names(columns)
    now = published()
    members = members_seen(rule, now) & everybody_seen(now)
    if kind == "xlsx":
        check_sheet(len(members))
    rows = len(members)
    logger.info("audience exported", extra={"kind": kind, "rows": rows, "by": actor.kind, "by_id": actor.id})
    batches = _batches(members, names, now, sees_all=may(Right.SEE_PERSONAL_DATA))
    if kind == "csv":
        return Exported(KINDS[kind], rows, csv_chunks(batches, names, names))
    return Exported(KINDS[kind], rows, _through_file(kind, batches, names))


def column_names(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns, `customer_id` before all others and each once. Raises UserError for one that there is not."""
    for name in columns:
        if name not in ATTRIBUTES:
            raise UserError(
                _("there is no column “%(name)s”") % {"name": name},
                where="columns",
                advice=did_you_mean(name, ATTRIBUTES.column_names),
            )
    return tuple(dict.fromkeys(("customer_id", *columns)))


def _page(members: BitMap, columns: Sequence[str], after: int | None, limit: int) -> MemberPage:
    names = column_names(columns)
    now = published()
    members = members & everybody_seen(now)
    start = 0 if after is None or after < 0 else members.rank(min(after, 2**32 - 1))
    ids = members[start : start + max(0, limit)]
    listed = mapped_columns(ATTRIBUTES, now.snapshots.get(ATTRIBUTES.table))
    found = listed.rows(listed.places_of(ids_of(ids)), names)
    return MemberPage(
        rows=tuple(masked(ATTRIBUTES, row) for row in found),
        total=len(members),
        next=int(ids.max()) if ids and start + len(ids) < len(members) else None,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
    )


def _batches(members: BitMap, names: Sequence[str], now: Published, *, sees_all: bool) -> Iterator[pa.RecordBatch]:
    """The rows of the members; each batch has the same columns and types."""
    listed = mapped_columns(ATTRIBUTES, now.snapshots.get(ATTRIBUTES.table))
    ids = ids_of(members)
    hidden = {name for name in names if ATTRIBUTES[name].personal and not sees_all}
    schema = pa.schema(
        [(name, pa.string() if name in hidden else ARROW_TYPES[ATTRIBUTES[name].kind]) for name in names]
    )
    for start in range(0, max(len(ids), 1), ROWS_PER_BATCH):
        rows = listed.taken(listed.places_of(ids[start : start + ROWS_PER_BATCH]), names)
        for place, name in enumerate(names):
            if name in hidden:
                shown = [mask(ATTRIBUTES[name], value) for value in rows[name].to_pylist()]
                rows = rows.set_column(place, name, pa.array(shown, pa.string()))
        yield from rows.cast(schema).combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], schema)]


def _through_file(kind: str, batches: Iterator[pa.RecordBatch], names: Sequence[str]) -> Iterator[bytes]:
    """What a format that cannot be written piece by piece comes to."""
    with tempfile.TemporaryFile() as file:
        if kind == "xlsx":
            attributes = registry().attributes
            head = [str(attributes[name].title) if name in attributes else name for name in names]
            write_xlsx(file, sheet_rows(batches), head)
        else:
            _write_parquet(file, batches)
        file.seek(0)
        while piece := file.read(BYTES_AT_ONCE):
            yield piece


def _write_parquet(file: IO[bytes], batches: Iterator[pa.RecordBatch]) -> None:
    first = next(batches)
    with pq.ParquetWriter(file, first.schema, compression="zstd") as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)
