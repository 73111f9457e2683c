"""Groups of customers in a file, for decisions about thousands at once."""

from __future__ import annotations

from pathlib import Path

import ibis
import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext as _

from zhike.collect.identity.measures import KEY
from zhike.collect.identity.tables import IDENTITY_MAP
from zhike.collect.sources.mapping import Format
from zhike.collect.sources.readers import BadFile, Limits, inspect, open_file
from zhike.collect.sources.readers.batches import ROW_NUMBER
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import Published

COLUMNS = ("group", "customer_id", *KEY)


def groups_of_file(path: Path, now: Published) -> list[list[int]]:
    """The groups of a table with the columns group and customer_id, or group, source and customer_key.

    Raises BadFile for a file that cannot be read, lacks a column or names a customer who is not there.
    """
    rows = _rows(path)
    given = {
        name: rows[name] if name in rows.column_names else pa.nulls(rows.num_rows, pa.string()) for name in COLUMNS
    }
    named = ibis.memtable(pa.table({"row": rows[ROW_NUMBER], **given}))
    known = now.table(IDENTITY_MAP).select(*KEY, by_key="customer_id")
    found = named.left_join(known, list(KEY))
    by_id = found.customer_id.try_cast("int64")
    meant = found.select("row", "group", customer=ibis.coalesce(by_id, found.by_key)).order_by("row")
    groups: dict[str, list[int]] = {}
    for row in engine().arrow(meant).to_pylist():
        if not row["group"] or row["customer"] is None:
            raise BadFile(
                _("row %(row)s: %(reason)s")
                % {"row": row["row"], "reason": _("names no customer") if row["group"] else _("names no group")},
                where=path.name,
                advice=_("Customers of new records are known after the next refresh."),
            )
        groups.setdefault(row["group"], []).append(row["customer"])
    return list(groups.values())


def _rows(path: Path) -> pa.Table:
    limits = Limits(file=settings.ZHIKE.import_limit, line=settings.ZHIKE.line_limit)
    reader = open_file(path, inspect(path, limits), Format(), limits)
    columns = {name.strip().lower() for name in reader.columns}
    if "group" not in columns or not ("customer_id" in columns or set(KEY) <= columns):
        raise BadFile(
            _("has not the columns that tell groups"),
            where=path.name,
            advice=_("Name its columns group and customer_id, or group, source and customer_key."),
        )
    parts = []
    for batch in reader.batches():
        if batch.broken:
            broken = batch.broken[0]
            raise BadFile(
                _("row %(row)s: %(reason)s") % {"row": broken.row_number, "reason": broken.reason}, where=path.name
            )
        lowered = [name if name == ROW_NUMBER else name.strip().lower() for name in batch.rows.column_names]
        parts.append(batch.rows.rename_columns(lowered))
    if not parts:
        raise BadFile(_("the file has no rows"), where=path.name)
    return pa.concat_tables(parts)
