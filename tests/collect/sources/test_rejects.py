"""Rejected rows go out as a file, and once mended come in again."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from deliveries import HEADER, ORDERS, Desk

from zhike.collect.sources.rejects import write_rejects
from zhike.errors import UserError

BAD = f"""{HEADER},note
1,ann,2026-01-31,10,a
2,,2026-01-31,20,b
3,cyd,2026-01-31
4,dan,never,-1,d
5,eve,1700-01-01,5,
"""


def exported(desk: Desk, import_id: int | None) -> tuple[Path, list[dict[str, str]]]:
    assert import_id is not None
    path = desk.folder / "rejects.csv"
    count = write_rejects(import_id, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    return path, rows


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def test_rejects_are_exported_as_received_with_column_value_and_reason(desk: Desk) -> None:
    _, rows = exported(desk, desk.bring(BAD).import_id)
    assert [row["reject_row"] for row in rows] == ["2", "3", "4", "5"]
    assert rows[0] == {
        "no": "2",
        "who": "",
        "day": "2026-01-31",
        "paid": "20",
        "note": "b",
        "reject_row": "2",
        "reject_column": "customer_key",
        "reject_value": "",
        "reject_reason": "is required and empty",
    }
    assert rows[1]["no"] == "3,cyd,2026-01-31"
    assert rows[1]["reject_reason"] == "ragged row: 3 fields where the header has 5"
    assert rows[3]["reject_reason"] == "lies before 1850"


FORMS: dict[str, tuple[Any, dict[str, Any]]] = {
    "comma": (lambda text: text.encode(), {}),
    "semicolon": (lambda text: text.replace(",", ";").encode(), {"delimiter": ";"}),
    "GB18030": (lambda text: text.replace("bob", "王芳").encode("gb18030"), {"encoding": "gb18030"}),
    "no header": (
        lambda text: text.split("\n", 1)[1].encode(),
        {"header": False, "names": [*HEADER.split(","), "note"]},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_mended_rejects_are_imported_with_the_mapping_of_the_file(desk: Desk, form: str) -> None:
    written, file_format = FORMS[form]
    content = f"{HEADER},note\n1,ann,2026-01-31,10,a\n2,bob,2026-01-31,minus,b\n"
    result = desk.bring(written(content), format=file_format)
    path, rows = exported(desk, result.import_id)
    rows[0]["paid"] = "20"
    write(path, rows)
    mended = desk.bring(path, detect=True)
    assert (mended.read, mended.accepted) == (1, 1)
    assert desk.in_force("order_id", "amount") == [("1", 10), ("2", 20)]
    assert json.loads(desk.rows("extra")[1]) == {"note": "b"}


def test_rejects_that_nobody_mended_are_rejected_again(desk: Desk) -> None:
    path, rows = exported(desk, desk.bring(BAD).import_id)
    again = desk.bring(path, detect=True)
    assert (again.read, again.rejected) == (len(rows), len(rows))


def test_the_same_file_again_has_the_same_rejects(desk: Desk) -> None:
    first = desk.bring(BAD)
    again = desk.bring(BAD)
    assert exported(desk, first.import_id)[1] == exported(desk, again.import_id)[1]


def test_rejects_of_json_lines_are_exported_with_all_their_keys(desk: Desk) -> None:
    lines = [
        '{"no": 1, "who": null, "day": "2026-01-31", "paid": 1}',
        "{broken",
        '{"no": 3, "who": "c", "day": "x", "paid": 2, "late": {"a": [1, 2]}}',
    ]
    _, rows = exported(desk, desk.bring("\n".join(lines), "file.jsonl").import_id)
    assert [row["no"] for row in rows] == ["1", "{broken", "3"]
    assert rows[2]["late"] == '{"a": [1, 2]}'


def test_an_import_without_rejects_writes_a_header(desk: Desk) -> None:
    _, rows = exported(desk, desk.bring(f"{HEADER}\n1,ann,2026-01-31,10\n").import_id)
    assert rows == []
    assert (desk.folder / "rejects.csv").read_text("utf-8-sig").startswith(",".join(ORDERS.values()))


def test_rejects_of_an_unknown_import_and_into_nowhere_are_refused(desk: Desk) -> None:
    with pytest.raises(UserError, match="there is no import 99"):
        write_rejects(99, desk.folder / "r.csv")
    import_id = desk.bring(BAD).import_id
    assert import_id is not None
    with pytest.raises(UserError, match="cannot be written: No such file"):
        write_rejects(import_id, desk.folder / "nowhere" / "r.csv")
