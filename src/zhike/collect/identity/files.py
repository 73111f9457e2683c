"""Linking the records of a plain file, without importing it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.conf import settings
from django.utils.translation import gettext as _
from ibis.expr.types import Table
from phonenumbers import SUPPORTED_REGIONS

from zhike.collect.identity.linking.accuracy import Accuracy, accuracy, pairwise
from zhike.collect.identity.linking.linkage import link
from zhike.collect.identity.linking.model import GROUP, RECORD_ID
from zhike.collect.identity.linking.organisations import ORGANISATIONS
from zhike.collect.identity.linking.persons import PERSONS
from zhike.collect.identity.linking.workbench import Workbench
from zhike.collect.identity.normalising.records import normalised
from zhike.collect.identity.roles import TELLING, read_roles, roles_of
from zhike.collect.identity.telling import OF_FIRM, folded
from zhike.collect.sources.plain_files import check_column, open_plain, rows_of
from zhike.errors import UserError
from zhike.warehouse.engines.duckdb import embedded
from zhike.warehouse.services import today

SAMPLE = 1_000  # rows that tell what a column is
NAMED = 5  # of the ids and rows that are wrong, in a message
RECORD, CUSTOMER = "record", "customer"  # the columns of what is written


@dataclass(frozen=True)
class LinkedFile:
    """The records of a file and the customers they were found to be."""

    roles: Mapping[str, str]  # what each column was taken for: role → column
    records: int
    clusters: int
    accuracy: Accuracy | None  # where the truth was given
    assignments: pa.Table  # record, customer: the first record of the same customer
    seconds: float
    warning: str = ""  # what the file lacks, so that this is worth little


def link_file(path: Path, *, record: str, truth: str | None = None, roles: Path | None = None) -> LinkedFile:
    """Which records of a file are the same person's or organisation's.

    `record` is the column that names a record, `truth` one that names the customer it is known to be, `roles` a YAML
    file that says which column is what; without it that is detected. Raises UserError for a file that cannot be read,
    for columns that it lacks or of which nothing can be linked, and where a record has no name of its own.
    """
    started = time.perf_counter()
    reader = open_plain(path)
    for column, option in ((record, "--id"), (truth, "--truth")):
        if column is not None:
            check_column(reader, column, option)
    if settings.ZHIKE.country not in SUPPORTED_REGIONS:
        raise UserError(
            _("no telephone numbers of %(country)s are known") % {"country": settings.ZHIKE.country},
            where="ZHIKE_COUNTRY",
            advice=_("Use two capitals, such as CN or GB."),
        )
    rows = rows_of(reader, path)
    _check_records(rows[record], record)
    if truth is not None and rows[truth].null_count == rows.num_rows:
        raise UserError(_("column %(column)s has no values") % {"column": repr(truth)}, where="--truth")
    told = [column for column in reader.columns if column not in (record, truth)]
    found = read_roles(roles, told) if roles else roles_of(told, _sample(rows, told))
    if not found:
        raise UserError(
            _("no column of the file looks like a name, a birthday, a number or an address"),
            where=path.name,
            advice=_("Say with --map which column is what. Its columns: %(columns)s.")
            % {"columns": ", ".join(reader.columns)},
        )
    linked = _linked(rows, found, record, truth, started)
    return linked if roles else replace(linked, warning=_lacking(found, told))


def write_assignments(linked: LinkedFile, path: Path) -> None:
    """Writes the customer of every record as CSV. Raises UserError where the file cannot be written."""
    try:
        pyarrow.csv.write_csv(linked.assignments, path)
    except OSError as error:
        raise UserError(_("cannot be written: %(error)s") % {"error": error.strerror}, where=str(path)) from error


def _check_records(ids: pa.ChunkedArray, column: str) -> None:
    """Raises UserError where records have no id, or several have the same: nobody could tell which is meant."""
    ids = ids.cast(pa.string()).fill_null("")
    advice = _("Name a column that tells every record from all others.")
    nameless = pc.indices_nonzero(pc.equal(pc.utf8_trim_whitespace(ids), ""))
    if len(nameless):
        raise UserError(
            _("%(count)s records have nothing in column %(column)s, the first in row %(rows)s")
            % {"count": f"{len(nameless):,}", "column": repr(column), "rows": _listed(nameless)},
            where="--id",
            advice=advice,
        )
    counts = pc.value_counts(ids)
    repeated = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    if len(repeated):
        rows = [(one, _listed(pc.indices_nonzero(pc.equal(ids, one)))) for one in repeated[:NAMED].to_pylist()]
        said = "; ".join(_("%(id)s in row %(rows)s") % {"id": repr(one), "rows": places} for one, places in rows)
        raise UserError(
            _("%(count)s values of column %(column)s are those of several records: %(ids)s")
            % {"count": f"{len(repeated):,}", "column": repr(column), "ids": said},
            where="--id",
            advice=advice,
        )


def _listed(places: pa.Array) -> str:
    """The first of these rows, counted from 1 without the header."""
    return ", ".join(str(place + 1) for place in places[:NAMED].to_pylist())


def _lacking(roles: Mapping[str, str], columns: list[str]) -> str:
    """What is missing where nothing tells one person from another, and how to mend it; empty where all is well."""
    if any(role in roles for role in TELLING):
        return ""
    found = ", ".join(f"{role} ({column})" for role, column in roles.items())
    said = _("No column was taken for a name or an ID number: records are linked by %(found)s alone.") % {
        "found": found
    }
    others = ", ".join(column for column in columns if column not in roles.values()) or "–"
    remedy = _("Say with --map which column is the name. Other columns: %(columns)s.") % {"columns": others}
    return f"{said} {remedy}"


def _sample(rows: pa.Table, columns: list[str]) -> dict[str, list[str]]:
    first = rows.slice(0, SAMPLE)
    return {name: [value or "" for value in first[name].to_pylist()] for name in columns}


def _linked(rows: pa.Table, roles: Mapping[str, str], record: str, truth: str | None, started: float) -> LinkedFile:
    # Under names of our own: a file may call its columns what we call ours.
    ours = {column: f"column_{place}" for place, column in enumerate(rows.column_names)}
    numbered = rows.rename_columns(list(ours.values())).append_column(RECORD_ID, pa.array(np.arange(rows.num_rows)))
    engine = embedded()
    name = f"linked_{uuid.uuid4().hex}"
    whole = engine.connection.create_table(name, numbered, temp=True)
    try:
        # What stands in a column of firms is one, even without a form of law.
        kind = {"kind": ibis.literal(ORGANISATIONS.name)} if folded(roles.get("name", "")) in OF_FIRM else {}
        named = whole.select(RECORD_ID, **{role: whole[ours[column]] for role, column in roles.items()}, **kind)
        with Workbench(engine) as bench:
            records = normalised(named, key=RECORD_ID, region=settings.ZHIKE.country, keep=bench.keep)
            groups = _groups(records, bench)
            first = whole.select(**{GROUP: whole[RECORD_ID], CUSTOMER: whole[ours[record]]})
            found = bench.keep(whole.join(groups, RECORD_ID).join(first, GROUP).order_by(RECORD_ID))
            return LinkedFile(
                roles=roles,
                records=rows.num_rows,
                clusters=_number(bench, found[GROUP].nunique().as_table()),
                accuracy=_accuracy(bench, found, ours[truth]) if truth else None,
                assignments=engine.arrow(found.select(**{RECORD: found[ours[record]], CUSTOMER: found[CUSTOMER]})),
                seconds=time.perf_counter() - started,
            )
    finally:
        engine.connection.drop_table(name)


def _groups(records: Table, bench: Workbench) -> Table:
    """Persons and organisations, each among themselves."""
    as_of = today()
    found = [
        link(records.filter(records.kind == kind.name), kind, bench=bench, as_of=as_of).groups
        for kind in (PERSONS, ORGANISATIONS)
    ]
    return found[0].union(found[1])


def _accuracy(bench: Workbench, found: Table, truth: str) -> Accuracy:
    """By the records whose truth is known."""
    known = found.filter(found[truth].notnull())
    return accuracy(*(_number(bench, pairs) for pairs in pairwise(known, group=GROUP, truth=truth)))


def _number(bench: Workbench, table: Table) -> int:
    return int(bench.engine.arrow(table)[0][0].as_py())
