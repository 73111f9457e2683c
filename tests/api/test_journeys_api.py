"""How customers move, and who stays, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import Machine

from zhike.collect.sources.services import import_file
from zhike.warehouse.services import run_refresh

ORDERS = """order_id,customer_key,ordered_at,amount
1,Ada,2024-01-10,50
2,Ada,2024-03-10,50
3,Bo,2026-03-01,20
4,Cai,2023-05-01,80
5,Cai,2026-05-20,80
6,Dee,2025-08-01,30
"""


@pytest.fixture
def machine_of_shop(machine: Callable[..., Machine], shop: str, tmp_path: Path) -> Machine:
    """A machine, where a few customers ordered."""
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    import_file(path, entity="orders", source=shop)
    run_refresh(as_of=date(2026, 6, 10))
    return machine()


def answered(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def test_moves_and_stays_of_a_shop(machine_of_shop: Machine) -> None:
    moves = answered(machine_of_shop.get("/migration", months=2))
    assert set(moves["states"]) == {"forming", "stable", "interrupted"}
    assert [sum(row) for row in moves["matrix"]] == pytest.approx([1] * len(moves["states"]))
    assert len(moves["forecast"]) == 3
    assert moves["joined"] == pytest.approx(2 / 12)
    drivers = answered(machine_of_shop.get("/migration/drivers"))
    assert (drivers["known_on"], drivers["looked_on"]) == ("2025-11-30", "2026-05-31")
    assert [(one["move"], one["refusal"]) for one in drivers["moves"]] == [("fell", "few"), ("grew", "few")]
    assert answered(machine_of_shop.get("/migration/drivers", unit="nowhere"))["moves"][0]["customers"] == 0
    cohorts = answered(machine_of_shop.get("/retention/cohorts", basis="presence", quarterly=False))
    assert [(one["began_on"], one["customers"]) for one in cohorts] == [
        ("2023-05-01", 1),
        ("2024-01-01", 1),
        ("2025-08-01", 1),
        ("2026-03-01", 1),
    ]
    assert cohorts[0]["months"][11] == {"months_since": 11, "watched": 1, "retained": 1}
    assert cohorts[0]["months"][13]["retained"] == 0
    assert answered(machine_of_shop.get("/retention/stays"))["groups"] == []
    stays = answered(machine_of_shop.get("/retention/stays", basis="presence", by="unit_id"))
    assert (stays["groups"][0]["count"], stays["groups"][0]["left"], stays["log_rank_p"]) == (4, 2, None)
    assert stays["proportional_hazards_p"] is None
    assert stays["groups"][0]["median_low"] <= stays["groups"][0]["median_months"]
    assert len(moves["values"]) == len(moves["margin"]) == len(moves["states"])
    assert moves["forecast_intervals_cover"] == ["matrix", "moves", "inflow"]
    assert sum(one["customers"] for one in moves["flows"]) == 4
    asked = {"months": 1, "margin": [f"{state}=100" for state in moves["states"]], "cost": "stable=300"}
    priced = answered(machine_of_shop.get("/migration", **asked))
    place = moves["states"].index("stable")
    assert priced["values"][place] <= -100
    assert priced["stopping"] is not None


def test_what_cannot_be_asked_is_said(machine_of_shop: Machine) -> None:
    for path in ("/migration", "/retention/cohorts", "/retention/stays"):
        assert "org unit" in answered(machine_of_shop.get(path, unit="nowhere"), 404)["message"]
    for asked in ({"months": 0}, {"discount": "nan"}, {"margin": "stable=much"}, {"since": "1990-01"}):
        assert answered(machine_of_shop.get("/migration", **asked), 422)
    assert answered(machine_of_shop.get("/migration", states="nonsense"), 404)
    refused = answered(machine_of_shop.get("/retention/stays", basis="presence", by="channel"), 422)
    assert "no one line of business" in refused["message"]


def test_before_the_first_refresh_nothing_is_said(machine: Callable[..., Machine]) -> None:
    for path in ("/migration", "/migration/drivers", "/retention/cohorts", "/retention/stays"):
        assert answered(machine().get(path), 503)
