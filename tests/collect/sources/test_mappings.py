"""Every form a mapping may take, and what is said of one that cannot be used."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from deliveries import HEADER, ORDERS, ROW, Desk, mapping

from zhike.collect.sources.mapping import MappingError, read_mapping
from zhike.errors import UserError

CONTRACT = {"contract_id": "no", "customer_key": "no", "started_on": {"constant": "2020-01-01"}}
NUMBER, NEGATIVE = "is not a number", "is less than 0"
FILE = "no,a,b,c\n1,x,2,3\n2, y ,1.5,-4\n3,,,\n4,z,many,1e13\n"
FORMS: dict[str, tuple[str, object, list[object]]] = {
    "a column": ("product_name", "a", ["x", "y", None, "z"]),
    "a constant": ("product_name", {"constant": "tea"}, ["tea"] * 4),
    "values": ("product_name", {"column": "a", "values": {"x": "X", "y": None}}, ["X", None, None, "z"]),
    "values, otherwise": (
        "product_name",
        {"column": "a", "values": {"x": "X"}, "otherwise": "other"},
        ["X", "other", None, "other"],
    ),
    "a join": ("product_name", {"join": ["a", "b", "c"]}, ["x 2 3", "y 1.5 -4", None, "z many 1e13"]),
    "a join with glue": ("product_name", {"join": ["a", "b"], "with": "-"}, ["x-2", "y-1.5", None, "z-many"]),
    "a product": ("premium_amount", {"multiply": ["b", "b"]}, [4.0, 2.25, None, NUMBER]),
    "a negative product": (
        "premium_amount",
        {"multiply": ["b", "c"]},
        [6.0, NEGATIVE, None, NUMBER],
    ),
    "three factors": ("premium_amount", {"multiply": ["b", "b", "b"]}, [8.0, 3.375, None, NUMBER]),
    "too large a product": (
        "premium_amount",
        {"multiply": ["c", "c", "c"]},
        [27.0, NEGATIVE, None, NUMBER],
    ),
    "months before": (
        "ends_on",
        {"column": "c", "months_before": "2026-01-31"},
        [date(2025, 10, 31), date(2026, 5, 31), None, "is not a date such as 2026-01-31"],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_fills_its_column(desk: Desk, form: str) -> None:
    column, expression, expected = FORMS[form]
    desk.bring(FILE, entity="contracts", columns=CONTRACT | {column: expression})
    found: dict[int, Any] = {int(no): value for no, value in desk.rows("contract_id", column, entity="contracts")}
    found |= dict(desk.rejects("row_number", "reason"))
    assert [found[n] for n in (1, 2, 3, 4)] == expected


PAID = ("10", "-5", "", "C9", "11")
RULES: dict[str, tuple[dict[str, object], list[str]]] = {
    "is_empty": ({"is_empty": True}, ["3"]),
    "is not empty": ({"is_empty": False}, ["1", "2", "4", "5"]),
    "equals": ({"equals": "10"}, ["1"]),
    "one_of": ({"one_of": ["10", "C9"]}, ["1", "4"]),
    "starts_with": ({"starts_with": "C"}, ["4"]),
    "matches": ({"matches": "^-?[0-9]+$"}, ["1", "2", "5"]),
    "at_most": ({"at_most": 10}, ["1", "2"]),
    "at_least": ({"at_least": 10}, ["1", "5"]),
    "less_than": ({"less_than": 10}, ["2"]),
    "more_than": ({"more_than": 10}, ["5"]),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rejecting_rule_comes_before_all_other_reasons(desk: Desk, rule: str) -> None:
    test, unwanted = RULES[rule]
    content = (
        "no,who,day,paid\n1,a,2026-01-31,10\n2,a,2026-01-31,-5\n3,a,2026-01-31,\n4,a,2026-01-31,C9\n5,a,2026-01-31,11\n"
    )
    result = desk.bring(content, reject=[{"reason": "not ours", "when": {"column": "paid", **test}}])
    reasons = dict(zip([json.loads(row)["no"] for row in desk.rejects("row")], desk.rejects("reason"), strict=True))
    assert [no for no, reason in reasons.items() if reason.startswith("not ours")] == unwanted
    assert result.reasons["paid: not ours"] == len(unwanted)


KEPT: dict[str, tuple[object, str | None]] = {
    "all": ("all", '{"note":"n","reject_code":"r","Größe \\"L\\"":"5"}'),
    "none": ("none", None),
    "some": (["note"], '{"note":"n"}'),
}


@pytest.mark.parametrize("kind", KEPT)
def test_columns_that_are_not_mapped_are_kept_as_told(desk: Desk, kind: str) -> None:
    keep, expected = KEPT[kind]
    content = f'{HEADER},note,reject_code,"Größe ""L""",nothing\n{ROW},n,r,5,\n'
    desk.bring(content, keep=keep)
    found = desk.rows("extra")[0]
    assert (found and json.loads(found)) == (expected and json.loads(expected))


