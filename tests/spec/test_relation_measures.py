"""Who is what to whom: from files, staff, contracts, employers, referrals and homes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from ibis.expr.types import Table
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.identity.tables import CUSTOMER_REDIRECTS, IDENTITY_MAP, NORMALISED_RECORDS
from zhike.collect.profiles.relations.measures import (
    contract_relations,
    customer_relations,
    employer_relations,
    entered_relations,
    household_relations,
    referral_relations,
    stated_relations,
)
from zhike.collect.profiles.relations.tables import ENTERED_RELATIONS
from zhike.collect.profiles.tables import CONTRACT_PARTIES, CUSTOMER_RECORDS, CUSTOMERS
from zhike.warehouse.entities import RELATIONS

Told = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def told(rows: ReadRows) -> Told:
    """What a measure tells: customer, related, kind, and the columns named."""

    def read(relations: Table, *columns: str) -> list[tuple[object, ...]]:
        return [tuple(row.values()) for row in rows(relations.select("customer_id", "related_id", "kind", *columns))]

    return read


@pytest.fixture
def identities(table: MakeTable) -> Table:
    return table(
        IDENTITY_MAP, "source | customer_key | customer_id\ncrm | a | 0\ncrm | b | 1\nshop | a | 2\ncrm | c | 0"
    )


def test_a_file_tells_relations_of_the_keys_of_any_source(table: MakeTable, identities: Table, told: Told) -> None:
    stated = table(
        RELATIONS,
        """
        source | customer_source | customer_key | related_source | related_key | kind         | role  | layer
        crm    | crm             | a            | crm            | b           | organisation | buyer | decision
        crm    | crm             | b            | shop           | a           | supplier     |       |
        crm    | crm             | b            | crm            | nobody      | supplier     |       |
        """,
    )
    assert told(stated_relations(stated, identities), "role", "layer", "origin", "source") == [
        (0, 1, "organisation", "buyer", "decision", "import", "crm"),
        (1, 2, "supplier", None, None, "import", "crm"),
    ]


def test_what_staff_entered_is_of_whom_both_have_become(table: MakeTable, told: Told) -> None:
    entered = table(
        ENTERED_RELATIONS,
        "customer_id | related_id | kind | department | relation_id\n7 | 1 | member | Sales | 5\n3 | 8 | spouse | | 6",
    )
    redirects = table(CUSTOMER_REDIRECTS, "customer_id | current_id\n7 | 2\n8 |")
    found = told(entered_relations(entered, redirects), "department", "origin", "relation_id")
    assert found == [(2, 1, "member", "Sales", "staff", 5)]


def test_a_contract_tells_roles_and_families(table: MakeTable, told: Told) -> None:
    parties = table(
        CONTRACT_PARTIES,
        """
        customer_id | contract_id | role        | party_id | relation_to_holder | since_on
        1           | A           | holder      | 1        | self               |
        1           | A           | insured     | 1        | self               |
        1           | A           | insured     | 2        | child              | 2021-01-01
        1           | B           | insured     | 2        | child              | 2020-01-01
        1           | B           | beneficiary | 3        | 配偶               |
        """,
    )
    assert told(contract_relations(parties), "contract_count", "since_on") == [
        (1, 2, "child", None, None),
        (1, 2, "insured", 2, date(2020, 1, 1)),
        (1, 3, "beneficiary", 1, None),
        (1, 3, "spouse", None, None),
    ]


def test_an_employer_is_the_only_organisation_of_that_name(table: MakeTable, told: Told) -> None:
    customers = table(
        CUSTOMERS,
        """
        customer_id | kind         | name     | employer  | job_title
        1           | organisation | Acme Ltd |           |
        2           | organisation | Twice    |           |
        3           | organisation | TWICE    | acme ltd  |
        4           | person       | Ann      | ＡＣＭＥ Ltd | buyer
        5           | person       | Bo       | Twice     |
        6           | person       | Acme Ltd | Cy        |
        """,
    )
    assert told(employer_relations(customers), "role") == [(3, 1, "parent_firm", None), (4, 1, "organisation", "buyer")]


def test_a_record_names_who_referred_by_the_key_of_its_own_source(
    table: MakeTable, identities: Table, told: Told
) -> None:
    records = table(
        CUSTOMER_RECORDS,
        "customer_id | source | customer_key | referred_by\n1 | crm | b | a\n2 | shop | a | b\n0 | crm | a | ",
    )
    assert told(referral_relations(records, identities), "source") == [(1, 0, "referrer", "crm")]


def test_a_household_shares_a_door_and_a_name_or_a_telephone(table: MakeTable, told: Told) -> None:
    people = """
        source | customer_key | kind   | script | family_name | phone | area | street | number | door
        s      | 0            | person | han    | 王          |       | 浦东 | 中山路 | 1      | -2-301
        s      | 1            | person | han    | 王          | +1    | 浦东 | 中山路 | 1      | -2-301
        s      | 2            | person | han    | 李          | +1    | 浦东 | 中山路 | 1      | -2-301
        s      | 3            | person | han    | 王          |       | 浦东 | 中山路 | 1      |
        s      | 4            | person | han    | 王          |       | 浦东 | 中山路 | 1      |
        s      | 5            | person | latin  | berg        |       | LS1  | high   | 7      |
        s      | 6            | person | latin  | berg        |       | LS1  | high   | 7      |
        """
    crowd = "".join(f"s | c{n} | person | latin | kim | +2 | LS2 | low | 9 |\n" for n in range(9))
    lines = [line.strip() for line in people.strip().splitlines()] + crowd.splitlines()
    ids = "source | customer_key | customer_id\n" + "".join(f"s | {n} | {n}\n" for n in range(7))
    ids += "".join(f"s | c{n} | {n + 10}\n" for n in range(9))
    found = household_relations(table(NORMALISED_RECORDS, "\n".join(lines)), table(IDENTITY_MAP, ids))
    # 王 without a door may live anywhere in the tower, and nine people are no household.
    assert told(found) == [(0, 1, "household"), (1, 2, "household"), (5, 6, "household")]


def test_both_see_a_relation_once_for_each_origin(table: MakeTable, identities: Table, told: Told) -> None:
    stated = table(
        RELATIONS,
        """
        source | customer_source | customer_key | related_source | related_key | kind         | role  | since_on
        crm    | crm             | a            | crm            | b           | organisation | buyer | 2021-01-01
        crm    | crm             | b            | crm            | a           | member       |       | 2020-01-01
        crm    | crm             | a            | crm            | c           | spouse       |       |
        """,
    )
    parties = table(CONTRACT_PARTIES, "customer_id | role | party_id\n1 | insured | 0")
    both = customer_relations([stated_relations(stated, identities), contract_relations(parties)])
    # One of two keys of one customer is no relation of theirs to another.
    assert told(both, "origin", "role", "since_on", "contract_count") == [
        (0, 1, "holder", "contract", None, None, 1),
        (0, 1, "organisation", "import", "buyer", date(2020, 1, 1), None),
        (1, 0, "insured", "contract", None, None, 1),
        (1, 0, "member", "import", "buyer", date(2020, 1, 1), None),
    ]
