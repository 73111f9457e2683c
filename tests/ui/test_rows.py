"""Pages of rows that are all at hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.http import QueryDict

from zhike.errors import UserError
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Table, TablePage, read_query

TABLE = Table(
    name="things",
    title="Things",
    columns=(
        Column("name", "Name", is_filterable=True),
        Column("kind", "Kind", Kind.CHOICE, (("a", "Zebra"), ("b", "Ant")), is_filterable=True),
        Column("size", "Size", Kind.NUMBER, is_filterable=True),
        Column("day", "Day", Kind.DATE, is_filterable=True),
    ),
    sort="name",
)
ROWS = [
    {"name": "Delta", "kind": "a", "size": 4, "day": date(2026, 1, 4)},
    {"name": "alpha", "kind": "b", "size": None, "day": None},
    {"name": "Beta", "kind": "a", "size": 2, "day": date(2026, 1, 2)},
    {"name": "gamma", "kind": "b", "size": 30, "day": date(2026, 1, 3)},
]


def page(asked: str, **more: Any) -> TablePage:
    query = read_query(TABLE, QueryDict(asked))
    return page_of_rows(ROWS, query, key="name", **more)


def names(asked: str, **more: Any) -> list[str]:
    return [row["name"] for row in page(asked, **more).rows]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["alpha", "Beta", "Delta", "gamma"]),
        ("sort=-name", ["gamma", "Delta", "Beta", "alpha"]),
        ("sort=size", ["Beta", "Delta", "gamma", "alpha"]),
        ("sort=-size", ["gamma", "Delta", "Beta", "alpha"]),
        ("sort=kind", ["alpha", "gamma", "Beta", "Delta"]),
        ("name=ta", ["Beta", "Delta"]),
        ("kind=b", ["alpha", "gamma"]),
        ("size.from=3", ["Delta", "gamma"]),
        ("day.from=2026-01-02&day.to=2026-01-03", ["Beta", "gamma"]),
    ],
)
def test_rows_are_filtered_and_in_order_those_without_a_value_last(asked: str, expected: list[str]) -> None:
    assert names(asked) == expected


def test_a_column_may_have_an_order_of_its_own() -> None:
    assert names("sort=name", orders={"name": lambda row: -(row["size"] or 0)}) == ["gamma", "Delta", "Beta", "alpha"]


def test_pages_follow_one_another_both_ways() -> None:
    def of(asked: str) -> TablePage:
        query = read_query(TABLE, QueryDict(asked))
        object.__setattr__(query, "limit", 2)
        return page_of_rows(ROWS, query, key="name")

    first = of("")
    assert ([row["name"] for row in first.rows], first.previous, first.next) == (["alpha", "Beta"], None, "Beta")
    second = of(f"after={first.next}")
    assert ([row["name"] for row in second.rows], second.next) == (["Delta", "gamma"], None)
    assert [row["name"] for row in of(f"before={second.previous}").rows] == ["alpha", "Beta"]


def test_a_place_that_is_none_is_refused() -> None:
    with pytest.raises(UserError, match="not known"):
        page("after=nobody")
