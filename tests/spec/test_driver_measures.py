"""What was known of customers before they moved, and how many of each kind did."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import (
    CUSTOMER_CONTRACTS,
    CUSTOMER_INTERACTIONS,
    CUSTOMER_MESSAGES,
    CUSTOMER_ORDERS,
    CUSTOMER_RESPONSES,
    CUSTOMERS,
)
from zhike.understand.lifecycle.tables import STAGE_RUNS
from zhike.understand.migration.drivers.measures import (
    added_cells,
    contacts_until,
    given_until,
    move_cells,
    move_starts,
    value_quarters,
)
from zhike.understand.migration.drivers.tables import MOVE_CELLS, MOVE_STARTS
from zhike.warehouse.contracts import Column, Contract, Kind

DAY = date(2025, 12, 31)
GIVEN = Contract(
    "scratch",
    "given",
    "one customer",
    ("customer_id",),
    (
        *(Column(name, Kind.INTEGER, "") for name in ("customer_id", "tenure_days", "silent_days")),
        Column("yearly_amount", Kind.DECIMAL, ""),
        *(Column(name, Kind.INTEGER, "") for name in ("lines", "contracts")),
    ),
)
CONTACTS = Contract(
    "scratch",
    "contacts",
    "one customer",
    ("customer_id",),
    (
        *(Column(name, Kind.INTEGER, "") for name in ("customer_id", "contacts")),
        Column("reply", Kind.TEXT, ""),
    ),
)


def test_what_was_given_is_that_of_the_year_before_and_of_contracts_then_in_force(
    table: MakeTable, rows: ReadRows
) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | ordered_on | line_of_business | amount
        1           | 2020-12-31 | books            | 99
        1           | 2025-01-01 | music            | 10
        1           | 2025-12-31 | films            | 2.5
        1           | 2026-01-01 | games            | 7
        2           | 2024-12-31 | books            | 50
        3           | 2026-01-01 | books            | 50""",
    )
    contracts = table(
        CUSTOMER_CONTRACTS,
        """
        customer_id | line_of_business | started_on | ends_on | terminated_on | current_status | annual_premium_amount
        1           | films            | 2025-06-01 |            |               | active         | 100
        2           | life             | 2025-12-31 |            | 2026-03-01    | cancelled      | 300
        2           | motor            | 2024-01-01 | 2025-12-31 |               | matured        | 40
        2           | home             | 2024-01-01 | 2025-12-30 |               | matured        | 60
        4           | life             | 2025-12-01 |            |               | lapsed         |
        5           | life             | 2026-01-01 |            |               | active         | 10""",
    )
    found = rows(given_until(orders, contracts, day=DAY, as_of=date(2026, 6, 30)))
    names = ("customer_id", "tenure_days", "silent_days", "yearly_amount", "lines", "contracts")
    assert [tuple(row[name] for name in names) for row in found] == [
        (1, 1826, 0, 112.5, 2, 1),  # music and films; 2020 and the later game do not count
        (2, 730, 0, 340, 2, 2),  # what ended later, and on the very day, was in force then
        (4, 30, 30, 0, 1, 1),  # over since nobody knows when: not yet, then
    ]


def test_the_reply_is_to_messages_of_half_a_year(table: MakeTable, rows: ReadRows) -> None:
    interactions = table(
        CUSTOMER_INTERACTIONS,
        """
        customer_id | occurred_on
        1           | 2025-12-31
        1           | 2025-07-05
        1           | 2025-07-04
        1           | 2026-01-01""",
    )
    messages = table(
        CUSTOMER_MESSAGES,
        """
        customer_id | sent_on
        2           | 2025-12-01
        3           | 2025-12-01
        4           | 2025-12-01
        5           | 2026-01-01""",
    )
    responses = table(
        CUSTOMER_RESPONSES,
        """
        customer_id | kind         | occurred_on
        2           | opened       | 2025-12-02
        3           | clicked      | 2025-12-02
        4           | replied      | 2025-12-02
        4           | unsubscribed | 2025-12-03
        3           | complained   | 2026-01-02""",
    )
    assert rows(contacts_until(interactions, messages, responses, day=DAY)) == [
        {"customer_id": 1, "contacts": 2, "reply": "unwritten"},
        {"customer_id": 2, "contacts": 0, "reply": "unanswered"},
        {"customer_id": 3, "contacts": 0, "reply": "answered"},
        {"customer_id": 4, "contacts": 0, "reply": "refused"},
    ]


