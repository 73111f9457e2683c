"""Offers and offer rules over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.api.conftest import Machine
from tests.understand.offers.small_shop import ruled_shop as ruled_shop

from zhike.govern.access.rights import Right

Machines = Callable[..., Machine]
pytestmark = pytest.mark.usefixtures("ruled_shop")
SAID = {"name": "Tea time", "rule": "order_count > 0", "by": "product", "values": ["tea", "cup"]}


@pytest.fixture
def home(ruled_shop: None) -> None:
    """The machine talks to the shop."""


def answered(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def test_what_is_bought_together_is_told_with_its_intervals(machine: Machines) -> None:
    actor = machine(Right.SEE_CUSTOMERS)
    found = answered(actor.get("/affinity", basket="customer"))
    assert (found["baskets"], found["every"]) == (60, 1)
    [rule] = [one for one in found["rules"] if (one["item"], one["other_item"]) == ("tea", "cup")]
    assert (rule["confidence"], rule["lift"]) == (0.75, 1.5)
    assert rule["confidence_low"] < 0.75 < rule["confidence_high"]
    assert rule["customers"] == 'ever(orders where product_id = "tea") and not ever(orders where product_id = "cup")'
    assert answered(actor.get("/affinity", kind="category"))["rules"] == []
    assert answered(actor.get("/affinity", basket="moon"), 422)["where"].endswith("basket")


def test_offers_of_a_customer_are_told_with_their_reasons(machine: Machines) -> None:
    actor = machine(Right.SEE_CUSTOMERS)
    offers = answered(actor.get("/customers/1/offers"))
    assert [offer["place"] for offer in offers] == list(range(1, len(offers) + 1))
    assert all(offer["why"] and offer["source"] == "rule" for offer in offers)
    answered(actor.get("/customers/999999/offers"), 404)
    answered(machine(Right.SEND_FACTS).get("/customers/1/offers"), 403)


def test_an_offer_rule_is_saved_changed_and_archived(machine: Machines) -> None:
    actor = machine()
    saved = answered(actor.post("/offers/rules", SAID), 201)
    assert (saved["revision"], saved["customers"], saved["products"][0]) == (1, 60, {"item": "tea", "name": "Tea"})
    path = f"/offers/rules/{saved['rule_id']}"
    assert answered(actor.post("/offers/rules", SAID), 422)["where"] == "name"
    assert not answered(actor.patch(path, {"is_on": False, "seen": 1}))["is_on"]
    answered(actor.patch(path, {"said": SAID | {"priority": 1}, "seen": 1}), 409)
    assert answered(actor.patch(path, {"said": SAID | {"priority": 1}}))["priority"] == 1
    assert answered(actor.patch(path, {"is_archived": True}))["is_archived"]
    assert "Tea time" not in [one["name"] for one in answered(actor.get("/offers/rules"))]
    assert [one["name"] for one in answered(actor.get("/offers/rules", archived=True))] == ["Tea time"]
    answered(machine(Right.SEE_CUSTOMERS).patch(path, {"is_on": True}), 403)
    answered(actor.get("/offers/rules/999999"), 404)
