"""Golden records: the records of a customer, what is wrong with them, and the best value of each field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import ibis
import pytest
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.identity.tables import IDENTITY_MAP, NORMALISED_RECORDS
from zhike.collect.profiles.golden.faults import with_faults
from zhike.collect.profiles.golden.measures import corrections_in_force, customer_records, customers
from zhike.collect.profiles.golden.steps import ENTERED
from zhike.collect.profiles.tables import CORRECTIONS, CUSTOMER_RECORDS, SOURCE_PRIORITIES
from zhike.warehouse.entities import SOURCE_RECORDS

Golden = Callable[..., list[tuple[object, ...]]]
AS_OF = date(2026, 6, 1)


@pytest.fixture
def golden(table: MakeTable, rows: ReadRows) -> Golden:
    """What customers become of records, priorities and corrections: the fields asked for."""

    def make(records: str, *fields: str, priorities: str = "source\n", corrections: str = "customer_id\n") -> list:
        made = customers(
            table(CUSTOMER_RECORDS, records), table(SOURCE_PRIORITIES, priorities), table(CORRECTIONS, corrections)
        )
        return [tuple(row.values()) for row in rows(made.select("customer_id", *fields))]

    return make


def test_every_key_has_a_row_with_its_record_or_without(table: MakeTable, rows: ReadRows) -> None:
    records = table(
        SOURCE_RECORDS,
        """
        source | customer_key | kind         | name | family_name | given_name | first_seen_on | updated_at
        crm    | k1           | person       |      | 王          | 小明       | 2020-01-01    | 2025-01-01T10:00
        crm    | k2           | organisation | Acme |             |            | 2021-01-01    |
        """,
    )
    ids = table(
        IDENTITY_MAP,
        """
        source | customer_key | customer_id
        crm    | k1           | 0
        crm    | k2           | 1
        shop   | k1           | 0
        """,
    )
    known = customer_records(records, ids, table(NORMALISED_RECORDS, "source\n"), as_of=AS_OF)
    assert [tuple(row.values()) for row in rows(known.select("customer_id", "source", "name", "known_at"))] == [
        (0, "crm", "王小明", datetime(2025, 1, 1, 10)),
        (0, "shop", None, None),  # only a fact names this one
        (1, "crm", "Acme", datetime(2021, 1, 1)),
    ]


def test_what_is_ill_formed_or_implausible_is_a_fault(table: MakeTable, rows: ReadRows) -> None:
    records = table(
        SOURCE_RECORDS,
        """
        source | customer_key | kind         | name        | phone            | phone_2 | email     | address | city
        s      | 1            | person       | James Evans | 13800000001      |         | a@b.com   | 1 Road  | Leeds
        s      | 2            | person       | EvansJames  | 123              | 12      | a@b       |         | Leeds
        s      | 3            | person       | 王女士      | 12               | ０２０ 7946 0000 | A@B.COM |   |
        s      | 4            | organisation | 4Paradigm   | 010-62345678     |         | <a@b.com> |         |
        s      | 5            | person       | 王 小明     | 62345678         |         |           |         |
        s      | 6            |              | 王 小明     | 12               |         | a@b       |         |
        """,
    )
    normalised = table(
        NORMALISED_RECORDS,
        """
        source | customer_key | kind         | phone          | phone_2 | email
        s      | 1            | person       | +8613800000001 |         | a@b.com
        s      | 2            | person       |                |         |
        s      | 3            | person       | +442079460000  |         | a@b.com
        s      | 4            | organisation | +861062345678  |         | a@b.com
        s      | 5            | person       | 62345678       |         |
        """,
    )
    judged = with_faults(records, normalised, as_of=AS_OF).select("customer_key", "faults")
    assert [row["faults"] for row in rows(judged)] == [
        None,
        "name phone phone_2 email address",
        "name phone",
        None,  # a firm may be called anything
        "name phone",  # without the code of its area nobody can dial it
        "name",  # of what was not normalised only the rest is judged
    ]


def test_a_birthday_must_be_plausible_and_agree_with_a_right_number(table: MakeTable, rows: ReadRows) -> None:
    records = table(
        SOURCE_RECORDS,
        """
        source | customer_key | kind         | born_on
        s      | 1            | person       | 1990-02-03
        s      | 2            | person       | 1900-01-01
        s      | 3            | person       | 2026-06-02
        s      | 4            | organisation | 1889-01-01
        s      | 5            | person       | 1889-01-01
        s      | 6            | person       | 1990-03-08
        s      | 7            | person       | 1990-03-07
        """,
    )
    normalised = table(
        NORMALISED_RECORDS,
        """
        source | customer_key | kind         | id_number          | id_is_sure
        s      | 1            | person       |                    | no
        s      | 2            | person       | 11010119900307001X | no
        s      | 4            | organisation | 91350100M000100Y43 | yes
        s      | 5            | person       | E12345678          | no
        s      | 6            | person       | 110101199003070038 | yes
        s      | 7            | person       | 110101199003070038 | yes
        """,
    )
    judged = with_faults(records, normalised, as_of=AS_OF).select("customer_key", "faults")
    expected = [None, "born_on id_number", "born_on", None, "born_on", "born_on", None]
    assert [row["faults"] for row in rows(judged)] == expected


def test_a_value_without_a_fault_goes_before_the_priority_of_its_source(golden: Golden) -> None:
    records = """
        customer_id | source | customer_key | name        | phone | email  | known_at         | faults
        1           | app    | a            | EvansJames  | 12    | new@x  | 2026-01-01T00:00 | name phone
        1           | core   | c            | James Evans | 138   | old@x  | 2020-01-01T00:00 |
        2           | app    | b            |             | 12    |        | 2026-01-01T00:00 | phone
        2           | core   | d            | Ann         |       |        | 2020-01-01T00:00 | name
        """
    assert golden(records, "name", "phone", "email", "source", "provenance", priorities="source | name\napp | 1") == [
        (1, "James Evans", "138", "new@x", "core", "name:1 phone:1 email:0"),
        (2, "Ann", "12", None, "core", "name:1 phone:0"),  # better than nothing
    ]


def test_priority_goes_before_recency_and_the_order_of_keys_decides_at_last(golden: Golden) -> None:
    records = """
        customer_id | source | customer_key | phone | email | city  | address | occupation | known_at
        1           | core   | c            | 1     | c@x   | 上海  | c 1     | cook       | 2020-01-01T00:00
        1           | app    | b            | 2     | b@x   |       |         | baker      |
        1           | app    | a            | 3     | a@x   | Leeds |         | actor      |
        1           | shop   | s            | 4     |       |       |         |            | 2024-01-01T00:00
        """
    priorities = (
        "source | phone | email | address\ncore | 100 | 200 | 100\napp | 50 | 200 | 200\nshop | 100 | 100 | 100"
    )
    for listed in (records, "\n".join([records.split("\n")[1], *reversed(records.split("\n")[2:-1])])):
        assert golden(listed, "phone", "email", "city", "address", "occupation", priorities=priorities) == [
            (1, "3", "c@x", "上海", "c 1", "cook")
        ]


def test_names_and_addresses_are_not_mixed_from_two_records(golden: Golden) -> None:
    records = """
        customer_id | source | customer_key | name     | given_name | address | city | postal_code | known_at
        1           | app    | a            | Ann Berg |            |         | Hull |             | 2026-01-01T00:00
        1           | core   | c            | A. Berg  | Ann        | Road 1  |      | LS1         | 2020-01-01T00:00
        """
    assert golden(records, "name", "given_name", "address", "city", "postal_code") == [
        (1, "Ann Berg", None, None, "Hull", None)
    ]


def test_a_customer_is_known_since_the_first_record_and_changed_with_the_last(golden: Golden) -> None:
    records = """
        customer_id | source | customer_key | updated_at       | first_seen_on | known_at
        1           | app    | a            | 2026-01-01T00:00 | 2019-05-01    | 2026-01-01T00:00
        1           | core   | c            | 2020-01-01T00:00 | 2018-05-01    | 2020-01-01T00:00
        """
    assert golden(records, "first_seen_on", "updated_at") == [(1, date(2018, 5, 1), datetime(2026, 1, 1))]


def test_one_number_is_not_both_telephones(golden: Golden) -> None:
    records = """
        customer_id | source | customer_key | phone           | phone_2     | known_at
        1           | app    | a            | +86 13800000001 |             | 2026-01-01T00:00
        1           | core   | c            |                 | 13800000001 | 2020-01-01T00:00
        """
    assert golden(records, "phone", "phone_2", "provenance") == [(1, "+86 13800000001", None, "phone:0")]


def test_a_correction_wins(golden: Golden) -> None:
    records = """
        customer_id | source | customer_key | name     | family_name | phone | email | born_on    | income_amount
        1           | app    | a            | Ann Berg | Berg        | 1     | a@x   | 1990-01-01 | 10
        2           | app    | b            | Bo       |             | 2     | b@x   |            |
        """
    corrections = """
        customer_id | name | given_name | email | born_on    | income_amount
        1           | Anna |            |       | 1991-02-03 | 12.5
        2           |      | Bob        |       |            |
        """
    fields = ("name", "family_name", "given_name", "phone", "born_on", "income_amount", "provenance")
    assert golden(records, *fields, corrections=corrections) == [
        (
            1,
            "Anna",
            None,
            None,
            "1",
            date(1991, 2, 3),
            12.5,
            "name:corrected born_on:corrected income_amount:corrected",
        ),
        (2, "Bo", None, "Bob", "2", None, None, "given_name:corrected"),
    ]


def test_a_corrected_part_of_a_name_changes_the_whole_where_both_parts_are_known(golden: Golden) -> None:
    records = """
        customer_id | source | customer_key | name          | family_name | given_name
        1           | app    | a            | Michael Moore |             |
        2           | app    | b            | Moore Michael | Moore       | Michael
        3           | app    | c            | Иван Петров   | Петров      | Иван
        4           | app    | d            | 王小明        | 王          | 小明
        5           | app    | e            | Anna Berg     | Berg        | Anna
        6           | app    | f            | Li, Ann       | Li          | Ann
        """
    corrections = """
        customer_id | family_name | given_name
        1           |             | 小红
        2           |             | Mike
        3           | Иванов      |
        4           |             | 小红
        5           | 王          | 小红
        6           |             | Anne
        """
    assert golden(records, "name", corrections=corrections) == [
        (1, "Michael Moore"),
        (2, "Moore Mike"),
        (3, "Иван Иванов"),
        (4, "王小红"),
        (5, "王小红"),
        (6, "Anne Li"),
    ]


def test_a_correction_may_empty_a_field(table: MakeTable, rows: ReadRows) -> None:
    records = table(CUSTOMER_RECORDS, "customer_id | source | customer_key | phone | email\n1 | app | a | 1 | a@x")
    emptied = table(CORRECTIONS, "customer_id\n1").mutate(email=ibis.literal(""))
    known = customers(records, table(SOURCE_PRIORITIES, "source\n"), emptied)
    assert rows(known.select("phone", "email", "provenance")) == [
        {"phone": "1", "email": None, "provenance": "email:corrected"}
    ]


def test_the_newest_correction_of_a_field_is_in_force(table: MakeTable, rows: ReadRows) -> None:
    entered = table(
        ENTERED,
        """
        customer_id | field | value | correction_id
        1           | phone | 3     | 9
        1           | phone | 1     | 2
        1           | email | a@x   | 4
        2           | phone | 2     | 3
        """,
    )
    found = corrections_in_force(entered).select("customer_id", "phone", "email")
    assert [tuple(row.values()) for row in rows(found)] == [(1, "3", "a@x"), (2, "2", None)]


def test_who_is_only_named_by_facts_is_a_person_without_a_name(golden: Golden) -> None:
    records = "customer_id | source | customer_key\n1 | shop | x\n2 | app | a\n2 | shop | b"
    assert golden(records, "kind", "name", "source", "customer_key", "provenance") == [
        (1, "person", None, "shop", "x", None),
        (2, "person", None, "app", "a", None),
    ]
