"""From text to typed rows: a mapping and a contract become two Ibis expressions, good rows and rejects."""

from __future__ import annotations

import functools
import json
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import BooleanValue, StringValue, Table, Value

from zhike.collect.sources.functions import instant_in, json_merge_patch, json_valid, strlen, to_json
from zhike.collect.sources.mapping import (
    Constant,
    FromColumn,
    Join,
    Mapping,
    Multiply,
    OccurrenceOf,
    RejectRule,
    mappable,
)
from zhike.collect.sources.parsing import (
    EPOCHS,
    FACTOR,
    business_day,
    clock_time,
    day,
    epoch_time,
    formatted_time,
    months_before,
    number,
    offset_time,
    product,
)
from zhike.collect.sources.readers.batches import LINE, REJECT_COLUMNS, RESERVED, ROW_NUMBER
from zhike.warehouse.contracts import Column, Kind
from zhike.warehouse.engines import IBIS_TYPES

EARLIEST = date(1850, 1, 1)  # anything before is a misread cell, not a customer's date
CLOCK_SKEW = timedelta(minutes=5)  # how far another machine's clock may run ahead
TRUE = ("true", "t", "yes", "y", "1", "是", "有")
FALSE = ("false", "f", "no", "n", "0", "否", "无")
WORDS = {
    Kind.INTEGER: "a whole number",
    Kind.DECIMAL: "a number",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "yes or no",
    Kind.DATE: "a date such as 2026-01-31",
    Kind.INSTANT: "a date and time such as 2026-01-31 18:05:00",
    Kind.JSON: "a JSON document",
}


@dataclass(frozen=True)
class Problem:
    """A check that a value failed where `failed` is true."""

    column: str
    value: Value
    failed: BooleanValue
    reason: str


@dataclass(frozen=True)
class Surroundings:
    """What a conversion needs to know besides mapping and file."""

    source: str
    import_id: int
    time_zone: str
    currency: str
    now: datetime