def test_empty_may_be_written_in_other_words(desk: Desk) -> None:
    result = desk.bring("no,who,day,paid\n1,NULL,2026-01-31,1\n2,ann,2026-01-31,-\n", empty=["NULL", "-"])
    assert result.reasons == {"customer_key: is required and empty": 1, "amount: is required and empty": 1}


WEIRD = [
    "it's",
    'say "no"',
    "two words",
    "x" * 300,
    "id; DROP TABLE orders",
    "text of order_id",
    "value of amount",
    "clock of ordered_at",
    "👤 kunde",
    "客户号",
    "select",
    "{source}",
    "%s",
    "a\\b",
    "a/b~c",
    "row_number",
    "is_good",
    "source",
]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_column_may_be_called_anything(desk: Desk, form: str) -> None:
    columns = {
        "order_id": WEIRD[0],
        "customer_key": WEIRD[1],
        "ordered_at": {"constant": "2026-01-31"},
        "amount": {"constant": "1"},
        "product_id": "text of order_id",
        "product_name": WEIRD[3],
    }
    values = [f"v{n}" for n, _ in enumerate(WEIRD)]
    if form == "csv":
        quoted = ['"' + name.replace('"', '""') + '"' for name in WEIRD]
        content = ",".join(quoted) + "\n" + ",".join(values) + "\n" + ",".join(["", *values[1:]]) + "\n"
    else:
        rows = [dict(zip(WEIRD, values, strict=True)), dict(zip(WEIRD, [None, *values[1:]], strict=True))]
        content = "".join(json.dumps(row) + "\n" for row in rows)
    desk.bring(content, f"file.{form}", columns=columns)
    assert desk.rows("order_id", "customer_key", "product_id", "product_name") == [("v0", "v1", "v5", "v3")]
    mapped = {WEIRD[0], WEIRD[1], "text of order_id", WEIRD[3]}
    assert json.loads(desk.rows("extra")[0]) == {n: v for n, v in zip(WEIRD, values, strict=True) if n not in mapped}
    assert {n: v for n, v in json.loads(desk.rejects("row")[0]).items() if v} == dict(
        zip(WEIRD[1:], values[1:], strict=True)
    )


