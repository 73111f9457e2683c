"""Customers, value and audiences over HTTP, masked where the token has no right to more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import Machine
from tests.grown import Growth, grown

from zhike.collect.sources.services import import_file
from zhike.govern.access.rights import Right
from zhike.warehouse.services import run_refresh

Machines = Callable[..., Machine]
RECORDS = "customer_key,name,phone,email,born_on,city\n" + "".join(
    f"k{n},王小{n},1380013800{n},wang{n}@example.com,1980-02-0{n + 1},Hangzhou\n" for n in range(5)
)
ORDERS = "order_id,customer_key,ordered_at,amount\n" + "".join(
    f"o{n},k{n},2026-0{n + 1}-15,{n + 1}0\n" for n in range(5)
)


@pytest.fixture
def customers(machine: Machines, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with grown(Growth("five-customers", _grow), settings, tmp_path_factory):
        yield machine


def _grow(folder: Path) -> None:
    for entity, text in (("source_records", RECORDS), ("orders", ORDERS)):
        path = folder / f"{entity}.csv"
        path.write_text(text)
        import_file(path, entity=entity, source="core")
    run_refresh(as_of=date(2026, 6, 1))


def test_pages_follow_each_other_to_the_end(customers: Machines) -> None:
    reader = customers(Right.SEE_CUSTOMERS)
    seen: list[int] = []
    query: dict[str, object] = {"limit": 2, "sort": "revenue_amount", "descending": True}
    while True:
        page = reader.get("/customers", **query).json()
        assert (page["total"], page["refresh_id"], page["as_of"]) == (5, 1, "2026-06-01")
        seen += [row["customer_id"] for row in page["customers"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == [4, 3, 2, 1, 0]
    assert reader.get("/customers", limit=201).status_code == 422
    assert reader.get("/customers", after="x").status_code == 422
    assert reader.get("/customers", sort="shoe_size").status_code == 422


def test_a_customer_is_found_and_viewed(customers: Machines) -> None:
    reader = customers(Right.SEE_CUSTOMERS, Right.SEE_PERSONAL_DATA)
    (found,) = reader.get("/customers", q="13800138003").json()["customers"]
    assert (found["name"], found["matched"], found["how"]) == ("王小3", "phone", "exact")
    view = reader.get(f"/customers/{found['customer_id']}").json()
    assert (view["customer"]["name"], view["keys"]) == ("王小3", [{"source": "core", "customer_key": "k3"}])
    assert view["facts"]["orders"][0]["amount"] == "40.0000"
    missing = reader.get("/customers/999")
    assert (missing.status_code, missing.json()["message"]) == (404, "there is no customer 999")


def test_personal_data_is_masked_without_the_right_to_see_it(customers: Machines) -> None:
    reader = customers(Right.SEE_CUSTOMERS)
    view = reader.get("/customers/3").json()
    shown = {name: view["customer"][name] for name in ("name", "phone", "email", "born_on", "city", "country")}
    assert shown == {
        "name": "王•••",
        "phone": "•••03",
        "email": "w•••",
        "born_on": "1980",
        "city": "H•••",
        "country": None,
    }
    assert view["keys"] == [{"source": "core", "customer_key": "k•••"}]
    listed = reader.get("/customers").content.decode() + reader.get("/customers", q="王小").content.decode()
    for hidden in ("王小", "1380013800", "@example.com", "1980-02"):
        assert hidden not in listed
        assert hidden not in str(view)


def test_customers_are_for_who_may_see_them(customers: Machines) -> None:
    stranger = customers(Right.SEND_FACTS, Right.SEE_PERSONAL_DATA)
    answers = [
        stranger.get("/customers"),
        stranger.get("/customers", q="wang"),
        stranger.get("/customers/1"),
        stranger.get("/rfm"),
        stranger.get("/lifetime"),
        stranger.get("/renewals"),
        stranger.post("/audiences/count", {"rule": 'has tag "rfm_segment"'}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 7


def test_audiences_are_counted_and_the_grid_is_shown(customers: Machines) -> None:
    reader = customers(Right.SEE_CUSTOMERS)
    counted = reader.post("/audiences/count", {"rule": 'has tag "rfm_segment"'}).json()
    assert (counted["count"], counted["customers"], counted["share"]) == (5, 5, 1.0)
    unread = reader.post("/audiences/count", {"rule": "who knows"})
    assert (unread.status_code, unread.json()["where"] != "") == (422, True)
    grid = reader.get("/rfm", x="monetary").json()
    assert (grid["x"], grid["y"], len(grid["cells"]), grid["customers"]) == ("monetary", "recency", 25, 5)
    assert sum(cell["figures"]["customers"] for cell in grid["cells"]) == 5
    assert set(reader.get("/lifetime").json()) == {
        *("customers", "alive", "purchases", "revenue", "intervals", "bands", "best", "models", "tracking")
    }
    assert reader.get("/renewals").json()["lines"] == []


def test_before_the_first_refresh_there_is_nothing_to_see(machine: Machines) -> None:
    reader = machine(Right.SEE_CUSTOMERS)
    for path in ("/customers", "/customers/1", "/rfm", "/lifetime", "/renewals"):
        answer = reader.get(path)
        assert (answer.status_code, bool(answer.json()["advice"])) == (503, True)


def test_an_address_with_a_character_that_no_query_can_hold_is_refused(customers: Machines) -> None:
    answer = customers(Right.SEE_CUSTOMERS).get("/rfm", unit="up\0stairs")
    assert (answer.status_code, answer.json()["message"]) == (400, "the request cannot be read")
