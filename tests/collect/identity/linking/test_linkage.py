"""Records of made-up people are put together, on both engines alike; what cannot be one customer stays apart."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import pytest
from people import Record, as_table, numbered, people
from tests.spec.spark import ENGINES, engine_for_tests

from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.linkage import link
from zhike.collect.identity.linking.model import Model
from zhike.collect.identity.linking.organisations import ORGANISATIONS
from zhike.collect.identity.linking.persons import PERSONS
from zhike.collect.identity.linking.workbench import Workbench
from zhike.warehouse.engines import Engine


def groups_of(
    engine: Engine, records: Sequence[Record], kind: Kind = PERSONS, model: Model | None = None
) -> list[set[int]]:
    """The groups of more than one record."""
    name = f"people_{uuid.uuid4().hex}"
    table = as_table(records)
    if engine.name == "duckdb":
        engine.connection.create_table(name, table, temp=True)
    else:
        engine.session.createDataFrame(table).createOrReplaceTempView(name)  # type: ignore[attr-defined]
    with Workbench(engine) as bench:
        found = link(engine.connection.table(name).drop("truth"), kind, bench=bench, model=model)
        rows = engine.arrow(found.groups).to_pylist()
    groups: dict[int, set[int]] = {}
    for row in rows:
        groups.setdefault(row["cluster_id"], set()).add(row["record_id"])
    assert sorted(record for group in groups.values() for record in group) == [r["record_id"] for r in records]
    assert all(first == min(group) for first, group in groups.items())
    return sorted((group for group in groups.values() if len(group) > 1), key=min)


def true_groups(records: Sequence[Mapping[str, object]]) -> list[set[object]]:
    groups: dict[object, set[object]] = {}
    for record in records:
        groups.setdefault(record["truth"], set()).add(record["record_id"])
    return [group for group in groups.values() if len(group) > 1]


@pytest.mark.parametrize("name", ENGINES)
def test_who_is_known_twice_is_found(name: str) -> None:
    records = people(400)
    found, true = groups_of(engine_for_tests(name), records), true_groups(records)
    assert len(true) == 200
    assert sum(group in found for group in true) >= 195
    assert sum(group not in true for group in found) <= 1


@pytest.fixture
def duckdb() -> Engine:
    return engine_for_tests("duckdb")


def beside_others(*special: dict[str, str | int | bool | None]) -> tuple[list[Record], list[int]]:
    """These records at the end of made-up people, and their numbers."""
    others = people(40)
    records = numbered([*others, *({"script": "latin", **one} for one in special)])
    return records, [int(str(record["record_id"])) for record in records[len(others) :]]


def together(found: list[set[int]], numbers: Sequence[int]) -> list[set[int]]:
    """What is left of the groups of these records."""
    return [group & set(numbers) for group in found if len(group & set(numbers)) > 1]


HOME = {"street": "abbey st", "number": "7", "area": "leeds", "phone": "+447700900123"}


def test_a_household_with_one_telephone_stays_apart(duckdb: Engine) -> None:
    mother = {"given_name": "margaret", "family_name": "abbott", "born_on": "19610304", **HOME}
    son = {"given_name": "toby", "family_name": "abbott", "born_on": "19931121", **HOME}
    records, numbers = beside_others(mother, son, {**mother, "born_on": None}, {**son, "area": None})
    assert together(groups_of(duckdb, records), numbers) == [{numbers[0], numbers[2]}, {numbers[1], numbers[3]}]


def test_a_record_between_two_of_a_household_joins_neither_to_the_other(duckdb: Engine) -> None:
    mother = {"given_name": "margaret", "family_name": "abbott", "born_on": "19610304", **HOME}
    son = {"given_name": "toby", "family_name": "abbott", "born_on": "19931121", **HOME}
    records, numbers = beside_others(mother, son, HOME)
    found = together(groups_of(duckdb, records), numbers)
    assert not any({numbers[0], numbers[1]} <= group for group in found)


def test_two_numbers_of_the_register_are_two_people_whatever_else_agrees(duckdb: Engine) -> None:
    twin = {"given_name": "maya", "family_name": "abbott", "born_on": "19930101", "id_is_sure": True, **HOME}
    records, numbers = beside_others(
        {**twin, "id_number": "11010119930101123X"},
        {**twin, "id_number": "110101199301011248"},
        {**twin, "id_number": "11010119930101123X", "phone": None},
    )
    assert together(groups_of(duckdb, records), numbers) == [{numbers[0], numbers[2]}]


def test_a_switchboard_joins_nobody(duckdb: Engine) -> None:
    staff = [
        {"given_name": f"{given}{letter}", "family_name": "quinn", "phone": "+441130000000"}
        for given in ("al", "bo", "cy", "di", "ed")
        for letter in "bcdfg"
    ]
    records, numbers = beside_others(*staff)
    assert together(groups_of(duckdb, records), numbers) == []


def test_the_same_records_give_the_same_groups_with_the_model_that_was_learnt(duckdb: Engine) -> None:
    records = people(100)
    with Workbench(duckdb) as bench:
        name = f"people_{uuid.uuid4().hex}"
        duckdb.connection.create_table(name, as_table(records), temp=True)
        model = link(duckdb.connection.table(name).drop("truth"), PERSONS, bench=bench).model
    assert model is not None
    again = Model.from_json(model.to_json())
    assert again == model
    assert groups_of(duckdb, records, model=again) == groups_of(duckdb, records)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_records_are_linked_too(duckdb: Engine, count: int) -> None:
    person = {"given_name": "margaret", "family_name": "abbott", "born_on": "19610304", "script": "latin", **HOME}
    records = numbered([dict(person) for _ in range(count)])
    assert groups_of(duckdb, records) == ([set(range(count))] if count > 1 else [])


def test_branches_of_one_firm_are_customers_of_their_own(duckdb: Engine) -> None:
    firm = {"core": "hengyuan technology", "phone": "+862150000000", "area": "shanghai", "email": "office@hy.example"}
    records = numbered(
        [
            dict(firm),
            {**firm, "email": None},
            {**firm, "branch": "nanjing"},
            {**firm, "branch": "nanjing", "phone": None},
            {**firm, "core": "ruifeng trading"},  # in the same building, by the same switchboard
        ]
    )
    assert groups_of(duckdb, records, ORGANISATIONS) == [{0, 1}, {2, 3}]


def test_a_guest_is_whoever_alone_has_the_telephone_or_the_mailbox(duckdb: Engine) -> None:
    mother = {
        "given_name": "margaret",
        "family_name": "abbott",
        "born_on": "19610304",
        **HOME,
        "email": "m@abbott.example",
    }
    son = {"given_name": "toby", "family_name": "abbott", "born_on": "19931121", **HOME}
    alone = {"given_name": "zelda", "family_name": "quartz", "born_on": "19700707", "phone": "+447700900999"}
    records, (first, second, third, *guests) = beside_others(
        mother,
        son,
        alone,
        {"phone": "+447700900999"},  # Zelda's
        {"email": "m@abbott.example", "phone": HOME["phone"]},  # the mailbox says which of the two
        {"phone": HOME["phone"]},  # either's
        {"email": "m@abbott.example", "phone": "+447700900999"},  # contradicts itself
    )
    numbers = [first, second, third, *guests]
    assert together(groups_of(duckdb, records), numbers) == [{first, guests[1]}, {third, guests[0]}]
