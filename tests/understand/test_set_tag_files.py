"""Set tags from files: what is accepted, what is rejected and why."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from zhike.collect.identity.tables import IDENTITY_MAP
from zhike.collect.sources.readers import BadFile
from zhike.understand.tags.models import Tag, TagChange, TagVersion
from zhike.understand.tags.setting.imports import import_tag, write_set_rejects
from zhike.understand.tags.setting.services import NotSet, undo_change
from zhike.understand.tags.setting.set_tags import values_of_set
from zhike.warehouse.queries import published, rows

pytestmark = pytest.mark.usefixtures("tags")


@pytest.fixture
def tags(company: None) -> Iterator[None]:
    """A set tag of each kind, in force."""
    for name, kind, values in (
        ("vip", "yes_no", []),
        ("tier", "category", [{"value": "gold"}, {"value": "silver"}]),
        ("points", "number", []),
        ("signed_on", "date", []),
    ):
        tag = Tag.objects.create(name=name, kind=kind, origin=Tag.Origin.IMPORT, theme="business", title=name)
        TagVersion.objects.create(tag=tag, number=1, state=TagVersion.State.PUBLISHED, values=values)
    return


def csv_file(folder: Path, text: str) -> Path:
    path = folder / "values.csv"
    path.write_text(text, encoding="utf-8")
    return path


def has(tag: str) -> dict[str, list[int]]:
    return {value: list(customers) for value, customers in values_of_set(tag).items()}


def key_of(customer_id: int) -> tuple[str, str]:
    known = published().table(IDENTITY_MAP)
    (row,) = rows(known.filter(known.customer_id == customer_id).limit(1))
    return str(row["source"]), str(row["customer_key"])


def test_good_rows_are_set_in_one_act_and_the_others_told_with_their_reason(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "Customer_ID,value\n1,gold\n2,silver\n2,gold\n3,bronze\n99999,gold\n-4,gold\nx,gold\n,gold\n5,\n",
    )
    found = import_tag(tag="tier", path=path)
    assert (found.read, found.accepted, found.rejected, found.customers) == (9, 3, 6, 2)
    assert found.values == {"gold": 2}
    assert found.rejects.to_pylist() == [
        {
            "reject_row": 4,
            "reject_column": "value",
            "reject_value": "bronze",
            "reject_reason": "is none of the tag's values",
        },
        {"reject_row": 5, "reject_column": "customer_id", "reject_value": "99999", "reject_reason": "is no customer"},
        {"reject_row": 6, "reject_column": "customer_id", "reject_value": "-4", "reject_reason": "is no customer"},
        {"reject_row": 7, "reject_column": "customer_id", "reject_value": "x", "reject_reason": "is no customer"},
        {
            "reject_row": 8,
            "reject_column": "customer_key",
            "reject_value": None,
            "reject_reason": "is required and empty",
        },
        {"reject_row": 9, "reject_column": "value", "reject_value": None, "reject_reason": "is required and empty"},
    ]
    assert found.reasons["customer_id: is no customer"] == 3
    assert has("tier") == {"gold": [1, 2]}
    (change,) = TagChange.objects.all()
    assert (change.pk, change.note, change.customer_count) == (found.change_id, "values.csv", 2)
    undo_change(change_id=change.pk)
    assert has("tier") == {}
    written = tmp_path / "rejects.csv"
    assert write_set_rejects(found.rejects, written) == 6
    lines = written.read_text(encoding="utf-8-sig").splitlines()
    assert (lines[0], lines[1]) == (
        "reject_row,reject_column,reject_value,reject_reason",
        "4,value,bronze,is none of the tag's values",
    )


def test_a_dry_run_only_counts(tmp_path: Path) -> None:
    found = import_tag(tag="tier", path=csv_file(tmp_path, "customer_id,value\n1,gold\n2,silver\n"), dry_run=True)
    assert (found.accepted, found.customers, found.values, found.change_id) == (2, 2, {"gold": 1, "silver": 1}, None)
    assert has("tier") == {}
    assert not TagChange.objects.exists()


def test_customers_are_found_by_what_sources_call_them(tmp_path: Path) -> None:
    (source, first), (other, second) = key_of(1), key_of(2)
    text = f"source,customer_key,value\n{source},{first},1.5\n{other},{second},-2e3\n{source},nobody,3\n"
    found = import_tag(tag="points", path=csv_file(tmp_path, text))
    assert has("points") == {"-2000": [2], "1.5": [1]}
    assert found.reasons == {"customer_key: is no customer of this source": 1}
    import_tag(tag="vip", path=csv_file(tmp_path, f"customer_key\n{first}\n"), source=source)
    assert has("vip") == {"yes": [1]}


def test_a_tag_of_yes_or_no_is_given_and_taken_by_one_file(tmp_path: Path) -> None:
    import_tag(tag="vip", path=csv_file(tmp_path, "customer_id\n1\n2\n"))
    found = import_tag(tag="vip", path=csv_file(tmp_path, "customer_id,value\n2,No\n3,是\n4,maybe\n5,\n"))
    assert has("vip") == {"yes": [1, 3, 5]}
    assert found.values == {"yes": 2, "no": 1}
    assert found.reasons == {"value: is neither yes nor no": 1}
    import_tag(tag="vip", path=csv_file(tmp_path, "customer_id\n1\n3\n"), value="no")
    assert has("vip") == {"yes": [5]}


def test_days_and_numbers_are_read_as_they_are_written(tmp_path: Path) -> None:
    found = import_tag(
        tag="signed_on",
        path=csv_file(tmp_path, "customer_id,value\n1,2026-01-31\n2,2026-02-30\n3,31.01.2026\n4,2024-02-29 00:00:00\n"),
    )
    assert has("signed_on") == {"2024-02-29": [4], "2026-01-31": [1]}
    assert found.reasons == {"value: is not a date such as 2026-01-31": 2}
    found = import_tag(tag="points", path=csv_file(tmp_path, "customer_id,value\n1,1e999\n2,nan\n3,0x10\n4,.5\n5,+7\n"))
    assert has("points") == {"0.5": [4], "7": [5]}
    assert found.rejected == 3


def test_every_format_of_an_import_is_read(tmp_path: Path) -> None:
    table = pa.table({"customer_id": [1, 2], "value": ["gold", "silver"]})
    pq.write_table(table, tmp_path / "values.parquet")
    with xlsxwriter.Workbook(tmp_path / "values.xlsx") as book:
        sheet = book.add_worksheet()
        for place, row in enumerate((("customer_id", "value"), (1, "gold"), (2, "silver"))):
            sheet.write_row(place, 0, row)
    (tmp_path / "values.jsonl").write_text(
        '{"customer_id": 1, "value": "gold"}\n{"customer_id": 2, "value": "silver"}\n'
    )
    (tmp_path / "values.tsv").write_text("customer_id\tvalue\n1\tgold\n2\tsilver\n")
    for ending in ("parquet", "xlsx", "jsonl", "tsv"):
        found = import_tag(tag="tier", path=tmp_path / f"values.{ending}", dry_run=True)
        assert (found.accepted, found.values) == (2, {"gold": 1, "silver": 1}), ending


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("who,value\n1,gold\n", "has no column customer_id"),
        ("customer_key,value\n1,gold\n", "has no column source"),
        ("customer_id,tier\n1,gold\n", "has no column value"),
        ("customer_id,value\n1,gold,x\n", "row 1"),
        ("", "the file is empty"),
    ],
)
def test_a_file_without_what_is_needed_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        import_tag(tag="tier", path=csv_file(tmp_path, text))
    assert not TagChange.objects.exists()


def test_a_computed_tag_is_not_imported(tmp_path: Path) -> None:
    with pytest.raises(NotSet):
        import_tag(tag="gender", path=csv_file(tmp_path, "customer_id,value\n1,male\n"))


def test_a_million_rows_are_checked_and_set_in_seconds(tmp_path: Path) -> None:
    count = published().customer_count
    ids = np.random.default_rng(1).integers(0, count, 1_000_000)
    pq.write_table(pa.table({"customer_id": ids, "value": ids / 4}), tmp_path / "values.parquet")
    started = time.perf_counter()
    found = import_tag(tag="points", path=tmp_path / "values.parquet")
    assert (found.accepted, found.customers) == (1_000_000, count)
    assert time.perf_counter() - started < 20
