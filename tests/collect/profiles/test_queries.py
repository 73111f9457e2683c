"""Finding customers, and all that is known of one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from zhike.collect.profiles.queries import FACTS_SHOWN, NoSuchCustomer, find_customers, single_view
from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.collect.sources.services import import_file
from zhike.errors import UserError
from zhike.warehouse.queries import published, rows
from zhike.warehouse.services import run_refresh


def found(text: str) -> list[object]:
    return [row["customer_key"] for row in find_customers(text)]


@pytest.mark.usefixtures("company")
def test_customers_are_found_by_whatever_names_them() -> None:
    assert found("王") == ["a1"]
    assert found("anna@EXAMPLE.com") == ["a2"]
    assert found("13800000002") == ["a2"]
    assert found("P-77") == ["a2"]
    assert found("a3") == ["a3"]
    assert found("1") == ["a2", "a1", "a3"]  # customer 1 first, then those whose numbers have a 1
    assert found("berg") == ["a2", "a3"]
    assert found("nobody at all") == []


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("text", ["", " ", "a"])
def test_too_little_to_look_for_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="at least two letters"):
        find_customers(text)


@pytest.mark.usefixtures("company")
def test_a_single_view_has_everything_with_where_it_came_from() -> None:
    view = single_view(1)
    assert view.customer["name"] == "Anna Berg"
    assert view.provenance == {"source": "core", "customer_key": "a2", "import_id": 1, "row_number": 2}
    assert view.keys == [{"source": "core", "customer_key": "a2"}]
    assert [contract["current_status"] for contract in view.facts["contracts"]] == ["active"]
    assert (view.facts["contracts"][0]["import_id"], view.facts["contracts"][0]["row_number"]) == (2, 1)
    orders = view.facts["orders"]
    assert len(orders) == FACTS_SHOWN
    assert [order["ordered_at"] for order in orders] == sorted((o["ordered_at"] for o in orders), reverse=True)
    assert view.facts["order_summary"][0]["order_count"] == FACTS_SHOWN * 2


@pytest.mark.usefixtures("company")
def test_a_customer_who_does_not_exist_is_said() -> None:
    with pytest.raises(NoSuchCustomer, match="there is no customer 99"):
        single_view(99)


@pytest.mark.usefixtures("home")
def test_a_look_up_sees_the_rows_that_a_query_sees(tmp_path: Path) -> None:
    # Several row groups, customers at their borders, and one with more rows than fit one.
    lines = [f"{n},c{min(n, 60_000) % 2_500 if n < 40_000 else 7},2026-01-01,{n}" for n in range(75_000)]
    path = tmp_path / "orders.csv"
    path.write_text("order_id,customer_key,ordered_at,amount\n" + "\n".join(lines) + "\n")
    import_file(path, entity="orders", source="shop")
    now_customers = run_refresh(as_of=date(2026, 2, 1)).customer_count
    now, orders = published(), published().table(CUSTOMER_ORDERS)
    seen: dict[object, set[object]] = {}
    for row in rows(orders.select("customer_id", "order_id")):
        seen.setdefault(row["customer_id"], set()).add(row["order_id"])
    assert max(map(len, seen.values())) > 35_000
    for customer_id in [*range(0, now_customers, 97), now_customers - 1, now_customers, 10**6]:
        looked_up = now.rows_of(CUSTOMER_ORDERS, customer_id, limit=100_000)
        assert {row["order_id"] for row in looked_up} == seen.get(customer_id, set())
        assert all(set(row) == set(CUSTOMER_ORDERS.column_names) for row in looked_up[:1])