def test_who_was_stable_or_growing_then_might_have_moved(table: MakeTable, rows: ReadRows) -> None:
    month = 2025 * 12 + 11
    runs = table(
        STAGE_RUNS,
        f"""
        customer_id | first_month | last_month  | stage       | last_stage
        1           | {month - 3} | {month}     | stable      | declining
        1           | {month + 1} | {month + 7} | declining   | declining
        2           | {month}     | {month + 7} | growing     | growing
        3           | {month - 9} | {month - 1} | stable      | interrupted
        3           | {month}     | {month + 7} | interrupted | interrupted
        4           | {month + 1} | {month + 7} | stable      | stable""",
    )
    given = table(
        GIVEN,
        """
        customer_id | tenure_days | silent_days | yearly_amount | lines | contracts
        1           | 400         | 20          | 55.5          | 2     | 1
        3           | 400         | 20          | 55.5          | 2     | 1""",
    )
    contacts = table(
        CONTACTS,
        """
        customer_id | contacts | reply
        2           | 3        | answered""",
    )
    names = (
        *("customer_id", "from_stage", "to_stage", "tenure_days", "silent_days"),
        *("yearly_amount", "lines", "contracts", "contacts", "reply"),
    )
    found = rows(move_starts(runs, given, contacts, month=month))
    assert [tuple(row[name] for name in names) for row in found] == [
        (1, "stable", "declining", 400, 20, 55.5, 2, 1, 0, "unwritten"),
        (2, "growing", "growing", None, None, 0, 0, 0, 3, "answered"),
    ]


STARTS = """
customer_id | from_stage | to_stage | tenure_days | silent_days | yearly_amount | lines | contracts | contacts | reply
1 | stable | declining | 364 | 29 | 99.99 | 1 | 0 | 0 | unwritten
2 | stable | growing | 10 | 0 | 0 | 0 | 0 | 0 | unwritten
3 | growing | growing | 365 | 30 | 100 | 2 | 1 | 1 | answered
4 | growing | interrupted | 9999 | 9999 | 500 | 7 | 5 | 9 | refused
5 | stable | recovered | 1000 | 90 | 250.5 | 3 | 2 | 2 | unanswered
"""


def test_kinds_of_customers_are_counted_with_those_who_moved(table: MakeTable, rows: ReadRows) -> None:
    starts = table(MOVE_STARTS, STARTS)
    customers = table(
        CUSTOMERS,
        """
        customer_id | unit_id
        1           | north
        2           | north
        3           |
        4           |
        5           | south""",
    )
    found = rows(move_cells(starts, customers, values=[0, 100, 250]))
    names = (
        *("unit_id", "stage", "tenure", "silence", "value", "lines", "contracts", "contacts", "reply"),
        *("customers", "fell", "grew"),
    )
    assert [tuple(row[name] for name in names) for row in found] == [
        ("", "growing", 365, 30, 100, 2, 1, 1, "answered", 1, 0, 0),
        ("", "growing", 1825, 180, 250, 3, 2, 2, "refused", 1, 1, 0),
        ("north", "stable", 0, 0, 0, 0, 0, 0, "unwritten", 2, 1, 1),
        ("south", "stable", 365, 90, 250, 3, 2, 2, "unanswered", 1, 0, 0),
    ]
    assert {row["value"] for row in rows(move_cells(starts, customers, values=[0]))} == {0}


def test_cells_of_several_units_are_added(table: MakeTable, rows: ReadRows) -> None:
    same = "stable | 0 | 30 | 500 | 2 | 1 | 0 | answered"
    cells = table(
        MOVE_CELLS,
        f"""
        unit_id | stage | tenure | silence | value | lines | contracts | contacts | reply | customers | fell | grew
        north | {same} | 10 | 3 | 1
        south | {same} | 5 | 0 | 2
        south | growing | 0 | 30 | 500 | 2 | 1 | 0 | answered | 7 | 2 | 0""",
    )
    found = rows(added_cells(cells))
    assert [(row["stage"], row["silence"], row["customers"], row["fell"], row["grew"]) for row in found] == [
        ("growing", 30, 7, 2, 0),
        ("stable", 30, 15, 3, 3),
    ]


def test_what_is_given_is_cut_into_quarters(table: MakeTable, rows: ReadRows) -> None:
    assert rows(value_quarters(table(MOVE_STARTS, STARTS))) == [
        {"quarter_0": 99.99, "quarter_1": 100, "quarter_2": 250.5}
    ]
    nobody = table(MOVE_STARTS, "customer_id | yearly_amount")
    assert rows(value_quarters(nobody)) == [{"quarter_0": None, "quarter_1": None, "quarter_2": None}]
