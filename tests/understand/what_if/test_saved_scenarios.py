"""Scenarios that are kept: named, changed, archived; and one filled from the firm's own orders."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.grown import Growth, grown

from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import OPERATOR, Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.what_if.filling import NoOrders, scenario_of_data
from zhike.understand.what_if.models import SavedScenario
from zhike.understand.what_if.queries import example, list_examples, list_scenarios, saved_scenario
from zhike.understand.what_if.reading import scenario_from_data, scenario_of_text
from zhike.understand.what_if.results import work_out
from zhike.understand.what_if.scenario import Scenario
from zhike.understand.what_if.services import (
    NameTaken,
    Overtaken,
    archive_scenario,
    change_scenario,
    restore_scenario,
    save_scenario,
)
from zhike.understand.what_if.shipped import examples
from zhike.understand.what_if.writing import document_of, yaml_of

CLUB: dict[str, Any] = {
    "name": "Club",
    "note": "of wine",
    "customers": "5_000",
    "years": 3,
    "inputs": {"retention": {"first": "55%", "step": "5%", "at_most": "70%"}, "spend": [80, "82.4", 84.872]},
    "strategies": {"null": {"note": "yes", "add": {"retention": "3%"}, "cost": {"fixed": [8000, 0, 0]}}},
}


def club(**changes: Any) -> Scenario:
    return scenario_from_data(CLUB | changes, where="test")


@pytest.fixture(autouse=True)
def operator(db: None) -> Any:
    with acting_as(OPERATOR):
        yield


@pytest.mark.parametrize("scenario", [*examples().values(), club()], ids=lambda one: one.name)
def test_a_scenario_is_the_same_when_it_was_kept_or_written(scenario: Scenario) -> None:
    assert scenario_from_data(document_of(scenario), where="") == scenario
    assert scenario_of_text(yaml_of(scenario), where="") == scenario
    kept = saved_scenario(save_scenario(scenario).pk)
    assert (kept.scenario, kept.name, kept.note, kept.revision) == (scenario, scenario.name, scenario.note, 1)


def test_a_name_is_taken_until_its_scenario_is_archived() -> None:
    first = save_scenario(club())
    with pytest.raises(NameTaken):
        save_scenario(club())
    archive_scenario(scenario_id=first.pk)
    second = save_scenario(club())
    with pytest.raises(NameTaken):
        restore_scenario(scenario_id=first.pk)
    assert [one.scenario_id for one in list_scenarios()] == [second.pk]
    assert [one.scenario_id for one in list_scenarios(archived=True)] == [first.pk]
    change_scenario(scenario_id=second.pk, scenario=club(name="Another"))
    restore_scenario(scenario_id=first.pk)
    assert [one.name for one in list_scenarios()] == ["Another", "Club"]


def test_of_two_who_change_it_at_once_the_second_is_told() -> None:
    saved = save_scenario(club())
    change_scenario(scenario_id=saved.pk, scenario=club(customers=7), seen=1)
    with pytest.raises(Overtaken):
        change_scenario(scenario_id=saved.pk, scenario=club(customers=8), seen=1)
    kept = saved_scenario(saved.pk)
    assert kept.scenario is not None
    assert (kept.scenario.customers, kept.revision) == (7, 2)
    change_scenario(scenario_id=saved.pk, scenario=club(customers=8))  # who has seen nothing overwrites
    assert saved_scenario(saved.pk).revision == 3


@pytest.mark.parametrize("name", ["two\nlines", "turned \u202e round"])
def test_a_name_hides_nothing(name: str) -> None:
    with pytest.raises(UserError):
        save_scenario(club(name=name))


def test_a_scenario_has_an_end() -> None:
    with pytest.raises(UserError, match="larger"):
        save_scenario(club(source="x" * 1_000_000))
    with pytest.raises(UserError, match="more than 100"):
        club(strategies={f"s{n}": {"add": {"orders": 1}} for n in range(101)})


def test_who_lacks_the_right_saves_and_sees_nothing() -> None:
    saved = save_scenario(club())
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))):
        assert list_scenarios()
        for attempt in (
            lambda: save_scenario(club(name="Mine")),
            lambda: change_scenario(scenario_id=saved.pk, scenario=club()),
            lambda: archive_scenario(scenario_id=saved.pk),
            lambda: restore_scenario(scenario_id=saved.pk),
        ):
            with pytest.raises(Denied):
                attempt()
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SAVE_SCENARIOS}))):
        for look in (list_scenarios, list_examples, lambda: saved_scenario(saved.pk), scenario_of_data):
            with pytest.raises(Denied):
                look()


def test_what_is_not_there_is_not_found() -> None:
    for look in (lambda: saved_scenario(9), lambda: archive_scenario(scenario_id=9), lambda: example("nothing")):
        with pytest.raises(NotFound):
            look()


def test_a_scenario_that_can_be_read_no_more_says_so() -> None:
    saved = SavedScenario.objects.create(name="Old", content={"customers": 1, "years": 1, "inputs": {"gone": 1}})
    found = saved_scenario(saved.pk)
    assert found.scenario is None
    assert "gone" in found.problem


@pytest.mark.usefixtures("company")
def test_the_orders_of_the_firm_fill_a_scenario() -> None:
    scenario = scenario_of_data()
    inputs = scenario.ltv_inputs()
    assert scenario.whole_base is not None
    assert 0 < scenario.customers <= scenario.whole_base
    assert inputs.by_year("orders")[0] >= 1
    assert inputs.by_year("spend")[0] > 0
    assert "cost_share" in scenario.assumed()
    assert "spend" not in scenario.assumed()
    assert work_out(scenario).table.value > 0


@pytest.mark.usefixtures("company")
def test_a_unit_is_filled_from_its_own_customers() -> None:
    whole = scenario_of_data().whole_base
    assert whole is not None
    try:
        part = scenario_of_data(unit="north").whole_base
    except NoOrders:
        return
    assert part is not None
    assert part < whole


HEAD = "contract_id,customer_key,started_on,terminated_on,status,premium_amount,premium_period\n"


def _contract(n: int) -> str:
    """One that began in one of four years; of those before this one every fifth ended after a year."""
    years = n % 4
    ended = f"{2027 - years}-01-05" if years and n % 5 == 0 else ""
    return f"c{n},k{n},{2026 - years}-01-05,{ended},active,{100 + years * 10},yearly\n"


def _grow(folder: Path) -> None:
    from zhike.collect.sources.services import import_file
    from zhike.warehouse.services import run_refresh

    people = "customer_key,name\n" + "".join(f"k{n},Ada{n} Berg\n" for n in range(400))
    for entity, text in (("source_records", people), ("contracts", HEAD + "".join(map(_contract, range(400))))):
        path = folder / f"{entity}.csv"
        path.write_text(text)
        import_file(path, entity=entity, source="desk")
    run_refresh(as_of=date(2026, 6, 30))


INSURER = Growth("insurer without orders", _grow)


def test_a_firm_with_contracts_only_is_filled_from_them(
    db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with grown(INSURER, settings, tmp_path_factory):
        scenario = scenario_of_data()
        inputs = scenario.ltv_inputs()
        assert scenario.customers == 100
        assert scenario.whole_base == 340  # of the 300 of former years a fifth ended theirs
        # A fifth left after the first year, nobody after the second.
        assert inputs.by_year("retention").tolist() == [0.8, 1.0, 1.0]
        assert inputs.by_year("spend").tolist() == [100, 110, 120]
        with pytest.raises(NoOrders, match="nobody ordered"):
            scenario_of_data(basis="orders")
