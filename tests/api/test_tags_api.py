"""Tags over HTTP: the catalogue, definitions on their way, setting, what a customer has, reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import Machine
from tests.grown import Growth, grown

from zhike.collect.sources.services import add_source, import_file
from zhike.govern.access.rights import Right
from zhike.operate.jobs.models import Job
from zhike.understand.tags.defining.shipped import library
from zhike.understand.tags.models import TagChange, TagVersion
from zhike.understand.tags.setting.set_tags import values_of_set
from zhike.warehouse.services import run_refresh

Machines = Callable[..., Machine]
ORDERS = "order_id,customer_key,ordered_at,amount\n1,ann,2026-01-31,10\n2,bob,2026-05-28,20\n3,cid,2026-05-30,700\n"
TEA = {"name": "buys", "theme": "business/habit", "title": "Buys", "rule": "order_count >= 1"}
TIER = {"name": "tier", "theme": "ours", "title": "Tier", "kind": "category", "origin": "person"}


@pytest.fixture
def company(machine: Machines, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Three customers, one order each, refreshed."""
    with grown(Growth("three-customers", _grow), settings, tmp_path_factory):
        yield


def _grow(folder: Path) -> None:
    path = folder / "orders.csv"
    path.write_text(ORDERS)
    import_file(path, entity="orders", source=add_source(name="shop", lawful_basis="contract").name)
    run_refresh(as_of=date(2026, 6, 1))


def published(machine: Machine, wanted: dict[str, object]) -> None:
    assert machine.post("/tags", wanted).status_code == 201
    name = wanted["name"]
    assert machine.post(f"/tags/{name}/versions/1/approve").json()["state"] == "approved"
    assert machine.post(f"/tags/{name}/versions/1/publish").json()["state"] == "published"


@pytest.mark.usefixtures("company")
def test_the_catalogue_is_listed_with_its_counts(machine: Machines) -> None:
    reader = machine(Right.SEE_CUSTOMERS)
    listed = reader.get("/tags").json()
    assert {tag["name"] for tag in listed} == set(library())
    assert [tag["name"] for tag in reader.get("/tags", theme="three").json()] == ["age_band", "gender", "income_band"]
    found = reader.get("/tags/lifecycle_stage").json()
    assert (found["tag"]["customers"], found["tag"]["of_customers"], found["tag"]["coverage"]) == (3, 3, 1.0)
    assert {value["value"]: value["customers"] for value in found["values"] if value["customers"]} == {"forming": 3}
    assert found["versions"][0]["rule"] == found["rule"]
    assert reader.get("/tags/unheard_of").status_code == 404
    assert machine(Right.REFRESH).get("/tags").status_code == 403


@pytest.mark.usefixtures("company")
def test_a_definition_goes_its_way(machine: Machines) -> None:
    author, approver = machine(Right.DEFINE_TAGS), machine(Right.APPROVE_TAGS, Right.SEE_CUSTOMERS)
    drafted = author.post("/tags", {**TEA, "note": "first"})
    assert (drafted.status_code, drafted.json()) == (201, {"name": "buys", "version": 1, "state": "draft"})
    assert author.post("/tags/buys/versions/1/approve").status_code == 403
    assert approver.post("/tags/buys/versions/1/publish").status_code == 409
    assert approver.post("/tags/buys/versions/1/approve").status_code == 200
    assert approver.post("/tags/buys/versions/1/publish").json()["state"] == "published"
    assert list(Job.objects.filter(kind="tag").values_list("arguments", flat=True)) == [{"names": ["buys"]}]
    second = {"rule": "order_count >= 2", "seen": 1}
    assert author.post("/tags/buys/versions", second).json()["version"] == 2
    assert author.post("/tags/buys/versions", second).status_code == 409
    assert author.post("/tags/buys/versions/2/withdraw").json()["state"] == "withdrawn"
    assert approver.post("/tags/buys/retire").json()["tag"]["state"] == "retired"
    assert approver.post("/tags/buys/restore").json()["tag"]["state"] == "published"


