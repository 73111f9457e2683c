"""Set tags from a file: one customer and one value a row, checked and set in one act."""

from __future__ import annotations

import csv
import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.collect.sources.mapping import Format
from zhike.collect.sources.readers import BadFile, Limits, inspect, open_file
from zhike.collect.sources.readers.batches import REJECT_COLUMNS, ROW_NUMBER
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.progress import Progress, Silent
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.setting.folding import DAY_0, YES, Act, bitmap_of
from zhike.understand.tags.setting.services import LONGEST_VALUE, record_act, settable
from zhike.understand.tags.setting.whom import customers_of_keys
from zhike.understand.tags.wording.cleaning import HIDDEN_PATTERN, JOINERS
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import Published, published

COLUMNS = ("customer_id", "source", "customer_key", "value")
YES_WORDS, NO_WORDS = ("yes", "true", "1", "y", "是"), ("no", "false", "0", "n", "否")
NUMBER = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"


@dataclass(frozen=True)
class SetImport:
    """What a file set, or would set. `read` = `accepted` + `rejected`; of who is named twice the last row counts."""

    read: int
    accepted: int
    rejected: int
    customers: int
    values: Mapping[str, int]  # of a tag of yes or no, or a category: how many customers get which value
    reasons: Mapping[str, int]
    rejects: pa.Table  # the row, column, value and reason of each
    change_id: int | None  # None for a dry run, or where nothing was accepted


@dataclass
class _Read:
    """Rows as far as they were read: good ones, and why others are not."""

    count: int = 0
    ids: list[pa.Array] = field(default_factory=list)
    values: list[pa.Array] = field(default_factory=list)
    rejects: list[pa.Table] = field(default_factory=list)


