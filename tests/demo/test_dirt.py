"""Planted counts are true of the files: a plain reading with the contracts' checks finds just these."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from demo_company import RAGGED, Company, mapping_of, rows_of

from zhike.demo.company import Delivery, write_company
from zhike.warehouse.contracts import Column, Kind
from zhike.warehouse.entities import ENTITIES

TODAY = date(2026, 11, 1)


def value_of(origin: Any, row: dict[str, Any], empty: list[str]) -> Any:
    """The value that the mapping gives a column of the entity; None where missing."""

    def read(name: str) -> Any:
        return None if row[name] is None or row[name] in empty else row[name]

    if isinstance(origin, str):
        return read(origin)
    if "constant" in origin:
        return origin["constant"]
    if "join" in origin:
        return "".join(read(name) or "" for name in origin["join"]) or None
    if "multiply" in origin:
        first, second = (read(name) for name in origin["multiply"])
        return None if first is None or second is None else str(float(first) * float(second))
    if "occurrence_of" in origin:
        return "1"
    return coded_or_dated(origin, read(origin["column"]))


def coded_or_dated(origin: dict[str, Any], value: Any) -> Any:
    """A value after its table of codes or in its formats of dates."""
    if value is not None and "values" in origin:
        return origin["values"].get(value, f"no such code: {value}")
    if value is not None and "format" in origin:
        formats = origin["format"]
        for form in [formats] if isinstance(formats, str) else formats:
            try:
                return datetime.strptime(value, form).isoformat()
            except ValueError:
                continue
        raise ValueError(value)
    return value


def moment(text: Any) -> datetime:
    found = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


PARSERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.DATE: moment,
    Kind.INSTANT: moment,
    Kind.DECIMAL: float,
    Kind.NUMBER: float,
    Kind.JSON: lambda value: value if isinstance(value, dict) else json.loads(value),
    Kind.BOOLEAN: {"true": True, "false": False}.__getitem__,
}


def is_bad(column: Column, value: Any) -> bool:
    """True where the column's contract forbids the value."""
    if value is None:
        return column.required and column.default is None
    try:
        parsed = PARSERS.get(column.kind, str)(value)
    except (ValueError, KeyError):
        return True
    return bool(
        (column.one_of and value not in column.one_of)
        or (column.minimum is not None and parsed < column.minimum)
        or (column.past and parsed.date() > TODAY)
        or (column.name == "currency" and value != "CNY")
    )


def complaint(delivery: Delivery, mapping: dict[str, Any], row: dict[str, Any]) -> str | None:
    """The column of the entity that a row offends, `ragged` or `status`; None for a good row."""
    if row is RAGGED:
        return "ragged"
    for rule in mapping.get("reject", ()):
        if row[rule["when"]["column"]] == rule["when"]["equals"]:
            return str(rule["when"]["column"])
    columns: dict[str, Any] = mapping["columns"]
    for name, origin in columns.items():
        column = ENTITIES[delivery.entity][name]
        try:
            value = value_of(origin, row, mapping.get("empty", [""]))
        except ValueError:
            return name
        if is_bad(column, value):
            return name
    return None


def test_exactly_the_planted_rows_are_bad(tmp_path: Path) -> None:
    company = Company(tmp_path, tuple(write_company(tmp_path, customers=9_000, seed=11)))
    planted: dict[str, Counter[str]] = {}
    for row in company.truth("planted_rejects").to_pylist():
        column = "ragged" if row["reason"].startswith("ragged") else row["column"]
        planted.setdefault(row["file"], Counter())[column] += row["count"]
    for delivery in company.deliveries:
        mapping = mapping_of(delivery)
        complaints = Counter(complaint(delivery, mapping, row) for row in rows_of(delivery))
        del complaints[None]
        name = delivery.path.relative_to(company.directory).as_posix()
        assert complaints == planted.get(name, Counter()), name


def test_bad_rows_are_few_and_of_many_kinds(company: Company) -> None:
    planted = company.truth("planted_rejects").to_pylist()
    assert len({row["reason"] for row in planted}) >= 12
    assert 0 < sum(row["count"] for row in planted) < 4_000


@pytest.mark.parametrize("feed", ["core_customers", "bank_customers", "app_registrations"])
def test_second_records_are_about_two_in_a_hundred(company: Company, feed: str) -> None:
    source = company.delivery(feed).source
    rows = [row for row in company.truth("identity").to_pylist() if row["source"] == source]
    assert 0.01 < sum(row["is_second_record"] for row in rows) / len(rows) < 0.03
