"""Records of made-up people are put together, on both engines alike; what cannot be one customer stays apart."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import ibis
import pyarrow as pa
import pytest
from people import Record, as_table, numbered, people
from tests.spec.spark import engine_for_tests

from zhike.collect.identity.linking.attaching import attached
from zhike.collect.identity.linking.kinds import Kind
from zhike.collect.identity.linking.linkage import Before, comparable, link
from zhike.collect.identity.linking.model import Model
from zhike.collect.identity.linking.organisations import ORGANISATIONS
from zhike.collect.identity.linking.persons import PERSONS
from zhike.collect.identity.linking.scoring import ASKED
from zhike.collect.identity.linking.workbench import Workbench
from zhike.collect.identity.normalising.readings import with_readings
from zhike.warehouse.computing import Engine


def groups_of(
    engine: Engine,
    records: Sequence[Record],
    kind: Kind = PERSONS,
    as_of: date | None = None,
    apart: Sequence[tuple[int, int]] = (),
) -> list[set[int]]:
    """The groups of more than one record."""
    name = f"people_{uuid.uuid4().hex}"
    table = as_table(records)
    if engine.name == "duckdb":
        engine.connection.create_table(name, table, temp=True)
    else:
        engine.session.createDataFrame(table).createOrReplaceTempView(name)  # type: ignore[attr-defined]
    with Workbench(engine) as bench:
        named = engine.connection.table(name).drop("truth")
        read = with_readings(named, keep=bench.keep) if {"script", "given_name"} <= set(named.columns) else named
        pairs = [{"record_id_l": left, "record_id_r": right} for left, right in apart]
        declared = bench.keep(ibis.memtable(pa.Table.from_pylist(pairs))) if pairs else None
        found = link(read, kind, bench=bench, as_of=as_of, apart=declared)
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


# That Spark links alike is seen where a whole refresh is computed on both engines.
def test_who_is_known_twice_is_found() -> None:
    records = people(400)
    found, true = groups_of(engine_for_tests("duckdb"), records), true_groups(records)
    assert len(true) == 200
    assert sum(group in found for group in true) >= 195
    assert sum(group not in true for group in found) <= 1


@pytest.fixture
def duckdb() -> Engine:
    return engine_for_tests("duckdb")


def beside_others(*special: Mapping[str, Any]) -> tuple[list[Record], list[int]]:
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


def test_what_was_learnt_is_kept_as_text(duckdb: Engine) -> None:
    records = people(100)
    with Workbench(duckdb) as bench:
        name = f"people_{uuid.uuid4().hex}"
        table = duckdb.connection.create_table(name, as_table(records), temp=True).drop("truth")
        first = link(table, PERSONS, bench=bench)
        assert first.model is not None
        assert first.pairs is not None
        model = Model.from_json(first.model.to_json())
        assert model == first.model
        nothing_new = table.filter(ibis.literal(False)).select("record_id")
        again = link(table, PERSONS, bench=bench, before=Before(model, 150, first.pairs, nothing_new))
        assert again.model == model
        groups = [duckdb.arrow(one.groups.order_by("record_id")).to_pylist() for one in (first, again)]
    assert groups[0] == groups[1]


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


def test_firms_of_one_group_share_switchboard_and_mailbox(duckdb: Engine) -> None:
    group = {"script": "han", "phone": "+862150000000", "area": "上海", "email": "info@pinghua.cn"}
    kinds = ("财产", "人寿", "健康")
    firms: list[dict[str, Any]] = [{**group, "core": f"平华{one}保险"} for one in kinds]
    western = {"script": "latin", "phone": "+442079460100", "email": "info@northwind.com"}
    firms += [{**western, "core": f"northwind {one}"} for one in ("holdings", "bank", "bank")]
    assert groups_of(duckdb, numbered(firms), ORGANISATIONS) == [{4, 5}]


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


HAN = {"family_name": "王", "given_name": "小明", "script": "han", "phone": "+8613800138000"}
LETTERS = {"script": "latin", "phone": "+8613800138000"}


@pytest.mark.parametrize(
    ("family", "given", "is_he"),
    [
        ("wang", "xiaoming", True),
        ("xiaoming", "wang", True),
        ("ming", "wang xiao", True),  # three words, of which the last was taken for the family name
        ("wang", "jack", True),  # a name of his own choice
        ("wang", "lina", False),
        ("li", "na", False),
    ],
)
def test_a_name_in_letters_is_met_by_how_characters_are_read(
    duckdb: Engine, family: str, given: str, is_he: bool
) -> None:
    records, numbers = beside_others(dict(HAN), {"family_name": family, "given_name": given, **LETTERS})
    assert together(groups_of(duckdb, records), numbers) == ([set(numbers)] if is_he else [])


def test_columns_that_are_exchanged_say_nothing_of_who_lives_together(duckdb: Engine) -> None:
    george = {"given_name": "abbott", "family_name": "george", "born_on": "19610304", **HOME}
    susan = {"given_name": "susan", "family_name": "abbott", "born_on": "19930121", **HOME}
    right = {**george, "given_name": "george", "family_name": "abbott"}
    records, numbers = beside_others(george, susan, right)
    assert together(groups_of(duckdb, records), numbers) == [{numbers[0], numbers[2]}]


def test_father_and_son_of_one_name_and_telephone_stay_apart(duckdb: Engine) -> None:
    father = {"given_name": "george", "family_name": "abbott", "born_on": "19610304", **HOME}
    son = {**father, "born_on": "19930121"}
    records, numbers = beside_others(father, son, {**son, "area": None})
    assert together(groups_of(duckdb, records), numbers) == [{numbers[1], numbers[2]}]
    one_digit = {**father, "born_on": "19910304"}  # the same day, thirty years later
    slip = {**father, "born_on": "19640304", "area": None}
    records, numbers = beside_others(father, one_digit, slip)
    assert together(groups_of(duckdb, records), numbers) == [{numbers[0], numbers[2]}]


def test_a_guest_is_no_child_and_a_mailbox_says_which_of_a_couple(duckdb: Engine) -> None:
    mother = {"given_name": "margaret", "family_name": "abbott", "born_on": "19810304", **HOME}
    child = {"given_name": "toby", "family_name": "abbott", "born_on": "20151121", **HOME}
    father = {"given_name": "george", "family_name": "quinn", "born_on": "19790808", **HOME, "phone": "+447700900777"}
    wife = {"given_name": "zelda", "family_name": "quinn", "born_on": "19800909", **HOME, "phone": "+447700900777"}
    records, numbers = beside_others(
        mother,
        child,
        father,
        wife,
        {"phone": HOME["phone"]},
        {"phone": HOME["phone"], "email": "abc@abbott.example"},  # two records of one guest are both hers
        {"phone": "+447700900777", "email": "zelda.quinn7@post.example"},
        {"phone": "+447700900777"},
    )
    mothers, _toby, _george, wifes, *guests = numbers
    found = together(groups_of(duckdb, records, as_of=date(2026, 6, 30)), numbers)
    assert found == [{mothers, guests[0], guests[1]}, {wifes, guests[2]}]


def test_a_guest_who_is_kept_apart_is_not_whoever_has_the_telephone(duckdb: Engine) -> None:
    alone = {"given_name": "zelda", "family_name": "quartz", "born_on": "19700707", "phone": "+447700900999"}
    other = {"given_name": "george", "family_name": "abbott", "born_on": "19610304", **HOME}
    guests: list[dict[str, Any]] = [
        {"phone": alone["phone"]},
        {"phone": alone["phone"]},
        {"phone": HOME["phone"]},
        {"phone": HOME["phone"]},
    ]
    records, numbers = beside_others(alone, other, *guests)
    zelda, george, *strangers = numbers
    apart = [(zelda, strangers[0]), (strangers[2], strangers[3])]  # of the last two nobody knows which is George
    found = together(groups_of(duckdb, records, apart=apart), numbers)
    assert found == [{zelda, strangers[1]}]
    assert {george, strangers[2], strangers[3]} not in found


def test_who_shares_the_telephone_and_mailbox_of_an_office_stays_apart(duckdb: Engine) -> None:
    office = {"phone": "+862155556666", "email": "info@firm.cn", "script": "han"}
    names = ("张 伟明", "张 国强", "李 晓红", "李 建军", "刘 洋", "陈 静怡", "陈 大海")
    staff = [dict(zip(("family_name", "given_name"), one.split(), strict=True)) | office for one in names]
    couple = {"phone": "+8613800138111", "email": "home@ex.cn", "family_name": "王", "script": "han"}
    pair = [{"given_name": "强静", "born_on": "19670915"}, {"given_name": "琳琳", "born_on": "19810327"}]
    own = {"phone": "+8613800138222", "email": "wang.xiaoming@ex.cn", "family_name": "王", "script": "han"}
    records, numbers = beside_others(
        *staff, *({**couple, **one} for one in pair), {**own, "given_name": "小明"}, {**own, "given_name": "杰克"}
    )
    assert together(groups_of(duckdb, records), numbers) == [set(numbers[-2:])]


def test_a_name_is_not_common_because_a_file_is_short(duckdb: Engine) -> None:
    john = {"given_name": "john", "family_name": "smith", "script": "latin", "born_on": "19710502"}
    home = {"street": "MILL ST", "number": "12", "area": "YORK"}
    records = [{**john, **home}, {**john, **home, "given_name": "jon"}, {**john, "born_on": "19550811"}]
    assert groups_of(duckdb, numbered(records)) == [{0, 1}]


def test_twins_are_asked_about_and_not_linked(duckdb: Engine) -> None:
    home = {**HOME, "family_name": "王", "script": "han", "born_on": "20000101", "gender": "male"}
    brothers: list[dict[str, Any]] = [
        {**home, "given_name": "晓东"},
        {**home, "given_name": "晓西"},
        {**home, "given_name": None},
    ]
    married = {**HOME, "phone": "+447700900555", "script": "han", "born_on": "19800202", "given_name": "美丽"}
    records, numbers = beside_others(*brothers, *({**married, "family_name": name} for name in "陈林"))
    first, second, _either, *wife = numbers
    found = together(groups_of(duckdb, records), numbers)
    assert not any({first, second} <= group for group in found)
    assert set(wife) in found
    with Workbench(duckdb) as bench:
        table = duckdb.connection.create_table(f"people_{uuid.uuid4().hex}", as_table(records), temp=True)
        linked = link(with_readings(table.drop("truth"), keep=bench.keep), PERSONS, bench=bench)
        assert linked.pairs is not None
        asked = linked.pairs.filter((linked.pairs.record_id_l == first) & (linked.pairs.record_id_r == second))
        [pair] = duckdb.arrow(asked).to_pylist()
    assert (pair["match_probability"], pair["conflict"]) == (ASKED, None)


def test_a_mailbox_of_another_name_is_another_guest_than_the_only_one_known(duckdb: Engine) -> None:
    wife = {"given_name": "zelda", "family_name": "quinn", "phone": "+447700900777", "email": "zelda.quinn@a.example"}
    guests = [
        {"phone": "+447700900777", "email": "george.quinn@post.example"},
        {"phone": "+447700900777", "email": None},
        {"phone": "+447700900777", "email": "quinn.zelda.99@post.example"},
    ]
    records = numbered([{"script": "latin", "born_on": None, **one} for one in (wife, *guests)])
    with Workbench(duckdb) as bench:
        name = f"people_{uuid.uuid4().hex}"
        table = duckdb.connection.create_table(name, as_table(records), temp=True)
        kept = bench.keep(comparable(with_readings(table.drop("truth"), keep=bench.keep), PERSONS))
        alone = table.select("record_id", cluster_id=table.record_id)
        found = duckdb.arrow(attached(alone, kept, PERSONS, bench=bench).order_by("record_id"))
    assert found["cluster_id"].to_pylist() == [0, 1, 0, 0]