def import_tag(
    *,
    tag: str,
    path: Path,
    source: str = "",
    value: str | None = None,
    note: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> SetImport:
    """What the file set: CSV, TSV, XLSX, JSON Lines or Parquet with `customer_id`, or `customer_key` and `source`.

    `value` is what its column `value` would say, where it has none; a tag of yes or no needs neither, and `no` takes
    it away. All good rows are set in one act. Raises NoSuchTag, NotSet, BadFile, NothingPublished, Denied.
    """
    require(Right.SET_TAGS)
    kind, values = settable(tag)
    now = published()
    found = _Read()
    for rows in _batches(path, progress or Silent()):
        _check_columns(rows.column_names, kind, path, value=value, source=source)
        found.count += rows.num_rows
        checked = _checked(_named(rows, source, value), kind, values, now)
        _put(found, checked)
    act = _act(found, kind)
    rejects = pa.concat_tables(found.rejects) if found.rejects else pa.table({name: [] for name in REJECT_COLUMNS})
    customers = act.customers
    change = None if dry_run or not customers else record_act(tag, act, value=_only(act), note=note or path.name)
    return SetImport(
        read=found.count,
        accepted=found.count - rejects.num_rows,
        rejected=rejects.num_rows,
        customers=len(customers),
        values={**{one: len(who) for one, who in act.given.items()}, **({"no": len(act.taken)} if act.taken else {})},
        reasons=Counter(_reason(row) for row in rejects.select(["reject_column", "reject_reason"]).to_pylist()),
        rejects=rejects,
        change_id=change.pk if change else None,
    )


def write_set_rejects(rejects: pa.Table, path: Path) -> int:
    """Writes the rows that were not accepted as CSV, with column, value and reason; how many there are."""
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(rejects.column_names)
            writer.writerows(row.values() for row in rejects.to_pylist())
    except OSError as error:
        raise UserError(_("cannot be written: %(strerror)s") % {"strerror": error.strerror}, where=str(path)) from error
    return rejects.num_rows


def _batches(path: Path, progress: Progress) -> Iterator[pa.Table]:
    limits = Limits(settings.ZHIKE.import_limit, settings.ZHIKE.line_limit)
    file_format = Format()
    reader = open_file(path, inspect(path, limits), file_format, limits)
    progress.begin("reading", total=reader.size, unit=reader.unit)
    position = 0
    for batch in reader.batches():
        if batch.broken:
            raise BadFile(
                _("row %(row)s: %(reason)s") % {"row": batch.broken[0].row_number, "reason": batch.broken[0].reason},
                where=path.name,
            )
        lowered = [name if name == ROW_NUMBER else name.strip().lower() for name in batch.rows.column_names]
        yield batch.rows.rename_columns(lowered)
        progress.advance(batch.position - position)
        position = batch.position


def _check_columns(names: Sequence[str], kind: TagKind, path: Path, *, value: str | None, source: str) -> None:
    has_key = "customer_key" in names and ("source" in names or source)
    if "customer_id" not in names and not has_key:
        lacking = _("source, or the option that says it") if "customer_key" in names else "customer_id"
        raise BadFile(
            _("has no column %(missing)s") % {"missing": lacking},
            where=path.name,
            advice=_("Name its columns customer_id, or source and customer_key, and value."),
        )
    if "value" not in names and value is None and kind != TagKind.YES_NO:
        raise BadFile(
            _("has no column %(missing)s") % {"missing": "value"},
            where=path.name,
            advice=_("Add one, or say the value that all of them get."),
        )


def _named(rows: pa.Table, source: str, value: str | None) -> pa.Table:
    """The rows with exactly the columns that are looked at, as text."""
    nothing = pa.nulls(rows.num_rows, pa.string())
    given = {name: rows[name] if name in rows.column_names else nothing for name in COLUMNS}
    if source:
        given["source"] = pc.fill_null(given["source"], source)
    if "value" not in rows.column_names and value is not None:
        given["value"] = pa.array([value] * rows.num_rows, pa.string())
    return pa.table({"row": rows[ROW_NUMBER], **given})


def _checked(rows: pa.Table, kind: TagKind, values: Sequence[str], now: Published) -> pa.Table:
    """The rows with the customer that is meant, the value as it is kept, and the column at fault with the reason."""
    looked_up = customers_of_keys(rows, now)
    by_id = looked_up.customer_id.try_cast("int64")
    number = (by_id >= 0) & (by_id < now.next_customer_id)
    is_by_id = looked_up.customer_id.notnull()
    value = looked_up.value
    kept, wrong = _kept_value(value, kind, values)
    at_fault = ibis.cases(
        (is_by_id & ~number.fill_null(False), "customer_id"),
        (~is_by_id & looked_up.customer_key.isnull(), "customer_key"),
        (~is_by_id & looked_up.customer_id_right.isnull(), "customer_key"),
        (wrong.notnull(), "value"),
    )
    why = ibis.cases(
        (is_by_id & ~number.fill_null(False), _("is no customer")),
        (~is_by_id & looked_up.customer_key.isnull(), _("is required and empty")),
        (~is_by_id & looked_up.customer_id_right.isnull(), _("is no customer of this source")),
        else_=wrong,
    )
    result = looked_up.select(
        "row",
        "value",
        "customer_key",
        id_text="customer_id",
        customer_id=is_by_id.ifelse(by_id, looked_up.customer_id_right),
        kept=kept,
        at_fault=at_fault,
        why=why,
    )
    return engine().arrow(result.order_by("row"))


def _kept_value(value: ibis.Value, kind: TagKind, values: Sequence[str]) -> tuple[ibis.Value, ibis.Value]:
    """A value as it is kept, and what is wrong with it; nothing where it is good."""
    is_empty, required = value.isnull(), _("is required and empty")
    match kind:
        case TagKind.YES_NO:
            lowered = value.lower()
            is_no = lowered.isin(NO_WORDS)
            kept = is_no.fill_null(False).ifelse("", YES)
            is_word = is_empty | is_no | lowered.isin(YES_WORDS)
            return kept, is_word.ifelse(ibis.null("string"), _("is neither yes nor no"))
        case TagKind.CATEGORY:
            listed = value.isin(list(values)) if values else ibis.literal(True)
            seen = functools.reduce(lambda text, joiner: text.replace(joiner, ""), JOINERS, value)
            wrong = ibis.cases(
                (is_empty, required),
                (value.length() > LONGEST_VALUE, _("has more than %(limit)s characters") % {"limit": LONGEST_VALUE}),
                (seen.re_search(HIDDEN_PATTERN), _("holds a line break or a hidden character")),
                (~listed, _("is none of the tag's values")),
            )
            return value, wrong
        case TagKind.DATE:
            day = value.re_search(r"^\d{4}-\d{2}-\d{2}([ T]00:00(:00(\.0+)?)?)?$").ifelse(
                value.substr(0, 10).try_cast("date"), ibis.null("date")
            )
            days = day.delta(ibis.literal(DAY_0), unit="day").cast("float64")
            return days, ibis.cases((is_empty, required), (day.isnull(), _("is not a date such as 2026-01-31")))
    number = value.re_search(NUMBER).ifelse(value.try_cast("float64"), ibis.null("float64"))
    known = number.notnull() & ~number.isinf() & ~number.isnan()
    return number, ibis.cases((is_empty, required), (~known.fill_null(False), _("is not a number")))


def _put(found: _Read, checked: pa.Table) -> None:
    is_good = pc.is_null(checked["at_fault"])
    good, bad = checked.filter(is_good), checked.filter(pc.invert(is_good))
    found.ids.append(good["customer_id"].combine_chunks())
    found.values.append(good["kept"].combine_chunks())
    if bad.num_rows:
        columns = {"customer_id": "id_text", "customer_key": "customer_key", "value": "value"}
        said = pa.nulls(bad.num_rows, pa.string())
        for name, column in columns.items():
            said = pc.if_else(pc.equal(bad["at_fault"], name), bad[column], said)
        found.rejects.append(pa.table([bad["row"], bad["at_fault"], said, bad["why"]], names=list(REJECT_COLUMNS)))


def _act(found: _Read, kind: TagKind) -> Act:
    """What the rows say together: of a customer who is named twice the last row."""
    if not found.ids or not sum(map(len, found.ids)):
        return Act()
    ids = pa.concat_arrays(found.ids).to_numpy()
    values = pa.concat_arrays(found.values)
    unique, from_the_end = np.unique(ids[::-1], return_index=True)
    last = len(ids) - 1 - from_the_end
    chosen = values.take(pa.array(last))
    customers = unique.astype(np.uint32)
    if kind in (TagKind.NUMBER, TagKind.DATE):
        return Act(ids=customers, numbers=chosen.to_numpy(zero_copy_only=False).astype(np.float64))
    coded = chosen.dictionary_encode()
    codes = coded.indices.to_numpy()
    given = {str(value): bitmap_of(customers[codes == code]) for code, value in enumerate(coded.dictionary.to_pylist())}
    return Act(taken=given.pop("", BitMap()), given=given)


def _only(act: Act) -> str:
    return next(iter(act.given), "")


def _reason(row: Mapping[str, str]) -> str:
    return f"{row['reject_column']}: {row['reject_reason']}"
