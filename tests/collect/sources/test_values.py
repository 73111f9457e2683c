"""What a cell becomes, column by column; a cell that cannot be read is rejected with column, value and reason."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from deliveries import ORDERS, Desk

NUMBER = "is not a number"
NUMBERS: dict[str, object] = {
    "10": Decimal(10),
    "10.5": Decimal("10.5"),
    " 10 ": Decimal(10),
    "0": Decimal(0),
    "1,234,567.89": Decimal("1234567.89"),
    "¥1,234.50": Decimal("1234.5"),
    "€ 10": Decimal(10),
    "1e3": Decimal(1000),
    "+5": Decimal(5),
    "0.00005": Decimal("0.0001"),
    "99999999999999.9999": Decimal("99999999999999.9999"),
    "-0.01": "is less than 0",
    "-1,000": "is less than 0",
    "NaN": NUMBER,
    "inf": NUMBER,
    "-Infinity": NUMBER,
    "1e400": NUMBER,
    "100000000000000": NUMBER,
    "1,23": NUMBER,
    "1.234,50": NUMBER,
    "12,34,567": NUMBER,
    "ten": NUMBER,
    "10 CNY": NUMBER,
    "0x10": NUMBER,
    "--": NUMBER,
    "": "is required and empty",
    "   ": "is required and empty",
}
INSTANT = "is not a date and time such as 2026-01-31 18:05:00"
FUTURE = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S")
# Without an offset a time is Shanghai's, eight hours before UTC.
INSTANTS: dict[str, object] = {
    "2026-01-31": datetime(2026, 1, 30, 16),
    "2026-1-5": datetime(2026, 1, 4, 16),
    "2026/01/31": datetime(2026, 1, 30, 16),
    "2026.01.31": datetime(2026, 1, 30, 16),
    "20260131": datetime(2026, 1, 30, 16),
    "20260131180500": datetime(2026, 1, 31, 10, 5),
    "2026年1月31日": datetime(2026, 1, 30, 16),
    "2026年1月31日 18:05": datetime(2026, 1, 31, 10, 5),
    "2026-01-31 18:05": datetime(2026, 1, 31, 10, 5),
    "2026-01-31 18:05:00": datetime(2026, 1, 31, 10, 5),
    "2026-01-31T18:05:00": datetime(2026, 1, 31, 10, 5),
    "2026-01-31 18:05:00.123456": datetime(2026, 1, 31, 10, 5, 0, 123456),
    "2026-01-31T18:05:00Z": datetime(2026, 1, 31, 18, 5),
    "2026-01-31T18:05Z": datetime(2026, 1, 31, 18, 5),
    "2026-01-31 18:05+08": datetime(2026, 1, 31, 10, 5),
    "2026-01-31T18:05-05:00": datetime(2026, 1, 31, 23, 5),
    "2026-01-31T18:05:00+08:00": datetime(2026, 1, 31, 10, 5),
    "2026-01-31T18:05:00.5+0100": datetime(2026, 1, 31, 17, 5, 0, 500000),
    "2026-01-31T18:05:00-05:00": datetime(2026, 1, 31, 23, 5),
    "2026-02-30": INSTANT,
    "2026-13-01": INSTANT,
    "31.01.2026": INSTANT,
    "2026-01-31 25:00:00": INSTANT,
    "yesterday": INSTANT,
    "epoch": INSTANT,
    "infinity": INSTANT,
    "now": INSTANT,
    "12345": INSTANT,
    "0000-00-00": INSTANT,
    "1849-12-31 12:00:00": "lies before 1850",
    "0001-01-01": "lies before 1850",
    FUTURE: "lies in the future",
    "9999-12-31": "lies in the future",
}
DAY = "is not a date such as 2026-01-31"
DAYS: dict[str, object] = {
    "2026-01-31": date(2026, 1, 31),
    "2026/1/31": date(2026, 1, 31),
    "2026-01-31 23:59:59": date(2026, 1, 31),
    "20260131": date(2026, 1, 31),
    "2026年01月31日": date(2026, 1, 31),
    "9999-12-31": date(9999, 12, 31),
    "10000-01-01": "lies after 9999",
    "290000-01-01": "lies after 9999",
    "infinity": DAY,
    "-infinity": DAY,
    "epoch": DAY,
    "2026-02-29": DAY,
    "2026-01-31 (BC)": "lies before 1850",
    "": None,
}
BOOLEANS: dict[str, object] = {
    **dict.fromkeys(("true", "TRUE", "t", "yes", "Y", "1", "是", "有"), True),
    **dict.fromkeys(("false", "F", "no", "n", "0", "否", "无"), False),
    **dict.fromkeys(("maybe", "2", "-"), "is not yes or no"),
    "": None,
}
SHARES: dict[str, object] = {
    "0.5": 0.5,
    "1,234.5": 1234.5,
    "1e-3": 0.001,
    **dict.fromkeys(("nan", "inf", "-inf", "1e999", "half"), NUMBER),
    "-0.1": "is less than 0",
    "": None,
}
DOCUMENTS: dict[str, object] = {
    '{"a": 1}': '{"a": 1}',
    "[1, 2]": "[1, 2]",
    **dict.fromkeys(("{", "{'a': 1}"), "is not a JSON document"),
    "": None,
}
PARTY = {"contract_id": "no", "customer_key": "no", "role": {"constant": "holder"}}
CONTRACT = {"contract_id": "no", "customer_key": "no", "started_on": {"constant": "2020-01-01"}}
EVENT = {"event_id": "no", "customer_key": "no", "kind": {"constant": "login"}}
KINDS: dict[str, tuple[str, dict[str, Any], str, dict[str, object]]] = {
    "decimal": ("orders", ORDERS | {"customer_key": "no", "ordered_at": {"constant": "2026-01-31"}}, "amount", NUMBERS),
    "instant": ("events", EVENT, "occurred_at", INSTANTS),
    "date": ("contracts", CONTRACT, "ends_on", DAYS),
    "boolean": ("contracts", CONTRACT, "is_auto_renewed", BOOLEANS),
    "number": ("parties", PARTY, "share", SHARES),
    "json": ("events", EVENT | {"occurred_at": {"constant": "2026-01-31"}}, "properties", DOCUMENTS),
}


def delivery(cells: dict[str, object]) -> str:
    return "no,cell\n" + "".join(f'{n},"{text.replace(chr(34), chr(34) * 2)}"\n' for n, text in enumerate(cells))


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_becomes_its_value_or_is_rejected(desk: Desk, kind: str) -> None:
    entity, columns, column, cells = KINDS[kind]
    desk.bring(delivery(cells), entity=entity, columns={**columns, column: "cell"})
    key = "order_id" if entity == "orders" else {"parties": "contract_id"}.get(entity, f"{entity[:-1]}_id")
    found: dict[str, object] = {}
    texts = list(cells)
    for no, value in desk.rows(key, column, entity=entity):
        found[texts[int(no)]] = value
    for number, at, value, reason in desk.rejects("row_number", "column", "value", "reason"):
        text = texts[number - 1]
        assert (at, value) == (column, text.strip())
        found[text] = reason
    assert {text: found[text] for text in texts} == cells


def test_a_time_belongs_to_a_day_of_the_business_time_zone(desk: Desk) -> None:
    times = ["2026-01-31T15:59:59Z", "2026-01-31T16:00:00Z", "2026-01-31 23:59:59", "2026-02-01 00:00"]
    desk.bring(
        "no,cell\n" + "".join(f"{n},{t}\n" for n, t in enumerate(times)),
        entity="events",
        columns={**EVENT, "occurred_at": "cell"},
    )
    assert desk.rows("occurred_on", entity="events") == [date(2026, 1, 31), date(2026, 2, 1)] * 2


LONDON = {
    "2026-01-15 12:00:00": datetime(2026, 1, 15, 12),
    "2026-07-15 12:00:00": datetime(2026, 7, 15, 11),
    "2026-03-29 00:59:59": datetime(2026, 3, 29, 0, 59, 59),
    "2026-03-29 01:30:00": datetime(2026, 3, 29, 1, 30),  # a time that the clocks skipped: one hour on
    "2025-10-26 01:30:00": datetime(2025, 10, 26, 1, 30),  # a time that came twice: the second
    "2026-07-15T12:00:00Z": datetime(2026, 7, 15, 12),
}


def test_times_of_a_file_are_those_of_its_time_zone(desk: Desk) -> None:
    desk.bring(
        delivery(dict(LONDON)), entity="events", time_zone="Europe/London", columns={**EVENT, "occurred_at": "cell"}
    )
    assert dict(zip(LONDON, desk.rows("occurred_at", entity="events"), strict=True)) == LONDON


FORMATS: list[tuple[object, str, object]] = [
    ("%d/%m/%Y", "02/01/2026", datetime(2026, 1, 1, 16)),
    ("%m/%d/%Y", "02/01/2026", datetime(2026, 1, 31, 16)),
    ("%d.%m.%Y %H:%M", "31.1.2026 8:05", datetime(2026, 1, 31, 0, 5)),
    (["%d/%m/%Y", "%Y-%m-%d"], "2026-01-31", datetime(2026, 1, 30, 16)),
    ("%Y-%m-%dT%H:%M:%S%z", "2026-01-31T18:05:00+0100", datetime(2026, 1, 31, 17, 5)),
    (["%Y-%m-%dT%H:%M:%S%z", "%d.%m.%Y"], "31.01.2026", datetime(2026, 1, 30, 16)),
    ("%d %b %Y", "31 Jan 2026", datetime(2026, 1, 30, 16)),
    ("epoch", "1769882700", datetime(2026, 1, 31, 18, 5)),
    ("epoch_ms", "1769882700123", datetime(2026, 1, 31, 18, 5, 0, 123000)),
    ("%d/%m/%Y", "2026-01-31", INSTANT),
    ("%d/%m/%Y", "31/02/2026", INSTANT),
    ("epoch", "1e300", INSTANT),
    ("epoch", "nan", INSTANT),
    ("epoch_ms", "soon", INSTANT),
]


@pytest.mark.parametrize(("form", "text", "expected"), FORMATS)
def test_a_stated_format_is_the_only_one_that_is_read(desk: Desk, form: object, text: str, expected: object) -> None:
    columns = {**EVENT, "occurred_at": {"column": "cell", "format": form}}
    result = desk.bring(delivery({text: expected}), entity="events", columns=columns)
    found = desk.rows("occurred_at", entity="events") if result.accepted else desk.rejects("reason")
    assert found == [expected]


def test_every_fault_of_a_row_is_told_and_the_row_kept_as_received(desk: Desk) -> None:
    result = desk.bring("no,who,day,paid,note\n1,,never,-5,  seen \n2,bob,2026-01-31,1,\n3,,never,2,x\n")
    assert desk.rejects("row_number", "column", "value", "reason")[0] == (
        1,
        "customer_key | ordered_at | amount",
        " | never | -5",
        f"is required and empty | {INSTANT} | is less than 0",
    )
    assert json.loads(desk.rejects("row")[0]) == {"no": "1", "who": None, "day": "never", "paid": "-5", "note": "seen"}
    assert result.reasons == {"customer_key: is required and empty": 2}


def test_a_value_outside_a_list_is_rejected_with_the_list(desk: Desk) -> None:
    desk.bring("no,cell\n1,boss\n2,holder\n", entity="parties", columns=PARTY | {"role": "cell"})
    reason = "is not one of holder, insured, beneficiary, payer, user, contact_person"
    assert desk.rejects("row_number", "value", "reason") == [(1, "boss", reason)]


def test_amounts_in_another_currency_are_not_mixed_in(desk: Desk) -> None:
    desk.bring(
        "no,who,day,paid,ccy\n1,a,2026-01-31,1,CNY\n2,a,2026-01-31,1,USD\n3,a,2026-01-31,1,\n",
        columns=ORDERS | {"currency": "ccy"},
    )
    assert desk.rows("order_id", "currency") == [("1", "CNY"), ("3", "CNY")]
    assert desk.rejects("value", "reason") == [("USD", "is not CNY: convert the amounts before, or in the mapping")]
