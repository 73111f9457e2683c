"""What the values of customers are worth, who shares them, and how many fulfil a rule."""

from __future__ import annotations

from datetime import date

from ibis.expr.types import Table
from tests.spec.tables import MakeTable, ReadRows, Row

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS, CUSTOMERS
from zhike.collect.quality.counting import judged
from zhike.collect.quality.definitions import RuleDefinition
from zhike.collect.quality.measures import (
    contact_points,
    departures,
    quality_marks,
    sales_channels,
    shared_contacts,
)
from zhike.collect.quality.tables import CONTACT_POINTS, SHARED_CONTACTS
from zhike.rules.text import condition_of, parse
from zhike.warehouse.attributes import attributes_contract
from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.entities import STAFF

AS_OF = date(2026, 6, 30)
CHANNELS = Contract(
    "scratch",
    "channels",
    "one customer",
    ("customer_id",),
    (Column("customer_id", Kind.INTEGER, ""), Column("sales_channel", Kind.TEXT, "")),
)
LEFT = Contract(
    "scratch",
    "left",
    "one member of staff",
    ("staff_id",),
    (Column("staff_id", Kind.TEXT, ""), Column("agent_left_on", Kind.DATE, "")),
)


def test_contact_points_are_in_one_spelling(table: MakeTable, rows: ReadRows) -> None:
    customers = table(
        CUSTOMERS,
        """
        customer_id | phone         | phone_2     | email            | id_number
        0           | 138 0013 8000 |             | Ada@Example.com  | 110101199003070038
        1           | none          | 13800138001 | ada at home      | 110101199003070037
        2           |               |             |                  |""",
    )
    assert [tuple(row.values()) for row in rows(contact_points(customers, region="CN"))] == [
        (0, "+8613800138000", "ada@example.com", "110101199003070038", True),
        (1, "+8613800138001", None, "110101199003070037", False),  # the second number stands in
        (2, None, None, None, None),
    ]


def test_shared_contacts_are_those_of_more_than_one(table: MakeTable, rows: ReadRows) -> None:
    points = table(
        CONTACT_POINTS,
        """
        customer_id | phone | email | id_number
        0           | +861  | a@b.c | X
        1           | +861  | d@b.c |
        2           | +861  | a@b.c |
        3           |       |       |""",
    )
    assert rows(shared_contacts(points)) == [
        {"kind": "email", "value": "a@b.c", "customer_count": 2},
        {"kind": "phone", "value": "+861", "customer_count": 3},
    ]


