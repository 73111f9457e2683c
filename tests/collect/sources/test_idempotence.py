"""The same again adds nothing; what differs replaces by key and keeps its history."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from deliveries import HEADER, ORDERS, ROW, Desk

from zhike.collect.sources.models import Import
from zhike.errors import UserError

LINES = ORDERS | {"line_id": {"occurrence_of": ["no", "item"]}, "product_id": "item"}


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def counts(result: object) -> tuple[int, int, int, int]:
    return tuple(getattr(result, name) for name in ("accepted", "corrections", "duplicates", "rejected"))  # type: ignore


def test_the_same_file_again_adds_nothing(desk: Desk) -> None:
    first = desk.bring(table(ROW, "2,bob,never,1"))
    again = desk.bring(table(ROW, "2,bob,never,1"), "other-name.csv")
    assert (counts(first), counts(again)) == ((1, 0, 0, 1), (0, 0, 1, 1))
    assert again.same_as == first.import_id
    assert desk.rows("order_id") == ["1"]
    assert desk.rejects("row_number") == [2]


def test_the_same_rows_in_another_file_are_duplicates(desk: Desk) -> None:
    desk.bring(table(ROW, "2,bob,2026-01-31,20"))
    result = desk.bring(table("2,bob,2026-01-31 00:00:00,20.00", "3,cyd,2026-01-31,30", ROW))
    assert counts(result) == (1, 0, 2, 0)
    assert desk.rows("order_id") == ["1", "2", "3"]


def test_a_correction_replaces_by_key_and_the_old_version_remains(desk: Desk) -> None:
    desk.bring(table(ROW, "2,bob,2026-01-31,20"))
    result = desk.bring(table("1,ann,2026-01-31,11"))
    assert counts(result) == (1, 1, 0, 0)
    assert desk.rows("order_id", "amount", "is_correction") == [("1", 10, False), ("2", 20, False), ("1", 11, True)]
    assert desk.in_force("order_id", "amount") == [("1", 11), ("2", 20)]


def test_a_value_that_goes_and_comes_back_is_in_force_again(desk: Desk) -> None:
    for amount, expected in ((10, (1, 0, 0, 0)), (11, (1, 1, 0, 0)), (10, (1, 1, 0, 0)), (10, (0, 0, 1, 0))):
        result = desk.bring(table(f"1,ann,2026-01-31,{amount}") + "\n" * result_number(), source="shop")
        assert counts(result) == expected
    assert desk.rows("amount") == [10, 11, 10]
    assert desk.in_force("amount") == [10]


def result_number() -> int:
    """Makes files that say the same different files."""
    return Import.objects.count()


def test_an_older_file_does_not_undo_a_later_one(desk: Desk) -> None:
    for content in (table(ROW), table("1,ann,2026-01-31,11"), table(ROW)):
        desk.bring(content)
    assert desk.in_force("amount") == [11]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((10, 10), (1, 0, 1, 0)),
        ((10, 11), (2, 1, 0, 0)),
        ((10, 11, 10), (3, 2, 0, 0)),
        ((10, 10, 11, 11), (2, 1, 2, 0)),
    ],
)
def test_a_key_that_comes_twice_in_a_file_has_its_last_row_in_force(
    desk: Desk, amounts: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    result = desk.bring(table(*(f"1,ann,2026-01-31,{amount}" for amount in amounts)))
    assert counts(result) == expected
    assert desk.in_force("amount") == [amounts[-1]]


def test_a_column_that_is_only_kept_makes_a_correction_too(desk: Desk) -> None:
    desk.bring(table(ROW + ",red", header=HEADER + ",colour"))
    assert counts(desk.bring(table(ROW + ",blue", header=HEADER + ",colour"))) == (1, 1, 0, 0)
    assert desk.in_force("extra") == ['{"colour":"blue"}']


def test_an_empty_value_corrects_a_value(desk: Desk) -> None:
    columns = ORDERS | {"channel": "channel"}
    desk.bring(table(ROW + ",web", header=HEADER + ",channel"), columns=columns)
    assert counts(desk.bring(table(ROW + ",", header=HEADER + ",channel"), columns=columns)) == (1, 1, 0, 0)
    assert desk.in_force("channel") == [None]


def test_another_mapping_of_the_same_file_is_another_import(desk: Desk) -> None:
    desk.bring(table(ROW))
    result = desk.bring(table(ROW), time_zone="UTC")
    assert counts(result) == (1, 1, 0, 0)
    assert desk.in_force("ordered_at") == [datetime(2026, 1, 31)]


def test_the_same_key_of_two_sources_is_two_rows(desk: Desk) -> None:
    desk.bring(table(ROW), source="shop")
    assert counts(desk.bring(table(ROW), source="market")) == (1, 0, 0, 0)
    assert sorted(desk.in_force("source", "order_id")) == [("market", "1"), ("shop", "1")]


def test_keys_are_compared_whole(desk: Desk) -> None:
    columns = ORDERS | {"line_id": "line"}
    rows = ["a,ann,2026-01-31,1,bc", "ab,ann,2026-01-31,2,c", "a\x1fb,ann,2026-01-31,3,c", "a,ann,2026-01-31,4,b\x1fc"]
    assert counts(desk.bring(table(*rows, header=HEADER + ",line"), columns=columns)) == (4, 0, 0, 0)


def test_lines_are_numbered_by_their_occurrence(desk: Desk) -> None:
    header = HEADER + ",item"
    rows = ["1,ann,2026-01-31,10,tea", "1,ann,2026-01-31,10,tea", "1,ann,2026-01-31,5,cup", "2,bob,2026-01-31,10,tea"]
    assert counts(desk.bring(table(*rows, header=header), columns=LINES)) == (4, 0, 0, 0)
    assert desk.rows("line_id") == ["1/tea#1", "1/tea#2", "1/cup#1", "2/tea#1"]
    more = [*rows, "1,ann,2026-01-31,10,tea", "3,cyd,2026-01-31,7,cup"]
    assert counts(desk.bring(table(*more, header=header), columns=LINES)) == (2, 0, 4, 0)
    assert desk.rows("line_id")[4:] == ["1/tea#3", "3/cup#1"]


def test_a_mended_line_never_replaces_another_of_the_same_article(desk: Desk) -> None:
    header = HEADER + ",item"
    rows = ["1,ann,2026-01-31,10,tea", "1,ann,2026-01-31,never,tea"]
    assert counts(desk.bring(table(*rows, header=header), columns=LINES)) == (1, 0, 0, 1)
    assert counts(desk.bring(table("1,ann,2026-01-31,7,tea", header=header), columns=LINES)) == (1, 0, 0, 0)
    assert desk.in_force("line_id", "amount") == [("1/tea#1", Decimal(10)), ("1/tea#2", Decimal(7))]


def test_a_file_cut_in_two_gives_the_lines_of_the_whole(desk: Desk) -> None:
    header = HEADER + ",item"
    rows = [f"1,ann,2026-01-31,{paid},tea" for paid in (10, 10, 7, 5)]
    for part in (rows[:2], rows[2:], rows):
        desk.bring(table(*part, header=header), columns=LINES)
    assert sorted(desk.in_force("amount")) == [Decimal(5), Decimal(7), Decimal(10), Decimal(10)]


def test_a_numbered_line_is_corrected_by_its_number(desk: Desk) -> None:
    header = HEADER + ",item"
    desk.bring(table("1,ann,2026-01-31,10,tea", header=header), columns=LINES)
    corrected = ORDERS | {"line_id": "line", "product_id": "item"}
    again = table("1,ann,2026-01-31,12,tea,1/tea#1", header=header + ",line")
    assert counts(desk.bring(again, columns=corrected)) == (1, 1, 0, 0)
    assert desk.in_force("line_id", "amount") == [("1/tea#1", Decimal(12))]


def test_a_dry_run_says_the_same_and_leaves_no_trace(desk: Desk) -> None:
    desk.bring(table(ROW, "2,bob,2026-01-31,20"))
    before = set(desk.home.rglob("*.parquet"))
    content = table("1,ann,2026-01-31,11", "2,bob,2026-01-31,20", "3,,,", "4,x")
    assert counts(desk.bring(content, dry_run=True)) == (1, 1, 1, 2)
    assert desk.rows("order_id") == ["1", "2"]
    assert desk.rejects("row_number") == []
    assert Import.objects.count() == 1
    assert set(desk.home.rglob("*.parquet")) == before
    assert counts(desk.bring(content)) == (1, 1, 1, 2)


def test_a_dry_run_that_fails_leaves_no_trace(desk: Desk) -> None:
    rows = (f"{n},{'x' * 3000},2026-01-31,10" for n in range(30_000))
    with pytest.raises(UserError, match="never closed"):
        desk.bring(table(*rows, '"oops'), dry_run=True)


def test_order_is_by_import_and_not_by_any_clock(desk: Desk) -> None:
    desk.bring(table(ROW))
    Import.objects.update(started_at=datetime(2099, 1, 1, tzinfo=UTC))
    desk.bring(table("1,ann,2026-01-31,11"))
    assert desk.in_force("amount") == [Decimal(11)]