class Conversion:
    """One mapping applied to one table of raw text (`zhike_row_number` and the file's columns).

    Built in layers, text → typed values → checks, each opaque to the one above, so that a
    value is computed once however many checks look at it; `layer` makes a table opaque.
    """

    def __init__(
        self,
        mapping: Mapping,
        raw: Table,
        file_columns: Iterable[str],
        around: Surroundings,
        layer: Callable[[Table], Table],
    ) -> None:
        self.mapping = mapping
        self.contract = mapping.contract
        self.around = around
        self._raw = raw
        self._file_columns = tuple(file_columns)
        columns = [self.contract[name] for name in mappable(self.contract)]
        texts = layer(raw.mutate(**{f"{RESERVED}text of {column.name}": self._text(column) for column in columns}))
        clocks = {
            f"{RESERVED}clock of {column.name}": self._wall_clock(column, texts[f"{RESERVED}text of {column.name}"])
            for column in columns
            if column.kind == Kind.INSTANT
        }
        texts = layer(texts.mutate(**clocks)) if clocks else texts
        self.typed = layer(texts.mutate(**{f"{RESERVED}value of {c.name}": self._value(c, texts) for c in columns}))
        # The firm's own rules come first: theirs is the reason a rejected row is counted under.
        self._problems = [self._unwanted(rule) for rule in mapping.reject]
        for name in mapping.columns:
            self._check(
                self.contract[name], self.typed[f"{RESERVED}text of {name}"], self.typed[f"{RESERVED}value of {name}"]
            )

    @property
    def converted(self) -> Table:
        """All rows with the contract's columns; `is_correction` is null in those that fail a check, else false."""
        values: dict[str, Value] = {name: self.typed[f"{RESERVED}value of {name}"] for name in mappable(self.contract)}
        values["source"] = ibis.literal(self.around.source)
        for column in self.contract:
            if column.day_of:
                values[column.name] = self._day(column.day_of)
        values["extra"] = self._extra()
        values["import_id"] = ibis.literal(self.around.import_id, dt.int64)
        values["row_number"] = self.typed[ROW_NUMBER]
        failed = functools.reduce(operator.or_, (problem.failed.fill_null(False) for problem in self._problems))
        values["is_correction"] = failed.ifelse(ibis.null(dt.boolean), ibis.literal(False))
        return self.typed.select(**{column.name: values[column.name] for column in self.contract})

    @property
    def rejects(self) -> Table:
        """All rows as rejects: every fault with column, value and reason, and the row as received."""

        def listed(texts: list[Value]) -> StringValue:
            chosen = [
                problem.failed.fill_null(False).ifelse(text, ibis.null(dt.string))
                for problem, text in zip(self._problems, texts, strict=True)
            ]
            return ibis.array(chosen).filter(lambda text: text.notnull()).join(" | ")

        received = ibis.struct({name: self.typed[name] for name in self._file_columns})
        return self.typed.select(
            import_id=ibis.literal(self.around.import_id, dt.int64),
            row_number=self.typed[ROW_NUMBER],
            column=listed([ibis.literal(p.column) for p in self._problems]),
            value=listed([p.value.fill_null("") for p in self._problems]),
            reason=listed([ibis.literal(p.reason) for p in self._problems]),
            row=self.typed[LINE] if LINE in self.typed.columns else to_json(received).cast(dt.string),
        )

    def _cell(self, name: str, rows: Table | None = None) -> StringValue:
        """A column of the file, null where the mapping says that there is no value."""
        text = (self._raw if rows is None else rows)[name]
        for empty in self.mapping.empty:
            text = text.nullif(empty) if empty else text  # the reader has dealt with blanks
        return text

    def _text(self, column: Column) -> Value:
        """What the file says of a column, as text."""
        expression = self.mapping.columns.get(column.name)
        default = (column.default or "").format(source=self.around.source, currency=self.around.currency)
        match expression:
            case None:
                return ibis.literal(default) if default else ibis.null(dt.string)
            case Constant():
                return ibis.literal(expression.constant)
            case FromColumn():
                text = self._looked_up(expression)
                return text.fill_null(default) if default else text
            case Join():
                parts = ibis.array([self._cell(name) for name in expression.join])
                return parts.filter(lambda part: part.notnull()).join(expression.glue).nullif("")
            case Multiply():
                return functools.reduce(lambda a, b: a + " × " + b, (self._cell(n) for n in expression.multiply))
            case OccurrenceOf():
                # Numbered when the import lands, where all rows of the file are seen.
                cells = (self._cell(name).fill_null("") for name in expression.occurrence_of)
                return functools.reduce(lambda a, b: a + "/" + b, cells)

    def _value(self, column: Column, rows: Table) -> Value:
        """What the text of a column is once typed; null where it cannot be."""
        expression, text = self.mapping.columns.get(column.name), rows[f"{RESERVED}text of {column.name}"]
        kind = IBIS_TYPES[column.kind]
        match expression:
            case Multiply():
                return product((number(self._cell(name, rows), FACTOR) for name in expression.multiply), kind)
            case FromColumn() if expression.months_before is not None:
                return months_before(text, expression.months_before).cast(kind)
        formats = expression.format if isinstance(expression, FromColumn) else ()
        match column.kind:
            case Kind.INTEGER | Kind.DECIMAL | Kind.NUMBER:
                return number(text, kind)
            case Kind.BOOLEAN:
                lower = text.lower()
                return ibis.cases((lower.isin(TRUE), True), (lower.isin(FALSE), False), else_=ibis.null(dt.boolean))
            case Kind.DATE:
                return day(text, formats)
            case Kind.INSTANT:
                return self._instant(text, rows[f"{RESERVED}clock of {column.name}"], formats)
            case Kind.JSON:
                return json_valid(text).ifelse(text, ibis.null(dt.string))
            case _:
                return text

    def _looked_up(self, expression: FromColumn) -> StringValue:
        text = self._cell(expression.column)
        if expression.values is None:
            return text
        cases = [
            (text == ibis.literal(key), ibis.literal(value, dt.string)) for key, value in expression.values.items()
        ]
        otherwise = ibis.literal(expression.otherwise) if expression.otherwise is not None else text
        return text.isnull().ifelse(ibis.null(dt.string), ibis.cases(*cases, else_=otherwise))

    @property
    def _zone(self) -> str:
        return self.mapping.time_zone or self.around.time_zone

    def _wall_clock(self, column: Column, text: StringValue) -> Value:
        """The time that a text says, in the zone of the file; null where it says an offset of its own."""
        expression = self.mapping.columns.get(column.name)
        formats = expression.format if isinstance(expression, FromColumn) else ()
        nothing = ibis.null(IBIS_TYPES[Kind.INSTANT])
        if formats:
            plain = [form for form in formats if not _has_offset(form)]
            return formatted_time(text, plain) if plain else nothing
        clock = clock_time(text)
        # A time without offset is at most 19 characters to the second: no need to search those.
        is_short = strlen(text) <= len("2026-01-31 18:05:00")
        return is_short.ifelse(clock, text.re_search(r"\d(Z|z|[+-]\d\d(:?\d\d)?)$").ifelse(nothing, clock))

    def _instant(self, text: StringValue, clock: Value, formats: tuple[str, ...]) -> Value:
        naive = IBIS_TYPES[Kind.INSTANT]
        in_zone = clock if self._zone == "UTC" else instant_in(self._zone, clock).cast(naive)
        attempts: list[Value] = [] if formats else [offset_time(text)]
        attempts += [epoch_time(text, EPOCHS[form]) for form in formats if form in EPOCHS]
        if zoned := [form for form in formats if "%z" in form]:
            attempts.append(formatted_time(text, zoned))
        return clock.notnull().ifelse(in_zone, ibis.coalesce(*attempts)) if attempts else in_zone

    def _day(self, name: str) -> Value:
        """The business day of an instant; read off the file's clock where that is in the business zone."""
        converted = business_day(self.typed[f"{RESERVED}value of {name}"], self.around.time_zone)
        if self._zone != self.around.time_zone:
            return converted
        clock = self.typed[f"{RESERVED}clock of {name}"]
        return clock.notnull().ifelse(clock.cast(dt.date), converted)

    def _check(self, column: Column, text: Value, value: Value) -> None:
        def fails(failed: BooleanValue, reason: str) -> None:
            self._problems.append(Problem(column.name, text, failed, reason))

        if column.required:
            fails(text.isnull(), "is required and empty")
        if column.kind in WORDS:
            fails(text.notnull() & value.isnull(), f"is not {WORDS[column.kind]}")
        if column.one_of:
            fails(value.notin(column.one_of), f"is not one of {', '.join(column.one_of)}")
        if column.minimum is not None:
            fails(value < ibis.literal(column.minimum).cast(value.type()), f"is less than {column.minimum:g}")
        if column.name == "currency":
            own = self.around.currency
            fails(value != own, f"is not {own}: convert the amounts before, or in the mapping")
        if column.kind in (Kind.DATE, Kind.INSTANT):
            self._check_time(column, value, fails)

    def _check_time(self, column: Column, value: Value, fails) -> None:  # type: ignore[no-untyped-def]
        fails(value.cast(dt.date) < ibis.literal(EARLIEST), f"lies before {EARLIEST.year}")
        if not column.past:
            fails(value.cast(dt.date) > ibis.literal(date.max), f"lies after {date.max.year}")
        elif column.kind == Kind.DATE:
            today = self.around.now.astimezone(ZoneInfo(self.around.time_zone)).date()
            fails(value > ibis.literal(today), "lies in the future")
        else:
            latest = (self.around.now + CLOCK_SKEW).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
            fails(value > ibis.literal(latest), "lies in the future")

    def _unwanted(self, rule: RejectRule) -> Problem:
        test = rule.when
        text = self._cell(test.column, self.typed)
        number = text.try_cast(dt.float64)
        failed = {
            "is_empty": lambda: text.isnull() == ibis.literal(bool(test.value)),
            "equals": lambda: text == test.value,
            "one_of": lambda: text.isin(test.value),
            "starts_with": lambda: text.startswith(test.value),
            "matches": lambda: text.re_search(test.value),
            "at_most": lambda: number <= test.value,
            "at_least": lambda: number >= test.value,
            "less_than": lambda: number < test.value,
            "more_than": lambda: number > test.value,
        }[test.kind]()
        return Problem(test.column, text, failed, rule.reason)

    def _extra(self) -> Value:
        """The columns that the mapping does not name, as one JSON object without empty members."""
        named = set(self.mapping.file_columns)
        if self.mapping.keep == "none":
            kept: list[str] = []
        elif self.mapping.keep == "all":
            kept = [name for name in self._file_columns if name not in named and name not in REJECT_COLUMNS]
        else:
            kept = [name for name in self._file_columns if name in self.mapping.keep]
        if not kept:
            return ibis.null(dt.string)
        if LINE in self.typed.columns and self.mapping.keep == "all":
            patch = json.dumps(dict.fromkeys(sorted(named)), ensure_ascii=False)
            others = json_merge_patch(self.typed[LINE], patch)
            return json_merge_patch("{}", others).cast(dt.string).nullif("{}")
        packed = to_json(ibis.struct({name: self.typed[name] for name in kept}))
        return json_merge_patch("{}", packed).cast(dt.string).nullif("{}")


def _has_offset(form: str) -> bool:
    return form in EPOCHS or "%z" in form
