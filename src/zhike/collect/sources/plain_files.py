"""A plain file for one method: the columns it needs, as typed values, without an import."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.utils.translation import gettext as _
from ibis.expr.types import Value

from zhike.collect.sources.conversion import FALSE, TRUE, WORDS
from zhike.collect.sources.mapping import Format
from zhike.collect.sources.parsing import day, number
from zhike.collect.sources.readers import BadFile, Limits, Reader, inspect, open_file
from zhike.collect.sources.readers.batches import ROW_NUMBER
from zhike.errors import UserError
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines import IBIS_TYPES
from zhike.warehouse.engines.duckdb import embedded


@dataclass(frozen=True)
class Wanted:
    """A column that a method needs: its name in the file, what it holds, and the option that names it."""

    column: str
    kind: Kind = Kind.NUMBER
    option: str = ""
    may_lack: bool = False  # cells may be empty
    minimum: float | None = None


def open_plain(path: Path) -> Reader:
    """A reader for a CSV, XLSX, JSON Lines or Parquet file, gzip allowed. Raises BadFile."""
    limits = Limits(file=settings.ZHIKE.import_limit, line=settings.ZHIKE.line_limit)
    return open_file(path, inspect(path, limits), Format(), limits)


def columns_of(path: Path) -> tuple[str, ...]:
    """The names of the columns of a file. Raises BadFile."""
    return open_plain(path).columns


def rows_of(reader: Reader, path: Path, columns: list[str] | None = None) -> pa.Table:
    """All rows of these columns as text. Raises BadFile for a row that has not the form of its file, or for none."""
    parts = []
    for batch in reader.batches():
        if batch.broken:
            broken = batch.broken[0]
            raise BadFile(broken.reason, where=f"{path.name}, {_('row %(number)s') % {'number': broken.row_number}}")
        parts.append(batch.rows.select(columns or list(reader.columns)))
    if not any(part.num_rows for part in parts):
        raise BadFile(_("the file has no rows"), where=path.name)
    return pa.concat_tables(parts)


def check_column(reader: Reader, column: str, option: str) -> None:
    """Raises UserError where the file has no such column."""
    if column not in reader.columns:
        raise UserError(
            _("the file has no column %(column)s") % {"column": repr(column)},
            where=option,
            advice=_("Its columns: %(columns)s.") % {"columns": ", ".join(reader.columns)},
        )


def read_columns(path: Path, wanted: Mapping[str, Wanted]) -> pa.Table:
    """The wanted columns of a file under names of our own, typed, in the order of its rows.

    Numbers, dates, and yes or no (1/0, yes/no, true/false, 是/否) are read as an import reads them. Raises UserError
    for a file that cannot be read, a column that it lacks, and the first cell that is empty or not of its kind, with
    its row.
    """
    reader = open_plain(path)
    for one in wanted.values():
        check_column(reader, one.column, one.option)
    rows = rows_of(reader, path, list(dict.fromkeys(one.column for one in wanted.values())))
    engine = embedded()
    name = f"plain_{uuid.uuid4().hex}"
    # Under names of our own: a file may call its columns what we call ours.
    texts = pa.table({ours: rows[one.column] for ours, one in wanted.items()})
    numbered = texts.append_column(ROW_NUMBER, pa.array(range(1, len(texts) + 1), pa.int64()))
    whole = engine.connection.create_table(name, numbered, temp=True)
    try:
        values = whole.mutate(**{ours: _value(whole[ours], one.kind) for ours, one in wanted.items()})
        typed = engine.arrow(values.order_by(ROW_NUMBER)).drop_columns([ROW_NUMBER])
        for ours, one in wanted.items():
            _check(typed, texts, ours, one, path)
        return typed
    finally:
        engine.connection.drop_table(name)


def _value(text: Value, kind: Kind) -> Value:
    match kind:
        case Kind.TEXT:
            return text
        case Kind.BOOLEAN:
            lower = text.lower()
            return ibis.cases((lower.isin(TRUE), True), (lower.isin(FALSE), False), else_=ibis.null(dt.boolean))
        case Kind.DATE:
            return day(text, ())
        case _:
            return number(text, IBIS_TYPES[kind])


def _check(typed: pa.Table, texts: pa.Table, ours: str, one: Wanted, path: Path) -> None:
    """Raises UserError for the first cell of a column that is not what is wanted."""
    values, said = typed[ours], texts[ours]
    wrong = values.is_null()
    if one.may_lack:
        wrong = pc.and_(wrong, said.is_valid())
    what = WORDS.get(one.kind, "")
    if one.minimum is not None:
        wrong = pc.or_(wrong, pc.fill_null(pc.less(values, one.minimum), False))
        what = _("%(what)s of at least %(minimum)s") % {"what": what, "minimum": f"{one.minimum:g}"}
    first = pc.index(wrong, True).as_py()
    if first < 0:
        return
    text = said[first].as_py()
    problem = _("is empty") if text is None else _("%(text)s is not %(what)s") % {"text": repr(text), "what": what}
    raise UserError(
        problem,
        where=_("%(file)s, row %(row)s, column %(column)s")
        % {"file": path.name, "row": f"{first + 1:,}", "column": repr(one.column)},
    )