@pytest.mark.usefixtures("company")
def test_a_mistake_in_a_rule_is_told_with_its_place(machine: Machines) -> None:
    refused = machine(Right.DEFINE_TAGS).post("/tags", {**TEA, "rule": "order_cont >= 1"})
    assert refused.status_code == 422
    assert refused.json()["where"] == "character 1"
    assert "order_count" in refused.json()["advice"]
    assert not TagVersion.objects.filter(tag__name="buys").exists()


@pytest.mark.usefixtures("company")
def test_customers_are_given_a_value_by_number_or_key_and_it_can_be_undone(machine: Machines) -> None:
    published(machine(), {**TIER, "values": [{"value": "gold"}, {"value": "silver", "title": "Silver"}]})
    setter = machine(Right.SET_TAGS)
    body = {"customer_ids": [0], "keys": [{"source": "shop", "customer_key": "cid"}], "value": "gold", "note": "best"}
    answer = setter.post("/tags/tier/set", body).json()
    assert (answer["customers"], answer["value"], answer["is_removed"]) == (2, "gold", False)
    assert {value: len(who) for value, who in values_of_set("tier").items()} == {"gold": 2}
    taken = setter.post("/tags/tier/unset", {"customer_ids": [0], "value": "gold"}).json()
    assert (taken["customers"], taken["is_removed"]) == (1, True)
    undone = setter.post(f"/tags/changes/{taken['change_id']}/undo").json()
    assert undone["undoes"] == taken["change_id"]
    assert {value: len(who) for value, who in values_of_set("tier").items()} == {"gold": 2}
    for wrong, status in (
        ({"customer_ids": [99], "value": "gold"}, 404),
        ({"keys": [{"source": "shop", "customer_key": "nobody"}], "value": "gold"}, 404),
        ({"customer_ids": [0], "value": "bronze"}, 422),
        ({"value": "gold"}, 422),
    ):
        assert setter.post("/tags/tier/set", wrong).status_code == status
    assert setter.post("/tags/gender/set", {"customer_ids": [0], "value": "male"}).status_code == 409
    assert machine(Right.SEE_CUSTOMERS).post("/tags/tier/set", body).status_code == 403
    assert TagChange.objects.count() == 3


@pytest.mark.usefixtures("company")
def test_a_customer_says_which_tags_they_have(machine: Machines) -> None:
    published(machine(), TIER)
    machine().post("/tags/tier/set", {"customer_ids": [1], "value": "gold"})
    held = {tag["name"]: tag for tag in machine(Right.SEE_CUSTOMERS).get("/customers/1/tags").json()}
    assert (held["tier"]["value"], held["lifecycle_stage"]["value"]) == ("gold", "forming")
    assert held["spent_last_year"]["value"] == "20"
    assert machine().get("/customers/77/tags").status_code == 404


@pytest.mark.usefixtures("company")
def test_a_sample_is_drawn_reviewed_and_summed_up(machine: Machines) -> None:
    drawn = machine().post("/tags/lifecycle_stage/sample", {"size": 3, "seed": 1})
    assert drawn.status_code == 201
    assert [review["verdict"] for review in drawn.json()] == ["", "", ""]
    first = drawn.json()[0]["review_id"]
    reviewer = machine(Right.SET_TAGS)
    found = reviewer.post(f"/tags/reviews/{first}", {"verdict": "wrong", "truth": "lost"}).json()
    assert (found["verdict"], found["truth"]) == ("wrong", "lost")
    assert reviewer.post(f"/tags/reviews/{first}", {"verdict": "perhaps"}).status_code == 422
    assert reviewer.post("/tags/reviews/999", {"verdict": "right"}).status_code == 404
    said = machine(Right.SEE_CUSTOMERS).get("/tags/lifecycle_stage/accuracy").json()
    assert (said["reviewed"]["drawn"], said["reviewed"]["waiting"], said["reviewed"]["precision"]) == (3, 2, None)
    assert "nothing is kept" in said["later"]["reason"] or "is known from" in said["later"]["reason"]
