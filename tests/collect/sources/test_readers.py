"""The same three rows in every form a file may have."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from deliveries import HEADER, Content, Desk
from django.conf import LazySettings

from zhike.collect.sources.mapping import Format
from zhike.collect.sources.readers import Limits, inspect, open_file
from zhike.collect.sources.readers.batches import ROW_NUMBER
from zhike.collect.sources.services import import_query
from zhike.errors import UserError

ROWS = [("1", "ann", "2026-01-31", "10"), ("2", "王芳", "2026-02-01", "20.5"), ("3", "x", "2026-02-02", "0")]
EXPECTED = [
    ("1", "ann", date(2026, 1, 31), 10),
    ("2", "王芳", date(2026, 2, 1), Decimal("20.5")),
    ("3", "x", date(2026, 2, 2), 0),
]
NAMES = HEADER.split(",")


def separated(by: str = ",", end: str = "\n", header: bool = True, quote: str = "") -> str:
    lines = ([NAMES] if header else []) + [list(row) for row in ROWS]
    return end.join(by.join(f"{quote}{cell}{quote}" for cell in line) for line in lines) + end


def json_lines() -> str:
    return "".join(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n" for row in ROWS)


def parquet(path: Path) -> None:
    pq.write_table(pa.table({name: [row[n] for row in ROWS] for n, name in enumerate(NAMES)}), path)


def workbook(path: Path, *, sheet: str = "Sheet1", typed: bool = False) -> None:
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, NAMES)
        for n, (no, who, on, paid) in enumerate(ROWS, start=1):
            if typed:
                page.write_number(n, 0, int(no))
                page.write_string(n, 1, who)
                page.write_datetime(n, 2, datetime.fromisoformat(on), day)
                page.write_number(n, 3, float(paid))
            else:
                page.write_row(n, 0, (no, who, on, paid))


HEADLESS = {"header": False, "names": NAMES}
FORMS: dict[str, tuple[Content, str, dict[str, Any]]] = {
    "CSV": (separated(), "f.csv", {}),
    "TSV": (separated("\t"), "f.tsv", {}),
    "semicolons": (separated(";"), "f.csv", {}),
    "bars": (separated("|"), "f.txt", {}),
    "a stated delimiter": (separated("^"), "f.txt", {"delimiter": "^"}),
    "white space": ("  " + separated(" \t ", end=" \n  ").rstrip(" "), "f.txt", {"delimiter": "whitespace"}),
    "quoted": (separated(quote='"'), "f.csv", {}),
    "CRLF": (separated(end="\r\n"), "f.csv", {}),
    "CR": (separated(end="\r"), "f.csv", {}),
    "no end to the last line": (separated()[:-1], "f.csv", {}),
    "no end to the last line, CRLF": (separated(end="\r\n")[:-2], "f.csv", {}),
    "empty lines": ("\n\n" + separated(end="\n\n") + "\n\n", "f.csv", {}),
    "no header": (separated(header=False), "f.csv", HEADLESS),
    "one row without header": (separated(header=False), "f.csv", HEADLESS),
    "gzip": (gzip.compress(separated().encode()), "f.csv.gz", {}),
    "gzip in two members": (
        gzip.compress(separated()[:50].encode()) + gzip.compress(separated()[50:].encode()),
        "f.gz",
        {},
    ),
    "blanks around cells": (separated(" , "), "f.csv", {}),
    "full-width blanks": (separated("\u3000,\u3000"), "f.csv", {}),
    "JSON Lines": (json_lines(), "f.jsonl", {}),
    "JSON Lines, gzip": (gzip.compress(json_lines().encode()), "f.jsonl.gz", {}),
    "JSON Lines, UTF-8 with mark": (json_lines().encode("utf-8-sig"), "f.jsonl", {}),
    "JSON Lines, UTF-16": (json_lines().encode("utf-16"), "f.jsonl", {}),
    "JSON Lines with blanks": ("\n \n" + json_lines().replace("\n", " \r\n\n"), "f.jsonl", {}),
    "Parquet": (parquet, "f.parquet", {}),
    "Parquet of any name": (parquet, "f.csv", {}),
    "XLSX": (workbook, "f.xlsx", {}),
    "XLSX, typed": (lambda path: workbook(path, typed=True), "f.xlsx", {}),
    "XLSX, named sheet": (lambda path: workbook(path, sheet="订单"), "f.xlsx", {"sheet": "订单"}),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_read_in_every_form(desk: Desk, form: str) -> None:
    content, name, file_format = FORMS[form]
    result = desk.bring(content, name, format=file_format)
    assert desk.rejects("reason", "row") == []
    assert result.read == 3
    assert desk.rows("order_id", "customer_key", "ordered_on", "amount") == EXPECTED
    assert desk.rows("row_number") == [1, 2, 3]


def test_a_quoted_field_may_hold_everything(desk: Desk) -> None:
    names = ["two\nlines", "a, b", 'say "no"', "tab\there", "'", "CR\r\nLF"]
    cells = ['"' + name.replace('"', '""') + '"' for name in names]
    desk.bring(HEADER + "\n" + "".join(f"{n},{cell},2026-01-31,1\n" for n, cell in enumerate(cells)))
    assert desk.rows("customer_key") == names


def test_ragged_rows_are_rejected_as_they_stand_with_their_numbers(desk: Desk) -> None:
    good = [f"{n},ann,2026-01-31,{n}" for n in range(100_000)]
    ragged = {0: "x", 7: "1,2,3,4,5", 50_000: '"a,b",c', 99_999: "last"}
    lines = [ragged.get(n, line) for n, line in enumerate(good)]
    desk.bring(HEADER + "\n" + "\n".join(lines))
    assert desk.rejects("row_number") == [n + 1 for n in ragged]
    assert [json.loads(row)["line"] for row in desk.rejects("row")] == list(ragged.values())
    numbers = dict(desk.rows("order_id", "row_number"))
    assert all(int(no) == number - 1 for no, number in numbers.items())
    assert len(numbers) == 99_996


JSON_CASES: dict[str, tuple[list[str], list[object], list[object]]] = {
    "nested": (['{"no":"1","who":"a","day":"2026-01-31","paid":1,"more":{"a":[1,{"b":null}]}}'], ["1"], []),
    "numbers": (['{"no":17850,"who":1.5,"day":"2026-01-31","paid":1e1}'], ["17850"], []),
    "late keys": (
        ['{"no":"1"}'] * 1100 + ['{"no":"2","who":"a","day":"2026-01-31","paid":1}'],
        ["2"],
        ["is required"] * 1100,
    ),
    "no object": (
        ['{"no":"1","who":"a","day":"2026-01-31","paid":1}', "[1]", "3", "null", '"x"', "{", "nonsense"],
        ["1"],
        ["not a JSON object"] * 6,
    ),
    "deep": (['{"no":"1","who":"a","day":"2026-01-31","paid":1,"deep":' + "[" * 900 + "]" * 900 + "}"], ["1"], []),
    "very deep": (
        [
            '{"no":"1","who":"a","day":"2026-01-31","paid":1}',
            '{"no":"2","who":"a","day":"2026-01-31","paid":1,"x":' + '{"a":' * 300_000 + "1" + "}" * 300_001,
        ],
        ["1", "2"],
        [],
    ),
    "names doubled": (['{"no":"1","no":"2","who":"a","day":"2026-01-31","paid":1}'], ["1"], []),
    "case": (['{"no":"1","who":"a","day":"2026-01-31","paid":1,"No":"other"}'], ["1"], []),
    "escapes": (['{"no":"\\u738b\\n\\"","who":"a","day":"2026-01-31","paid":1}'], ['王\n"'], []),
    "half a surrogate": (['{"no":"1","who":"a","day":"2026-01-31","paid":1,"x":"\\ud83d"}'], [], ["not a JSON object"]),
}


@pytest.mark.parametrize("case", JSON_CASES)
def test_json_lines_are_taken_one_by_one(desk: Desk, case: str) -> None:
    lines, accepted, reasons = JSON_CASES[case]
    desk.bring("\n".join(lines), "f.jsonl")
    assert desk.rows("order_id") == accepted
    assert [
        str(found)[: len(str(reason))] for found, reason in zip(desk.rejects("reason"), reasons, strict=True)
    ] == reasons


def test_json_keeps_what_the_mapping_does_not_name(desk: Desk) -> None:
    desk.bring('{"no":"1","who":"a","day":"2026-01-31","paid":1,"more":{"a":[1,{"b":2}]},"nothing":null}', "f.jsonl")
    assert json.loads(desk.rows("extra")[0]) == {"more": {"a": [1, {"b": 2}]}}


def typed_parquet(path: Path) -> None:
    shanghai = pa.timestamp("us", tz="Asia/Shanghai")
    at = datetime(2026, 1, 31, 10, 5, tzinfo=UTC)
    columns = {
        "no": pa.array([17850.0, 2.5, float("nan"), None], pa.float64()),
        "who": pa.array(["ann", "bob", "cyd", "dan"], pa.large_string()).dictionary_encode(),
        "day": pa.array([at] * 4, shanghai),
        "paid": pa.array([Decimal("1.50")] * 4, pa.decimal128(10, 2)),
        "naive": pa.array([datetime(2026, 1, 31, 18, 5)] * 4, pa.timestamp("ns")),
        "on": pa.array([date(2026, 1, 31)] * 4, pa.date32()),
        "list": pa.array([[1, 2]] * 4, pa.list_(pa.int64())),
        "nested": pa.array([{"a": {"b": "王"}}] * 4),
        "flag": pa.array([True] * 4),
        "bytes": pa.array([b"abc", b"\xff\xfe", b"", None], pa.binary()),
        "nothing": pa.nulls(4),
        "view": pa.array(["v"] * 4, pa.string_view()),
        "time": pa.array([3600] * 4, pa.time32("s")),
        "half": pa.array([1.5] * 4, pa.float16()),
        "span": pa.array([60] * 4, pa.duration("s")),
    }
    pq.write_table(
        pa.table({name: column for name, column in columns.items() if name != "half"}), path, row_group_size=2
    )


def test_typed_parquet_is_read_to_the_same_values(desk: Desk) -> None:
    desk.bring(typed_parquet, "f.parquet")
    assert desk.rows("order_id", "customer_key", "ordered_at", "amount") == [
        ("17850", "ann", datetime(2026, 1, 31, 10, 5), Decimal("1.5")),
        ("2.5", "bob", datetime(2026, 1, 31, 10, 5), Decimal("1.5")),
    ]
    assert desk.rejects("row_number", "reason") == [(3, "is required and empty"), (4, "is required and empty")]
    extra = json.loads(desk.rows("extra")[0])
    assert json.loads(extra["list"]) == [1, 2]
    assert json.loads(extra["nested"]) == {"a": {"b": "王"}}
    assert extra["on"] == "2026-01-31"
    assert extra["flag"] == "true"
    assert extra["bytes"] == "abc"
    assert "nothing" not in extra


def dressed_workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("orders")
        bold = book.add_format({"bold": True})
        page.write_row(0, 0, [*NAMES, "share", "flag", "wrong"], bold)
        page.write_row(1, 0, [17850, "ann", "2026-01-31", 0.1 + 0.2, 0.5, True])
        page.write_formula(1, 6, "=1/0", value="#DIV/0!")
        page.write_row(3, 0, [123456789012345, "bob", "2026-01-31", "", "", False])
        page.write_formula(3, 3, "=2*21", value=42)
        page.merge_range(5, 1, 6, 1, "merged")
        page.write_row(5, 0, ["m1"])
        page.write_row(5, 2, ["2026-01-31", 1])
        page.write_row(6, 0, ["m2"])
        page.write_row(6, 2, ["2026-01-31", 1])
        page.write_blank(30, 0, None, bold)
        book.add_worksheet("other").write(0, 0, "nothing")


def test_a_workbook_of_formulas_blank_rows_and_merged_cells_is_read(desk: Desk) -> None:
    result = desk.bring(dressed_workbook, "f.xlsx")
    assert desk.rows("order_id", "customer_key", "amount", "row_number") == [
        ("17850", "ann", Decimal("0.3"), 1),
        ("123456789012345", "bob", 42, 3),
        ("m1", "merged", 1, 5),
    ]
    assert (result.read, desk.rejects("row_number", "reason")) == (4, [(6, "is required and empty")])


def not_a_workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")


def bomb(path: Path, *, lies: bool = False) -> None:
    """A workbook of a few hundred kilobytes that unpacks to 300 MB, and may say that it does not."""
    workbook(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"\0" * 300_000_000)
    if lies:
        content = path.read_bytes()
        path.write_bytes(content.replace((300_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")))


BAD_BOOKS: dict[str, tuple[Callable[[Path], None], dict[str, Any], str]] = {
    "only a zip": (not_a_workbook, {}, "is a zip file but no Excel workbook"),
    "a bomb": (bomb, {}, "unpacks to more than 100,000,000 bytes"),
    "a bomb that lies": (lambda path: bomb(path, lies=True), {}, "unpacks to more than 100,000,000 bytes"),
    "no such sheet": (workbook, {"sheet": "Orders"}, "has no sheet called 'Orders'"),
    "an empty sheet": (lambda path: xlsxwriter.Workbook(path).close(), {}, "the sheet is empty"),
    "half of it": (
        lambda path: (workbook(path), path.write_bytes(path.read_bytes()[:3000])),
        {},
        "is no readable workbook",
    ),
    "names that do not fit": (
        workbook,
        {"header": False, "names": ["a", "b"]},
        "the sheet has 4 columns, `names` in the mapping 2",
    ),
}


@pytest.mark.parametrize("case", BAD_BOOKS)
def test_a_bad_workbook_is_refused_with_a_clear_message(desk: Desk, settings: LazySettings, case: str) -> None:
    settings.ZHIKE = replace(settings.ZHIKE, import_limit=100_000_000)
    content, file_format, says = BAD_BOOKS[case]
    columns = {"order_id": "a", "customer_key": "a", "ordered_at": "a", "amount": "a"}
    with pytest.raises(UserError) as refused:
        desk.bring(content, "f.xlsx", format=file_format, **({"columns": columns} if "names" in file_format else {}))
    assert says in refused.value.message


@pytest.mark.parametrize("form", ["XLSX", "Parquet"])
def test_a_garbled_file_is_refused_or_read_and_never_crashes(desk: Desk, form: str) -> None:
    content, name, _ = FORMS[form]
    whole = desk.file(content, name).read_bytes()
    dice = random.Random(1)
    for number in range(12):
        garbled = bytearray(whole)
        for _ in range(8):
            garbled[dice.randrange(4, len(garbled))] = dice.randrange(256)
        with contextlib.suppress(UserError):
            read = desk.bring(bytes(garbled), name, source=f"source{number}")
            assert read.read == read.accepted + read.duplicates + read.rejected


def database(desk: Desk) -> str:
    path = desk.folder / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE o (no, who TEXT, day TEXT, paid REAL)")
        connection.executemany("INSERT INTO o VALUES (?, ?, ?, ?)", ROWS)
        connection.commit()
    return f"sqlite:///{path}"


def test_the_rows_of_a_query_are_imported(desk: Desk) -> None:
    from deliveries import mapping

    url = database(desk)
    chosen = mapping()
    query = "SELECT * FROM o WHERE who LIKE '%' AND ':x' = ':x' ORDER BY no"
    result = import_query(url, query, entity="orders", source="shop", mapping=chosen)
    assert (result.read, result.accepted) == (3, 3)
    assert desk.rows("order_id", "customer_key", "ordered_on", "amount") == EXPECTED
    assert import_query(url, query, entity="orders", source="shop", mapping=chosen).same_as == result.import_id
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE o SET paid = 99 WHERE no = '1'")
        connection.commit()
    again = import_query(url, query, entity="orders", source="shop", mapping=chosen)
    assert (again.accepted, again.corrections, again.duplicates) == (1, 1, 2)


BAD_QUERIES = {
    "no address": ("nonsense", "SELECT 1", "cannot use this database address"),
    "no driver": ("db2://host/x", "SELECT 1", "cannot use this database address"),
    "no table": ("{url}", "SELECT * FROM nowhere", "the query failed: no such table: nowhere"),
    "no SQL": ("{url}", "SELEC", "the query failed"),
    "no rows": ("{url}", "DELETE FROM o WHERE 0", "the statement returns no rows"),
    "doubled": ("{url}", "SELECT no, no FROM o", "several columns are called 'no'"),
    "no file": ("sqlite:////nowhere/x.db", "SELECT 1", "the query failed: unable to open database file"),
    "no server": ("postgresql://u:secret@127.0.0.1:1/x", "SELECT 1", "the query failed"),
}


@pytest.mark.parametrize("case", BAD_QUERIES)
def test_a_query_that_cannot_be_run_is_refused_with_a_clear_message(desk: Desk, case: str) -> None:
    url, query, says = BAD_QUERIES[case]
    with pytest.raises(UserError) as refused:
        import_query(url.format(url=database(desk)), query, entity="orders", source="shop")
    assert says in refused.value.message
    assert "secret" not in str(refused.value)


def test_every_row_has_its_own_number_however_far_the_parser_is_ahead(tmp_path: Path) -> None:
    dice = random.Random(2)
    lines = ["1,ann,2026-01-31" + ("" if dice.random() < 0.2 else f",{'x' * 90}") for _ in range(60_000)]
    path = tmp_path / "f.csv"
    path.write_text(HEADER + "\n" + "\n".join(lines))
    limits = Limits(file=10**9, line=10**6)
    batches = list(open_file(path, inspect(path, limits), Format(), limits).batches())
    good = [number for batch in batches for number in batch.rows[ROW_NUMBER].to_pylist()]
    broken = [row.row_number for batch in batches for row in batch.broken]
    assert good == [n for n, line in enumerate(lines, start=1) if line.endswith("x")]
    assert broken == [n for n, line in enumerate(lines, start=1) if not line.endswith("x")]