def test_the_channel_is_that_of_the_newest_contract_in_force(table: MakeTable, rows: ReadRows) -> None:
    contracts = table(
        CUSTOMER_CONTRACTS,
        """
        customer_id | channel | started_on | current_status
        0           | agent   | 2020-01-01 | active
        0           | bank    | 2024-01-01 | lapsed
        1           | bank    | 2023-01-01 | lapsed
        1           | group   | 2022-01-01 | surrendered
        2           |         | 2025-01-01 | active
        4           | web     | 2025-01-01 | active
        4           | agent   | 2025-01-01 | active""",
    )
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | channel | ordered_on
        0           | web     | 2026-01-01
        2           | shop    | 2025-06-01
        2           | web     | 2025-01-01
        3           |         | 2025-01-01""",
    )
    assert [tuple(row.values()) for row in rows(sales_channels(contracts, orders))] == [
        (0, "agent"),
        (1, "bank"),
        (2, "shop"),
        (4, "web"),
    ]


def test_who_is_employed_in_one_record_has_not_left(table: MakeTable, rows: ReadRows) -> None:
    staff = table(
        STAFF,
        """
        staff_id | left_on
        A        | 2026-06-30
        B        | 2026-07-01
        C        |
        D        | 2025-01-01
        D        |
        E        | 2025-01-01
        E        | 2024-01-01""",
    )
    assert [tuple(row.values()) for row in rows(departures(staff, as_of=AS_OF))] == [
        ("A", date(2026, 6, 30)),
        ("E", date(2025, 1, 1)),
    ]


def test_marks_say_what_a_person_and_their_number_are_worth(table: MakeTable, rows: ReadRows) -> None:
    customers = table(
        CUSTOMERS,
        """
        customer_id | kind         | name | gender | born_on    | id_type     | id_number
        0           | person       | 王芳 | female | 1990-03-07 |             | given
        1           | person       | 无   | male   | 1990-03-08 |             | given
        2           | organisation | Acme |        | 2027-01-01 |             | given
        3           | person       |      | female | 1890-01-01 | resident_id | given
        4           | person       | Li   | male   |            |             |
        5           | person       | 123  | female | 1990-03-07 |             | given""",
    )
    points = table(
        CONTACT_POINTS,
        """
        customer_id | id_number          | has_valid_check
        0           | 110101199003070020 | yes
        1           | 110101199003070020 | yes
        2           | E12345678          |
        3           | 11010119           |
        4           |                    |
        5           | 110101199003070021 | no""",
    )
    found = _marks(table, rows, customers, points)
    names = ("name_quality", "gender_quality", "born_on_quality", "id_number_quality", "id_number_sharers")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("stated", "confirmed", "confirmed", "valid", 1),
        ("meaningless", "contradicted", "contradicted", "valid", 1),
        ("stated", "missing", "implausible", "unchecked", 0),
        ("missing", "stated", "implausible", "malformed", 0),
        ("stated", "stated", "missing", "missing", None),
        ("meaningless", "stated", "plausible", "wrong_check", 0),
    ]


def test_marks_say_whether_and_by_whom_a_customer_is_reached(table: MakeTable, rows: ReadRows) -> None:
    customers = table(
        CUSTOMERS,
        """
        customer_id | phone | phone_2 | email | address         | city | postal_code | country | agent_id | updated_at
        0           |       | 1       | 1     | 中山路5号       | 上海 | 200000      | CN      | A        | 2026-01-02
        1           | 1     |         | 1     | 上海            |      | 2000        | CN      | B        |
        2           |       |         |       | 5 High St, York |      | YO1 7HH     | GB      |          |
        3           |       |         |       |                 |      |             |         |          |""",
    )
    points = table(
        CONTACT_POINTS,
        """
        customer_id | phone | email
        0           | +861  | a@b.c
        1           |       |
        2           |       |
        3           |       |""",
    )
    found = _marks(table, rows, customers, points)
    names = ("phone_quality", "email_quality", "address_quality", "postal_code_quality", "phone_sharers", "updated_on")
    assert [tuple(row[name] for name in (*names, "sales_channel", "agent_left_on")) for row in found] == [
        ("valid", "valid", "complete", "plausible", 0, date(2026, 1, 2), "bank", None),
        ("invalid", "invalid", "vague", "malformed", None, None, None, date(2026, 5, 1)),
        ("missing", "missing", "complete", "plausible", None, None, None, None),
        ("missing", "missing", "missing", "missing", None, None, None, None),
    ]


def _marks(table: MakeTable, rows: ReadRows, customers: Table, points: Table) -> list[Row]:
    shared = table(SHARED_CONTACTS, "kind | value | customer_count\nid_number | 110101199003070020 | 2")
    channels = table(CHANNELS, "customer_id | sales_channel\n0 | bank")
    left = table(LEFT, "staff_id | agent_left_on\nB | 2026-05-01")
    return rows(quality_marks(customers, points, shared, channels, left, as_of=AS_OF))


def test_a_rule_is_judged_of_those_to_whom_it_applies(table: MakeTable, rows: ReadRows) -> None:
    attributes = table(
        attributes_contract(),
        """
        customer_id | kind         | email_quality | updated_on | source
        0           | person       | valid         | 2026-01-01 | crm
        1           | person       | invalid       | 2020-01-01 | crm
        2           | person       |               |            | crm
        3           | organisation | missing       | 2026-01-01 | crm""",
    )
    rules = (
        _rule("email", 'email_quality = "valid"', 'kind = "person"'),
        _rule("fresh", "updated_on within 24 months"),
    )
    found = rows(judged(rules, attributes, {}, as_of=AS_OF))
    assert [(row["applies_1"], row["good_0"], row["good_1"]) for row in found] == [
        (True, True, True),
        (True, False, False),
        (True, False, False),
        (False, False, True),
    ]


def _rule(name: str, good: str, applies: str = "") -> RuleDefinition:
    return RuleDefinition(
        name=name,
        title=name,
        dimension="completeness",
        fields=(),
        applies=condition_of(parse(applies)) if applies else None,
        good=condition_of(parse(good)),
        weight=1,
        target=0.9,
        version=1,
    )
