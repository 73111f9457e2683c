"""The list of customers: its order, pages, filters and totals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.customers.queries import choices, export_customers, list_customers, prepare_list
from zhike.understand.customers.tables import CUSTOMER_LIST
from zhike.warehouse.queries import published, rows

pytestmark = pytest.mark.usefixtures("company")
CLERK = Actor(ActorKind.USER, name="clerk", rights=frozenset({Right.SEE_CUSTOMERS}))


def walked(*, backwards: bool = False, **asked: object) -> list[dict[str, object]]:
    """All rows, page by page from one end to the other."""
    page = list_customers(**asked)  # type: ignore[arg-type]
    found = [page.rows]
    if backwards:
        while page.next:
            page = list_customers(**asked, after=page.next)  # type: ignore[arg-type]
        found = [page.rows]
    while cursor := page.previous if backwards else page.next:
        page = list_customers(**asked, **{"before" if backwards else "after": cursor})  # type: ignore[arg-type]
        found.append(page.rows)
    return [row for some in (reversed(found) if backwards else found) for row in some]


def in_order(every: list[dict[str, object]], sort: str, *, descending: bool) -> list[object]:
    """The ids as plain Python orders them: those without a value last, either way."""
    key = lambda row: (row[sort], row["customer_id"])  # noqa: E731
    filled = sorted((row for row in every if row[sort] is not None), key=key, reverse=descending)
    empty = sorted((row["customer_id"] for row in every if row[sort] is None), reverse=descending)
    return [row["customer_id"] for row in filled] + empty


def test_pages_show_every_customer_once_and_in_order_whatever_the_column() -> None:
    every = rows(published().table(CUSTOMER_LIST))
    assert len(every) > 130

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(CUSTOMER_LIST.column_names), st.booleans(), st.booleans(), st.sampled_from([17, 50, 400]))
    def holds(sort: str, descending: bool, backwards: bool, limit: int) -> None:
        found = walked(sort=sort, descending=descending, backwards=backwards, limit=limit)
        assert [row["customer_id"] for row in found] == in_order(every, sort, descending=descending)

    holds()


FILTERS = [
    ({"name": "berg"}, lambda row: "berg" in (row["name"] or "").lower()),
    ({"name": "娜"}, lambda row: "娜" in (row["name"] or "")),
    ({"city": "上海"}, lambda row: row["city"] == "上海"),
    ({"source": frozenset({"hr", "shop"})}, lambda row: row["source"] in ("hr", "shop")),
    ({"revenue_amount": (Decimal("100.25"), 900)}, lambda row: Decimal("100.25") <= row["revenue_amount"] <= 900),
    ({"order_count": (1, None)}, lambda row: row["order_count"] >= 1),
    ({"recency": (None, 3)}, lambda row: row["recency"] is not None and row["recency"] <= 3),
    (
        {"last_seen_on": (date(2025, 1, 1), date(2025, 12, 31)), "order_count": (0, 3)},
        lambda row: row["last_seen_on"] is not None and row["last_seen_on"].year == 2025 and row["order_count"] <= 3,
    ),
]


@pytest.mark.parametrize("place", range(len(FILTERS)))
def test_a_filter_leaves_those_it_says_with_their_totals(place: int) -> None:
    filters, holds = FILTERS[place]
    every = [row for row in rows(published().table(CUSTOMER_LIST)) if holds(row)]
    assert every
    page = list_customers(filters=filters, sort="last_ordered_on", limit=3)  # type: ignore[arg-type]
    found = walked(filters=filters, sort="last_ordered_on", limit=3)
    assert [row["customer_id"] for row in found] == in_order(every, "last_ordered_on", descending=False)
    assert (page.total, page.first) == (len(every), 1)
    for name, total in page.totals.items():
        assert total == sum(row[name] for row in every), name  # type: ignore[misc]


def test_an_audience_and_a_unit_narrow_the_list() -> None:
    everybody = list_customers(limit=1000).rows
    champions = list_customers(rule='has tag "rfm_segment" = "champions"', sort="revenue_amount", limit=1000).rows
    wanted = {row["customer_id"] for row in everybody if row["segment"] == "champions"}
    assert champions
    assert {row["customer_id"] for row in champions} == wanted
    north = list_customers(unit="north", limit=1000)
    assert {row["unit_id"] for row in north.rows} == {"north", "north-1"}
    assert north.total == sum(row["unit_id"] in ("north", "north-1") for row in everybody)
    assert list_customers(unit="nowhere").total == 0


def test_an_export_has_all_rows_of_the_list_in_its_order() -> None:
    batches = export_customers(sort="name", descending=True, columns=["customer_id", "name", "revenue_amount"])
    found = [row for batch in batches for row in batch.to_pylist()]
    listed = list_customers(sort="name", descending=True, limit=1000).rows
    assert found == [{name: row[name] for name in ("customer_id", "name", "revenue_amount")} for row in listed]


def test_a_clerk_sees_masks_and_may_neither_guess_nor_export() -> None:
    prepare_list()
    with acting_as(CLERK):
        names = {row["name"] for row in list_customers(limit=1000).rows} - {None}
        assert all(str(name).endswith("•••") for name in names)
        with pytest.raises(Denied):
            list_customers(filters={"phone": "138"})
        with pytest.raises(Denied):
            export_customers()
    with acting_as(Actor(ActorKind.USER, rights=CLERK.rights | {Right.EXPORT})):
        exported = [row for batch in export_customers(columns=["name", "phone"]) for row in batch.to_pylist()]
        assert {row["name"] for row in exported} - {None} == names
    with acting_as(Actor(ActorKind.NOBODY)), pytest.raises(Denied):
        list_customers()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"sort": "shoe_size"}, "no column “shoe_size”"),
        ({"filters": {"shoe_size": "42"}}, "no column “shoe_size”"),
        ({"filters": {"order_count": "many"}}, "filtered by from and to"),
        ({"filters": {"order_count": ("many", None)}}, "is not a number"),
        ({"filters": {"last_seen_on": (7, None)}}, "is not a date"),
        ({"after": "x"}, "page of the list is not known"),
        ({"rule": "agee > 7"}, "there is no attribute “agee”"),
    ],
)
def test_what_cannot_be_asked_is_said(asked: dict[str, object], says: str) -> None:
    with pytest.raises(UserError, match=says):
        list_customers(**asked)  # type: ignore[arg-type]


def test_a_page_whose_customer_is_no_more_is_the_first() -> None:
    assert list_customers(after="999999").first == 1


def test_choices_are_the_values_of_a_column_most_frequent_first() -> None:
    assert set(choices("unit_id")) == {"north", "north-1", "south"}
    assert choices("revenue_amount") == ()
