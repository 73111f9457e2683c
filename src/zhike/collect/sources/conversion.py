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
from zhike.collect.sources.readers.batches import LINE, ROW_NUMBER
from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.engines import IBIS_TYPES

EARLIEST = date(1850, 1, 1)  # anything before is a misread cell, not a customer's date
CLOCK_SKEW = timedelta(minutes=5)  # how far another machine's clock may run ahead
TRUE = ("true", "t", "yes", "y", "1", "是", "有")
FALSE = ("false", "f", "no", "n", "0", "否", "无")
CHINESE_DATES = ("%Y年%m月%d日", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日 %H:%M:%S")
WORDS = {
    Kind.INTEGER: "a whole number",
    Kind.DECIMAL: "a number",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "yes or no",
    Kind.DATE: "a date such as 2026-01-31",
    Kind.INSTANT: "a date and time such as 2026-01-31 18:05:00",
    Kind.JSON: "a JSON document",
}


@ibis.udf.scalar.builtin
def try_strptime(text: str, formats: dt.Array(dt.string)) -> dt.Timestamp(scale=6):  # type: ignore[valid-type,empty-body]
    """DuckDB's lenient parsing of dates."""


@ibis.udf.scalar.builtin(name="timezone")
def instant_in(zone: str, at: dt.Timestamp(scale=6)) -> dt.Timestamp("UTC", scale=6):  # type: ignore[valid-type,empty-body]
    """DuckDB's reading of a wall-clock time in a zone."""


@ibis.udf.scalar.builtin(name="timezone")
def wall_clock(zone: str, at: dt.Timestamp("UTC", scale=6)) -> dt.Timestamp(scale=6):  # type: ignore[valid-type,empty-body]
    """DuckDB's wall-clock time of an instant in a zone."""


@ibis.udf.scalar.builtin
def md5_number_lower(text: str) -> dt.uint64:  # type: ignore[valid-type,empty-body]
    """The lower 64 bits of the MD5: the same on every version, unlike DuckDB's hash()."""


@ibis.udf.scalar.builtin
def json_merge_patch(document: str, patch: dt.json) -> dt.json:  # type: ignore[valid-type,empty-body]
    """The document with the patch applied (RFC 7396): a null removes a member."""


@ibis.udf.scalar.builtin
def json_valid(document: str) -> bool:  # type: ignore[empty-body]
    """Whether a text is a JSON document."""


@ibis.udf.scalar.builtin
def to_json(value) -> dt.json:  # type: ignore[no-untyped-def,valid-type,empty-body]
    """A value as JSON."""


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
        texts: dict[str, Value] = {}
        values: dict[str, Value] = {}
        for name in mappable(self.contract):
            texts[f"text of {name}"], values[name] = self._text_and_value(self.contract[name])
        self.typed = layer(raw.mutate(**texts, **{f"value of {name}": value for name, value in values.items()}))
        # The firm's own rules come first: theirs is the reason a rejected row is counted under.
        self._problems = [self._unwanted(rule) for rule in mapping.reject]
        for name in mapping.columns:
            self._check(self.contract[name], self.typed[f"text of {name}"], self.typed[f"value of {name}"])

    @property
    def verdicts(self) -> Table:
        """For every row, whether no check fails."""
        failed = functools.reduce(operator.or_, (p.failed.fill_null(False) for p in self._problems))
        return self.typed.select(row_number=self.typed[ROW_NUMBER], is_good=~failed)

    @property
    def converted(self) -> Table:
        """All rows with the contract's columns; those that are not good are to be left out."""
        values: dict[str, Value] = {name: self.typed[f"value of {name}"] for name in mappable(self.contract)}
        values["source"] = ibis.literal(self.around.source)
        for column in self.contract:
            if column.day_of:
                values[column.name] = business_day(values[column.day_of], self.around.time_zone)
        values["extra"] = self._extra()
        values["import_id"] = ibis.literal(self.around.import_id, dt.int64)
        values["row_number"] = self.typed[ROW_NUMBER]
        values["key_hash"] = key_hash(self.contract, values)
        values["is_correction"] = ibis.literal(False)
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

    def _text(self, name: str, rows: Table | None = None) -> StringValue:
        """A column of the file, null where the mapping says that there is no value."""
        text = (self._raw if rows is None else rows)[name]
        for empty in self.mapping.empty:
            text = text.nullif(empty) if empty else text  # the reader has dealt with blanks
        return text

    def _text_and_value(self, column: Column) -> tuple[Value, Value]:
        """What the file says of a column, for messages, and what that is once typed."""
        expression = self.mapping.columns.get(column.name)
        default = (column.default or "").format(source=self.around.source, currency=self.around.currency)
        kind = IBIS_TYPES[column.kind]
        match expression:
            case None:
                text: Value = ibis.literal(default) if default else ibis.null(dt.string)
                return text, text.cast(kind)
            case Constant():
                text = ibis.literal(expression.constant)
                return text, self._typed(column, text, ())
            case FromColumn():
                text = self._looked_up(expression)
                text = text.fill_null(default) if default else text
                return text, self._from_column(column, text, expression)
            case Join():
                parts = ibis.array([self._text(name) for name in expression.join])
                text = parts.filter(lambda part: part.notnull()).join(expression.glue).nullif("")
                return text, self._typed(column, text, ())
            case Multiply():
                factors = [self._number(self._text(name), dt.Decimal(18, 6)) for name in expression.multiply]
                text = functools.reduce(lambda a, b: a + " × " + b, (self._text(n) for n in expression.multiply))
                return text, functools.reduce(operator.mul, factors).cast(kind)
            case OccurrenceOf():
                # Numbered when the import lands, where all rows of the file are seen.
                text = functools.reduce(
                    lambda a, b: a + "/" + b, (self._text(n).fill_null("") for n in expression.occurrence_of)
                )
                return text, text

    def _looked_up(self, expression: FromColumn) -> StringValue:
        text = self._text(expression.column)
        if expression.values is None:
            return text
        cases = [
            (text == ibis.literal(key), ibis.literal(value, dt.string)) for key, value in expression.values.items()
        ]
        otherwise = ibis.literal(expression.otherwise) if expression.otherwise is not None else text
        return text.isnull().ifelse(ibis.null(dt.string), ibis.cases(*cases, else_=otherwise))

    def _from_column(self, column: Column, text: StringValue, expression: FromColumn) -> Value:
        if expression.months_before is not None:
            months = text.try_cast(dt.int64)
            start = ibis.literal(expression.months_before)
            return (start - months.as_interval("M")).cast(IBIS_TYPES[column.kind])
        return self._typed(column, text, expression.format)

    def _typed(self, column: Column, text: StringValue, formats: tuple[str, ...]) -> Value:
        match column.kind:
            case Kind.INTEGER | Kind.DECIMAL | Kind.NUMBER:
                return self._number(text, IBIS_TYPES[column.kind])
            case Kind.BOOLEAN:
                lower = text.lower()
                return ibis.cases((lower.isin(TRUE), True), (lower.isin(FALSE), False), else_=ibis.null(dt.boolean))
            case Kind.DATE:
                return self._date(text, formats)
            case Kind.INSTANT:
                return self._instant(text, formats)
            case Kind.JSON:
                return json_valid(text).ifelse(text, ibis.null(dt.string))
            case _:
                return text

    @staticmethod
    def _number(text: StringValue, wanted: dt.DataType) -> Value:
        plain = text.re_extract(r"^[¥￥$€£]?\s?(-?\d{1,3}(,\d{3})*(\.\d+)?)$", 1).replace(",", "")
        number = ibis.coalesce(text.try_cast(wanted), plain.try_cast(wanted))
        return number if wanted != dt.float64 else (number.isnan() | number.isinf()).ifelse(ibis.null(wanted), number)

    @staticmethod
    def _date(text: StringValue, formats: tuple[str, ...]) -> Value:
        if formats:
            return try_strptime(text, ibis.array(list(formats))).cast(dt.date)
        return ibis.coalesce(text.try_cast(dt.date), _unusual_time(text).cast(dt.date))

    def _instant(self, text: StringValue, formats: tuple[str, ...]) -> Value:
        naive_type, zoned_type = IBIS_TYPES[Kind.INSTANT], dt.Timestamp("UTC", scale=6)
        if formats and formats[0] in ("epoch", "epoch_ms"):
            factor = 1 if formats[0] == "epoch" else 1000
            return (text.try_cast(dt.float64) / factor).as_timestamp("s").cast(naive_type)
        zone = self.mapping.time_zone or self.around.time_zone
        if formats:
            # A format with an offset (%z) already gives the instant.
            parsed = try_strptime(text, ibis.array(list(formats)))
            return parsed if any("%z" in f for f in formats) else self._in_zone(zone, parsed)
        naive = ibis.coalesce(text.try_cast(naive_type), _unusual_time(text))
        has_offset = (text.length() > len("2026-01-31")) & text.re_search(r"\d(Z|z|[+-]\d\d(:?\d\d)?)$")
        # A time without offset is at most 19 characters to the second: no need to search those.
        short = text.length() <= len("2026-01-31 18:05:00")
        return (short | ~has_offset).ifelse(self._in_zone(zone, naive), text.try_cast(zoned_type).cast(naive_type))

    @staticmethod
    def _in_zone(zone: str, naive: Value) -> Value:
        return naive if zone == "UTC" else instant_in(zone, naive).cast(IBIS_TYPES[Kind.INSTANT])

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
        if column.past and column.kind == Kind.DATE:
            day = self.around.now.astimezone(ZoneInfo(self.around.time_zone)).date()
            fails(value > ibis.literal(day), "lies in the future")
        elif column.past:
            latest = (self.around.now + CLOCK_SKEW).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
            fails(value > ibis.literal(latest), "lies in the future")

    def _unwanted(self, rule: RejectRule) -> Problem:
        test = rule.when
        text = self._text(test.column, self.typed)
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
            kept = [name for name in self._file_columns if name not in named and not name.startswith("reject_")]
        else:
            kept = [name for name in self._file_columns if name in self.mapping.keep]
        if not kept:
            return ibis.null(dt.string)
        if LINE in self.typed.columns and self.mapping.keep == "all":
            patch = json.dumps(dict.fromkeys(sorted(named)), ensure_ascii=False)
            return json_merge_patch(self.typed[LINE], patch).cast(dt.string).nullif("{}")
        packed = to_json(ibis.struct({name: self.typed[name] for name in kept}))
        return json_merge_patch("{}", packed).cast(dt.string).nullif("{}")


def _unusual_time(text: StringValue) -> Value:
    """Times in the forms that ISO does not know: 20260131, 20260131180500, 31.1.2026 excepted, 2026年1月31日."""

    def read(*formats: str) -> Value:
        return try_strptime(text, ibis.array(list(formats)))

    # Told apart by length and sign first, because a failed attempt costs far more than a look.
    return ibis.cases(
        (text.length() == len("20260131"), read("%Y%m%d")),
        (text.length() == len("20260131180500"), read("%Y%m%d%H%M%S")),
        (text.contains("年"), read(*CHINESE_DATES)),
        (text.contains("."), read("%Y.%m.%d")),
        else_=ibis.null(IBIS_TYPES[Kind.INSTANT]),
    )


def business_day(at: Value, time_zone: str) -> Value:
    """The day an instant (UTC) belongs to in a time zone."""
    if time_zone == "UTC":
        return at.cast(dt.date)
    return wall_clock(time_zone, instant_in("UTC", at)).cast(dt.date)


def key_hash(contract: Contract, values: Table | dict[str, Value]) -> Value:
    """63 bits of the MD5 of a row's key; the same for equal keys on every machine and version."""
    joined = functools.reduce(lambda a, b: a + "\x1f" + b, (values[name] for name in contract.key))
    # Iceberg has no unsigned integers: the lowest bit is given up.
    return (md5_number_lower(joined) // 2).cast(dt.int64)
