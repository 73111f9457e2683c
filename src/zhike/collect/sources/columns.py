"""The form of a mapping: for each column of an entity, the column of the file that it is taken from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from pydantic import TypeAdapter, ValidationError

from zhike.collect.sources.detection import DATE_FORMATS, TIMES
from zhike.collect.sources.mapping import Expression, Format, FromColumn, mappable
from zhike.collect.sources.models import Upload
from zhike.collect.sources.parsing import EPOCHS
from zhike.collect.sources.words import example, said
from zhike.ui.navigation import Words
from zhike.warehouse.contracts import Column, Kind
from zhike.warehouse.entities import ENTITIES

COLUMN, CONSTANT, KEPT = "column:", "constant:", "kept"
EXPRESSION: TypeAdapter[Expression] = TypeAdapter(Expression)
Choice = tuple[str, Words]


@dataclass(frozen=True)
class Row:
    """One column of the entity: what it may be taken from, what it is taken from now, and what the file says there."""

    column: Column
    chosen: str
    columns: tuple[str, ...]  # of the file
    constants: tuple[str, ...]
    kept: str  # what the mapping does now that no choice can say
    missing: tuple[str, ...]  # columns that the mapping names and the file lacks
    formats: tuple[Choice, ...]
    format: str
    samples: tuple[str, ...]
    is_needed: bool
    problem: str = ""

    @property
    def is_named(self) -> bool:
        """The mapping says where it is taken from, be it that the file lacks that."""
        return bool(self.chosen or self.missing)

    @property
    def is_open(self) -> bool:
        """A value is required, and it is not settled where it comes from."""
        return self.is_needed and not self.chosen


def rows_of(upload: Upload, problems: Mapping[str, str] | None = None) -> list[Row]:
    """Every column that a mapping may fill: needed ones first, then those that are filled."""
    contract = ENTITIES[upload.entity]
    rows = [_row(upload, contract[name], (problems or {}).get(name, "")) for name in mappable(contract)]
    return sorted(rows, key=lambda row: (not row.is_needed, not row.is_named))


def data_from(upload: Upload, form: Mapping[str, str]) -> dict[str, Any]:
    """The mapping that a form says, as plain data; what it cannot say stays as it was."""
    known = upload.mapping.get("columns", {})
    columns = {}
    for name in mappable(ENTITIES[upload.entity]):
        expression = _expression(form.get(f"from.{name}", ""), form.get(f"format.{name}", ""), known.get(name))
        if expression is not None:
            columns[name] = expression
    data = {**upload.mapping, "entity": upload.entity, "columns": columns}
    written = {**upload.mapping.get("format", {})}
    for name in ("encoding", "sheet"):
        if name in form:
            written[name] = form[name].strip()
    written = {name: value for name, value in written.items() if value not in ("", None)}
    data.pop("format", None)
    return {**data, "format": written} if written else data


def samples_of(upload: Upload, chosen: str) -> tuple[str, ...]:
    """Some values of what was chosen."""
    return tuple(upload.found["samples"].get(chosen.removeprefix(COLUMN), ())) if chosen.startswith(COLUMN) else ()


def _expression(chosen: str, written: str, known: Any) -> Any:
    if chosen == KEPT:
        return known
    if chosen.startswith(CONSTANT):
        return {"constant": chosen.removeprefix(CONSTANT)}
    if not chosen.startswith(COLUMN):
        return None
    name = chosen.removeprefix(COLUMN)
    same = known if isinstance(known, dict) and known.get("column") == name else {}
    expression = {**same, "column": name}
    expression.pop("format", None)
    if written:
        expression["format"] = written.split("|")
    return expression if len(expression) > 1 else name


def _row(upload: Upload, column: Column, problem: str) -> Row:
    names = tuple(upload.found["columns"])
    known = _known(upload.mapping.get("columns", {}).get(column.name))
    used = _used(known) if known is not None else ()
    missing = tuple(name for name in used if name not in names)
    chosen, kept = "", ""
    if known is None or missing:
        pass
    elif isinstance(known, FromColumn):
        chosen = COLUMN + known.column
    elif (constant := getattr(known, "constant", None)) in column.one_of:
        chosen = f"{CONSTANT}{constant}"
    else:
        chosen, kept = KEPT, said(known)
    written = "|".join(known.format) if isinstance(known, FromColumn) else ""
    samples = samples_of(upload, chosen)
    return Row(
        column=column,
        chosen=chosen,
        columns=names,
        constants=column.one_of,
        kept=kept,
        missing=missing,
        formats=tuple(_formats(column, written)),
        format=written,
        samples=samples,
        is_needed=column.required and column.default is None,
        problem=problem or (_("Say how the days are written.") if _is_unclear(column, written, samples) else ""),
    )


def _is_unclear(column: Column, written: str, samples: tuple[str, ...]) -> bool:
    """Days that do not begin with their year cannot be read until it is said how they are written."""
    is_time = column.kind in (Kind.DATE, Kind.INSTANT)
    return is_time and not written and any(not re.match(r"\d{4}", value) for value in samples)


def _known(data: Any) -> Expression | None:
    try:
        return EXPRESSION.validate_python(data) if data is not None else None
    except ValidationError:
        return None


def _used(expression: Expression) -> tuple[str, ...]:
    """The columns of the file that an expression names."""
    names: Any = (getattr(expression, name, None) for name in ("column", "join", "multiply", "occurrence_of"))
    return next(((name,) if isinstance(name, str) else name for name in names if name), ())


def _formats(column: Column, written: str) -> Iterator[Choice]:
    """How days and times may be written, each by an example."""
    if column.kind not in (Kind.DATE, Kind.INSTANT):
        return
    yield "", _("year first: 2026-01-31")
    offered = set()
    for form in DATE_FORMATS:
        forms = [form + time for time in TIMES] if column.kind == Kind.INSTANT else [form]
        offered.add("|".join(forms))
        yield "|".join(forms), example(form)
    if column.kind == Kind.INSTANT:
        offered |= set(EPOCHS)
        yield from ((form, example(form)) for form in EPOCHS)
    if written and written not in offered:
        yield written, example(written.split("|")[0])


def file_format(upload: Upload) -> Format:
    """How the file is written, as far as it was stated."""
    return Format(**upload.mapping.get("format", {}))
