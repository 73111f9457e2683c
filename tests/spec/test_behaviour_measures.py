"""Which lines are used and how, who comes back, whom contracts insure; and how many do."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CONTRACT_PARTIES, CUSTOMER_CONTRACTS, CUSTOMER_ORDERS, CUSTOMERS
from zhike.understand.behaviour.measures import (
    agent_counts,
    by_unit,
    contracts_each,
    customer_behaviour,
    days_to_second,
    insured_counts,
    insured_of_holders,
    line_counts,
    line_pairs,
    line_use,
    lines_each,
    lines_together,
    repeat_counts,
)
from zhike.understand.behaviour.tables import CUSTOMER_BEHAVIOUR, LINE_USE
from zhike.understand.value.tables import CONTRACT_SUMMARY, ORDER_SUMMARY

AS_OF = date(2026, 6, 30)
ORDERS = """
    customer_id | source | order_id | line_id | ordered_on | amount | line_of_business
    1           | shop   | a        | 1       | 2025-06-30 | 500    | toys
    1           | shop   | b        | 1       | 2025-07-01 | 40     | food
    1           | shop   | b        | 2       | 2025-07-01 | 60     | food
    1           | shop   | c        | 1       | 2026-07-01 | 900    | toys
    2           | shop   | d        | 1       | 2026-06-30 | 10     | toys
    2           | shop   | d        | 2       | 2026-06-30 | 10     | food
    3           | shop   | e        | 1       | 2024-01-31 | 10     | toys
    3           | shop   | f        | 1       | 2024-02-10 | 10     | toys
    3           | shop   | g        | 1       | 2024-03-10 | 10     | toys
    """
CONTRACTS = """
    customer_id | source | contract_id | started_on | current_status | annual_premium_amount | line_of_business
    1           | core   | p1          | 2024-03-01 | active         | 99.9999               | life
    1           | core   | p2          | 2026-08-01 | pending        | 700                   | home
    3           | core   | p3          | 2024-01-01 | lapsed         | 120                   | life
    3           | core   | p4          | 2024-01-01 | active         |                       | car
    4           | core   | p5          | 2026-09-01 | pending        | 10                    | car
    """
USE = """
    customer_id | line_of_business | use       | yearly_amount
    1           | food             | main      | 100
    1           | life             | sometimes | 50.5
    1           | toys             | dormant   | 0
    2           | food             | main      | 0
    3           | life             | dormant   | 0
    4           | life             | main      | 60
    """
UNITS = """
    customer_id | unit_id | agent_id
    1           | north   | ann
    2           |         | ann
    3           | north   |
    4           | south   | bob
    5           | south   | bob
    """


def test_a_line_is_used_with_a_contract_in_force_or_an_order_within_a_year(table: MakeTable, rows: ReadRows) -> None:
    found = line_use(table(CUSTOMER_ORDERS, ORDERS), table(CUSTOMER_CONTRACTS, CONTRACTS), as_of=AS_OF)
    assert [tuple(row.values()) for row in rows(found)] == [
        (1, "food", "main", 100.0),
        (1, "life", "sometimes", 99.9999),
        (1, "toys", "dormant", 0.0),
        (2, "food", "main", 10.0),
        (2, "toys", "sometimes", 10.0),
        (3, "car", "main", 0.0),
        (3, "life", "dormant", 0.0),
        (3, "toys", "dormant", 0.0),
    ]


def test_the_lines_of_a_customer_stand_side_by_side(table: MakeTable, rows: ReadRows) -> None:
    names = ("customer_id", "line_count", "dormant_line_count", "main_line", "main_line_share", "yearly_amount")
    assert [tuple(row[name] for name in names) for row in rows(lines_together(table(LINE_USE, USE)))] == [
        (1, 2, 1, "food", 0.6645, 150.5),
        (2, 1, 0, "food", None, 0.0),
        (3, 0, 1, None, None, 0.0),
        (4, 1, 0, "life", 1.0, 60.0),
    ]


def test_the_second_purchase_is_on_another_day(table: MakeTable, rows: ReadRows) -> None:
    orders = table(CUSTOMER_ORDERS, ORDERS).select("customer_id", bought_on="ordered_on")
    summary = table(
        ORDER_SUMMARY,
        """
        customer_id | first_ordered_on
        1           | 2025-06-30
        2           | 2026-06-30
        3           | 2024-01-31
        """,
    )
    first = summary.select("customer_id", first_on="first_ordered_on")
    assert rows(days_to_second(orders, first, as_of=AS_OF)) == [
        {"customer_id": 1, "days": 1},
        {"customer_id": 3, "days": 10},
    ]


def test_holders_insure_themselves_their_family_and_others(table: MakeTable, rows: ReadRows) -> None:
    parties = table(
        CONTRACT_PARTIES,
        """
        customer_id | source | contract_id | role        | party_id | relation_to_holder
        1           | core   | p1          | insured     | 1        |
        1           | core   | p1          | insured     | 7        | 子女
        1           | core   | p1          | beneficiary | 8        | spouse
        1           | core   | p2          | insured     | 9        | parent
        3           | core   | p3          | insured     | 3        | self
        3           | core   | p4          | insured     | 6        | Self
        3           | core   | p4          | insured     | 5        |
        """,
    )
    found = rows(insured_of_holders(table(CUSTOMER_CONTRACTS, CONTRACTS), parties))
    whom = ("self", "spouse", "child", "parent", "other")
    assert [(row["customer_id"], [one for one in whom if row[f"insures_{one}"]]) for row in found] == [
        (1, ["self", "child"]),
        (3, ["self", "other"]),
    ]


def test_what_is_said_of_a_customer_stands_in_one_row(table: MakeTable, rows: ReadRows) -> None:
    lines = lines_together(table(LINE_USE, USE))
    days = table(ORDER_SUMMARY, "customer_id | frequency\n1 | 30").select("customer_id", days="frequency")
    insured = table(
        CUSTOMER_BEHAVIOUR,
        """
        customer_id | insures_self | insures_spouse | insures_child | insures_parent | insures_other
        4           | yes          | no             | no            | no             | no
        """,
    )
    found = rows(customer_behaviour(lines, days, days.filter(days.customer_id == 2), insured))
    names = ("customer_id", "line_count", "days_to_second_order", "days_to_second_contract", "insures_self")
    assert [tuple(row[name] for name in names) for row in found] == [
        (1, 2, 30, None, None),
        (2, 1, None, None, None),
        (3, 0, None, None, None),
        (4, 1, None, None, True),
    ]


def test_only_those_can_have_come_back_within_a_year_who_had_one(table: MakeTable, rows: ReadRows) -> None:
    customers = table(CUSTOMERS, UNITS)
    summary = table(
        ORDER_SUMMARY,
        """
        customer_id | first_ordered_on | frequency
        1           | 2025-06-30       | 365
        2           | 2025-06-01       | 366
        3           | 2025-06-15       |
        4           | 2025-07-01       | 3
        5           | 2026-07-01       |
        """,
    )
    first = by_unit(summary, customers).select("unit_id", first_on="first_ordered_on", days="frequency")
    assert [tuple(row.values()) for row in rows(repeat_counts(first, kind="orders", as_of=AS_OF))] == [
        ("", "orders", date(2025, 6, 1), 1, 1, 1, 0),
        ("north", "orders", date(2025, 6, 1), 2, 1, 2, 1),
        ("south", "orders", date(2025, 7, 1), 1, 1, 0, 0),
    ]


def test_contracts_in_force_are_counted_for_each_holder(table: MakeTable, rows: ReadRows) -> None:
    held = table(
        CONTRACT_SUMMARY,
        """
        customer_id | active_contract_count | annual_premium_amount
        1           | 1                     | 100
        2           | 0                     | 0
        3           | 1                     | 20.5
        4           | 10                    | 1000
        5           | 12                    | 2000
        """,
    )
    found = rows(contracts_each(by_unit(held, table(CUSTOMERS, UNITS))))
    assert [tuple(row.values()) for row in found] == [("north", 1, 2, 2, 120.5), ("south", 10, 2, 22, 3000.0)]


def test_holders_are_counted_by_whom_they_insure(table: MakeTable, rows: ReadRows) -> None:
    behaviour = table(
        CUSTOMER_BEHAVIOUR,
        """
        customer_id | insures_self | insures_spouse | insures_child | insures_parent | insures_other
        1           | yes          | no             | no            | no             | no
        2           |              |                |               |                |
        3           | yes          | no             | no            | no             | no
        4           | no           | no             | yes           | no             | no
        """,
    )
    found = rows(insured_counts(by_unit(behaviour, table(CUSTOMERS, UNITS))))
    assert [(row["unit_id"], row["insures_child"], row["holders"]) for row in found] == [
        ("north", False, 2),
        ("south", True, 1),
    ]


def test_agents_have_customers_contracts_and_what_these_bring(table: MakeTable, rows: ReadRows) -> None:
    held = table(CONTRACT_SUMMARY, "customer_id | active_contract_count\n1 | 2\n3 | 5")
    behaviour = table(CUSTOMER_BEHAVIOUR, "customer_id | yearly_amount\n1 | 10.5\n2 | 3\n3 | 99")
    found = rows(agent_counts(table(CUSTOMERS, UNITS), held, behaviour))
    assert [tuple(row.values()) for row in found] == [
        ("", "ann", 1, 0, 3.0),
        ("north", "ann", 1, 2, 10.5),
        ("south", "bob", 2, 0, 0.0),
    ]


def test_lines_are_counted_by_use_in_pairs_and_by_how_many_are_used(table: MakeTable, rows: ReadRows) -> None:
    customers, use = table(CUSTOMERS, UNITS), table(LINE_USE, USE)
    placed = by_unit(use, customers)
    assert [tuple(row.values()) for row in rows(line_counts(placed))] == [
        ("", "food", "main", 1, 0.0),
        ("north", "food", "main", 1, 100.0),
        ("north", "life", "dormant", 1, 0.0),
        ("north", "life", "sometimes", 1, 50.5),
        ("north", "toys", "dormant", 1, 0.0),
        ("south", "life", "main", 1, 60.0),
    ]
    assert [tuple(row.values()) for row in rows(line_pairs(placed))] == [
        ("", "food", "food", 1),
        ("north", "food", "food", 1),
        ("north", "food", "life", 1),
        ("north", "life", "food", 1),
        ("north", "life", "life", 1),
        ("south", "life", "life", 1),
    ]
    assert [tuple(row.values()) for row in rows(lines_each(by_unit(lines_together(use), customers)))] == [
        ("", 1, 1, 0.0),
        ("north", 0, 1, 0.0),
        ("north", 2, 1, 150.5),
        ("south", 1, 1, 60.0),
    ]
