"""Scenarios over HTTP: listed, worked out, saved, changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.api.conftest import Machine

from zhike.govern.access.rights import Right

Machines = Callable[..., Machine]
CLUB = {"name": "Club", "customers": 100, "years": 2, "inputs": {"retention": "50%", "spend": 10}}


def answered(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def test_an_example_is_worked_out_to_its_published_figures(machine: Machines) -> None:
    actor = machine()
    examples = {one["example"]: one["scenario"] for one in answered(actor.get("/scenarios/examples"))}
    found = answered(actor.post("/scenarios/work-out", {"scenario": examples["calculator"]}))
    assert [round(year["ltv"], 2) for year in found["base"]["years"]] == [-1.23, 17.86, 36.50]
    assert found["strategies"]["birthday club"]["change_for_whole_base"] == pytest.approx(1_205_163, abs=1)
    assert answered(actor.get("/scenarios")) == []


def test_a_scenario_is_saved_changed_and_archived(machine: Machines) -> None:
    actor = machine()
    saved = answered(actor.post("/scenarios", {"scenario": CLUB}), 201)
    assert (saved["name"], saved["revision"], saved["scenario"]["inputs"]) == (
        "Club",
        1,
        {"retention": 0.5, "spend": 10},
    )
    path = f"/scenarios/{saved['scenario_id']}"
    assert answered(actor.post("/scenarios", {"scenario": CLUB}), 422)["where"] == "name"
    changed = answered(actor.patch(path, {"scenario": CLUB | {"name": "Wine club"}, "seen": 1}))
    assert (changed["name"], changed["revision"]) == ("Wine club", 2)
    answered(actor.patch(path, {"is_archived": True, "seen": 1}), 409)
    assert answered(actor.patch(path, {"is_archived": True}))["is_archived"]
    assert [one["name"] for one in answered(actor.get("/scenarios", archived=True))] == ["Wine club"]
    assert answered(actor.get("/scenarios")) == []
    assert answered(actor.get(path))["is_archived"]


def test_every_fault_is_told_with_its_place(machine: Machines) -> None:
    wrong = {"name": "x", "customers": -1, "years": 2, "inputs": {"retention": ["50%", "many"], "spent": 3}}
    found = answered(machine().post("/scenarios/work-out", {"scenario": wrong}), 422)
    places = {fault["where"] for fault in found["faults"]}
    assert places == {"inputs.retention.1", "inputs.spent"}
    assert answered(machine().post("/scenarios/work-out", {"scenario": {}}), 422)["message"]


def test_it_takes_the_rights(machine: Machines) -> None:
    seer, keeper = machine(Right.SEE_CUSTOMERS), machine(Right.SAVE_SCENARIOS)
    for refused in (
        seer.post("/scenarios", {"scenario": CLUB}),
        keeper.get("/scenarios"),
        keeper.post("/scenarios/work-out", {"scenario": CLUB}),
    ):
        assert refused.status_code == 403
        assert refused.json()["message"].startswith("you may not ")
    assert answered(seer.get("/scenarios")) == []