UNUSABLE: dict[str, tuple[dict[str, Any], str]] = {
    "no entity": ({"entity": "oders"}, "did you mean 'orders'?"),
    "unknown column": ({"columns": ORDERS | {"amuont": "paid"}}, "did you mean 'amount'?"),
    "required column missing": ({"columns": {"order_id": "no"}}, "the required column 'customer_key' is not mapped"),
    "unknown form": ({"columns": ORDERS | {"channel": {"colum": "x"}}}, "columns.channel: give the name of a column"),
    "unknown key": ({"colums": {}}, "colums: Extra inputs"),
    "numbered column outside the key": (
        {"columns": ORDERS | {"channel": {"occurrence_of": ["no"]}}},
        "is for columns of",
    ),
    "two tests": (
        {"reject": [{"reason": "r", "when": {"column": "no", "equals": "1", "at_most": 2}}]},
        "exactly one test",
    ),
    "no time zone": ({"time_zone": "Mars/Olympus"}, "no time zone is called 'Mars/Olympus'"),
    "no delimiter": ({"format": {"delimiter": "::"}}, "the delimiter is one ASCII character"),
    "quote as delimiter": ({"format": {"delimiter": '"'}}, "the delimiter is one ASCII character"),
    "no header and no names": ({"format": {"header": False}}, "needs `names`"),
    "no encoding": ({"format": {"encoding": "klingon"}}, "no encoding is called 'klingon'"),
    "wrong date format": (
        {"columns": ORDERS | {"ordered_at": {"column": "day", "format": "%d/%Q"}}},
        "'%d/%Q' is no date format",
    ),
    "wrong pattern": (
        {"reject": [{"reason": "r", "when": {"column": "no", "matches": "(?<=x"}}]},
        "'(?<=x' is no regular expression",
    ),
    "no lawful basis": ({"lawful_basis": "because"}, "'because' is no lawful basis"),
}


@pytest.mark.parametrize("dry_run", [False, True], ids=["import", "dry run"])
@pytest.mark.parametrize("case", UNUSABLE)
def test_a_mapping_that_cannot_be_used_is_refused(desk: Desk, case: str, dry_run: bool) -> None:
    parts, says = UNUSABLE[case]
    with pytest.raises(UserError) as refused:
        desk.bring(f"{HEADER}\n{ROW}\n", dry_run=dry_run, **parts)
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("entity: [orders", "not YAML at line 1"),
        ("- entity", "a mapping is a YAML object"),
        ("", "a mapping is a YAML object"),
        ("\x00", "not YAML"),
        (b"\xff\xfe\xfa", "cannot be read"),
        (None, "there is no such mapping file"),
    ],
)
def test_a_mapping_file_that_cannot_be_read_is_refused(tmp_path: Path, text: object, says: str) -> None:
    path = tmp_path / "map.yaml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else str(text).encode())
    with pytest.raises(MappingError, match=says) as refused:
        read_mapping(path)
    assert refused.value.where == str(path)


def test_a_mapping_is_read_back_from_its_yaml(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    columns = {
        **ORDERS,
        "amount": {"multiply": ["a", "b"]},
        "line_id": {"occurrence_of": ["no"]},
        "product_name": {"join": ["a", "b"], "with": "/"},
        "channel": {"column": "c", "values": {"1": "web"}},
    }
    chosen = mapping(
        columns=columns,
        keep=["x"],
        format={"delimiter": ";"},
        empty=["-"],
        time_zone="UTC",
        reject=[{"reason": "r", "when": {"column": "a", "at_most": 0}}],
    )
    path.write_text(chosen.as_yaml(), encoding="utf-8")
    assert read_mapping(path) == chosen
    assert read_mapping(path).fingerprint == chosen.fingerprint


def test_yaml_that_means_text_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("""
entity: orders
columns:
  order_id: no
  customer_key: 007
  ordered_at: {column: 2024-01-01, format: "%d/%m/%Y"}
  amount: {constant: 1e3}
  channel: {column: on, values: {01: yes, no: null, 1_000: ~, other: "null"}}
format: {header: no, names: [no, 007, 2024-01-01, on]}
reject: [{reason: off, when: {column: no, at_most: 0}}, {reason: none, when: {column: on, is_empty: true}}]
""")
    read = read_mapping(path)
    assert read.file_columns == ("no", "007", "2024-01-01", "on")
    assert read.columns["channel"].values == {"01": "yes", "no": None, "1_000": None, "other": "null"}  # type: ignore
    assert (read.format.header, read.reject[0].when.at_most, read.reject[1].when.is_empty) == (False, 0.0, True)


@pytest.mark.parametrize("name", ["", "my shop", "shop!", "x" * 61, "商店", "../etc"])
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_source_cannot_be_called_just_anything(desk: Desk, name: str, dry_run: bool) -> None:
    with pytest.raises(UserError, match="cannot be the name of a source"):
        desk.bring(f"{HEADER}\n{ROW}\n", source=name, dry_run=dry_run)
