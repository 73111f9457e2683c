"""Stages of life: presence, what was given by month, stages by month, runs of them, and moves."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS, CUSTOMERS
from zhike.understand.lifecycle import stages as of_life
from zhike.understand.lifecycle.counting.measures import run_counts, stage_flows, stage_given, stage_moves
from zhike.understand.lifecycle.measures import active_spells, given_by_month, lifecycle, stage_months, stage_runs
from zhike.understand.lifecycle.tables import ACTIVE_SPELLS, STAGE_RUNS
from zhike.warehouse.contracts import Column, Contract, Kind

NO_ORDERS = "customer_id | ordered_on | line_of_business | amount"
CONTRACT_HEAD = (
    "customer_id | line_of_business | started_on | ends_on | terminated_on | current_status | premium_period |"
    " premium_amount | annual_premium_amount"
)
GIVEN = Contract(
    "computed",
    "given",
    "one month of one customer",
    ("customer_id", "month"),
    (
        *(Column(name, Kind.INTEGER, "") for name in ("customer_id", "month")),
        Column("amount", Kind.NUMBER, ""),
        Column("line_on", Kind.DATE, ""),
    ),
)
NO_GIVEN = "customer_id | month | amount | line_on"
COUNTS = Contract(
    "computed",
    "counts",
    "one course of a run",
    ("unit_id",),
    (
        *(Column(name, Kind.TEXT, "") for name in ("unit_id", "stage", "next_stage", "last_stage")),
        *(Column(name, Kind.INTEGER, "") for name in ("first_month", "last_month", "customers")),
        Column("is_first", Kind.BOOLEAN, ""),
        Column("amount", Kind.DECIMAL, ""),
    ),
)


def month(text: str) -> int:
    year, within = map(int, text.split("-"))
    return year * 12 + within - 1


def spells_of(rows: ReadRows, found: Any) -> list[tuple[Any, ...]]:
    names = ("customer_id", "spell", "began_on", "gone_on", "returned_on")
    return [
        tuple(value.isoformat() if isinstance(value, date) else value for value in (row[name] for name in names))
        for row in rows(found)
    ]


def test_who_orders_is_there_for_three_times_their_usual_time(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | ordered_on
        1           | 2024-01-01
        2           | 2025-01-01
        2           | 2025-03-02
        2           | 2025-12-01
        3           | 2025-12-30
        3           | 2025-12-31
        3           | 2025-12-31
        4           | 2026-07-01
        5           | 2020-01-01
        5           | 2023-01-01""",
    )
    contracts = table(CUSTOMER_CONTRACTS, CONTRACT_HEAD)
    assert spells_of(rows, active_spells(orders, contracts, as_of=date(2026, 6, 30))) == [
        (1, 1, "2024-01-01", "2025-01-01", None),  # once: a year, and 2024 had 366 days
        (2, 1, "2025-01-01", "2025-08-30", "2025-12-01"),  # 60 days between the first two: 180 after the second
        (2, 2, "2025-12-01", None, None),
        (3, 1, "2025-12-30", "2026-04-01", None),  # 90 days at least
        (5, 1, "2020-01-01", "2021-01-01", "2023-01-01"),
        (5, 2, "2023-01-01", "2025-01-01", None),  # 730 at most
    ]


def test_a_contract_in_force_is_presence_and_a_month_after_it(table: MakeTable, rows: ReadRows) -> None:
    contracts = table(
        CUSTOMER_CONTRACTS,
        CONTRACT_HEAD
        + """
        1 | life | 2025-01-01 |            |            | active    | yearly | 100 | 100
        2 | life | 2025-01-01 | 2025-12-31 |            | matured   | yearly | 100 | 100
        2 | life | 2026-01-20 | 2027-01-19 |            | active    | yearly | 100 | 100
        3 | life | 2025-01-01 | 2029-12-31 | 2026-03-01 | cancelled | yearly | 100 | 100
        4 | life | 2025-01-01 |            |            | lapsed    | yearly | 100 | 100
        5 | life | 2026-07-01 | 2027-06-30 |            | pending   | yearly | 100 | 100
        6 | life | 2025-02-01 |            | 2025-01-01 | cancelled | yearly | 100 | 100""",
    )
    orders = table(CUSTOMER_ORDERS, NO_ORDERS)
    assert spells_of(rows, active_spells(orders, contracts, as_of=date(2026, 6, 30))) == [
        (1, 1, "2025-01-01", None, None),
        (2, 1, "2025-01-01", None, None),  # renewed late
        (3, 1, "2025-01-01", "2026-03-31", None),
        (4, 1, "2025-01-01", None, None),  # over since a day that nobody says: from today on, and then the grace
        (6, 1, "2025-02-01", "2025-03-03", None),
    ]


def test_what_is_given_is_orders_and_a_twelfth_of_the_premium_a_month(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | ordered_on | line_of_business | amount
        1           | 2026-04-10 | books            | 10.5
        1           | 2026-04-20 | books            | 2
        1           | 2026-05-05 | music            | 1
        1           | 2025-12-31 | books            | 99
        1           | 2026-07-01 | films            | 7""",
    )
    contracts = table(
        CUSTOMER_CONTRACTS,
        CONTRACT_HEAD
        + """
        2 | life   | 2025-01-01 |            | 2026-06-01 | cancelled | monthly | 10 | 120
        2 | health | 2026-05-15 |            |            | active    | single  | 50 | 0
        3 | life   | 2026-04-01 |            |            | active    | yearly  |    |""",
    )
    found = rows(given_by_month(orders, contracts, as_of=date(2026, 6, 30), first=month("2026-04")))
    assert [
        (row["customer_id"], row["month"] - month("2026-01") + 1, row["amount"], row["line_on"]) for row in found
    ] == [
        (1, 4, 125_000, None),
        (1, 5, 10_000, date(2026, 5, 5)),
        (2, 4, 100_000, None),
        (2, 5, 600_000, date(2026, 5, 15)),
    ]


SPELLS = """
    customer_id | spell | began_on   | gone_on    | returned_on
    1           | 1     | 2026-01-10 |            |
    2           | 1     | 2023-01-01 | 2026-03-31 |
    3           | 1     | 2023-01-01 | 2025-01-01 | 2026-05-31
    3           | 2     | 2026-05-31 |            |
    4           | 1     | 2023-01-01 |            |
    5           | 1     | 2023-01-01 |            |
    6           | 1     | 2023-01-01 |            |
    """


def stages_of(table: MakeTable, rows: ReadRows, given: str, as_of: date, first: str) -> dict[int, list[str]]:
    """Stages of each customer by month, from the first of which anything is said."""
    warm = month(first) - 11
    found = stage_months(table(ACTIVE_SPELLS, SPELLS), table(GIVEN, given), as_of=as_of, first=warm)
    stages: dict[int, list[str]] = {}
    for row in rows(found.select("customer_id", "month", "stage")):
        stages.setdefault(row["customer_id"], []).append(of_life.STAGES[row["stage"]])
    return stages


def since(table: MakeTable, rows: ReadRows, given: str, as_of: date, first: str) -> dict[int, list[tuple[str, str]]]:
    """The runs of each customer: the stage, and since when."""
    warm = month(first) - 11
    months = stage_months(table(ACTIVE_SPELLS, SPELLS), table(GIVEN, given), as_of=as_of, first=warm)
    runs: dict[int, list[tuple[str, str]]] = {}
    for row in rows(stage_runs(months, as_of=as_of).select("customer_id", "first_month", "stage", "since_on")):
        runs.setdefault(row["customer_id"], []).append((row["stage"], row["since_on"].isoformat()))
    return runs


def test_stages_follow_from_presence(table: MakeTable, rows: ReadRows) -> None:
    found = stages_of(table, rows, NO_GIVEN, date(2026, 7, 20), "2026-03")
    assert found[1] == [*["forming"] * 4, "stable"]
    assert found[2] == ["interrupted"]  # one row for as long as it lasts
    assert found[3] == ["interrupted", *["recovered"] * 3]
    began = since(table, rows, NO_GIVEN, date(2026, 7, 20), "2026-03")
    assert began[1] == [("forming", "2026-01-10"), ("stable", "2026-07-09")]  # no longer new on the 180th day
    assert began[2] == [("interrupted", "2026-03-31")]
    assert began[3] == [("interrupted", "2025-01-01"), ("recovered", "2026-05-31")]


def test_stages_follow_from_what_is_given(table: MakeTable, rows: ReadRows) -> None:
    given = ["customer_id | month | amount | line_on"]
    for number in range(24):
        at = month("2024-08") + number
        line = "2026-03-10" if at == month("2026-03") else ""
        for customer, later in ((4, 160), (5, 60), (6, 140)):
            given.append(
                f"{customer} | {at} | {100 if at < month('2026-01') else later} | {line if customer == 6 else ''}"
            )
    found = stages_of(table, rows, "\n".join(given), date(2026, 7, 20), "2026-05")
    # Half a year of 160 after half a year of 100 is more than one and a half times as much; July is not over.
    assert found[4] == ["stable", "growing", "growing"]
    assert found[5] == ["stable", "declining", "declining"]
    assert found[6] == ["redevelopment"] * 3
    began = since(table, rows, "\n".join(given), date(2026, 7, 20), "2026-05")
    assert began[4][1] == ("growing", "2026-06-01")
    assert began[6] == [("redevelopment", "2026-03-10")]


def test_runs_of_a_stage_have_what_came_before_and_after(table: MakeTable, rows: ReadRows) -> None:
    spells = table(ACTIVE_SPELLS, SPELLS)
    months = stage_months(
        spells,
        table(GIVEN, f"{NO_GIVEN}\n1|{month('2026-06')}|50000|"),
        as_of=date(2026, 7, 20),
        first=month("2025-04"),
    )
    found = rows(stage_runs(months, as_of=date(2026, 7, 20)))
    names = ("stage", "previous_stage", "next_stage", "last_stage", "year_amount")
    shown = [
        (
            row["customer_id"],
            *(row[name] - LAST + 6 for name in ("first_month", "last_month")),
            *(row[n] for n in names),
        )
        for row in found
        if row["customer_id"] in (1, 3)
    ]
    assert shown == [
        (1, 3, 6, "forming", None, "stable", "forming", 5.0),
        (1, 7, 7, "stable", "forming", None, "forming", 0.0),
        (3, 3, 4, "interrupted", None, "recovered", "recovered", 0.0),
        (3, 5, 7, "recovered", "interrupted", None, "recovered", 0.0),
    ]


RUNS = f"""
    customer_id | first_month | last_month | stage | since_on | previous_stage | next_stage | last_stage | year_amount
    1 | {month("2026-03")} | {month("2026-06")} | forming     | 2026-03-02 |             | stable    | forming   | 40
    1 | {month("2026-07")} | {month("2026-07")} | stable      | 2026-07-09 | forming     |           | forming   | 9
    2 | {month("2026-02")} | {month("2026-04")} | interrupted | 2025-01-01 |             | recovered | recovered | 0
    2 | {month("2026-05")} | {month("2026-07")} | recovered   | 2026-05-31 | interrupted |           | recovered | 5
    3 | {month("2026-07")} | {month("2026-07")} | forming     | 2026-07-02 |             |           |           | 1
    """
LAST = month("2026-06")


def test_the_stage_now_is_that_of_the_last_run(table: MakeTable, rows: ReadRows) -> None:
    customers = table(CUSTOMERS, "customer_id\n1\n2\n3\n4")
    assert rows(lifecycle(customers, table(STAGE_RUNS, RUNS))) == [
        {"customer_id": 1, "since_on": date(2026, 7, 9), "stage": "stable", "previous_stage": "forming"},
        {"customer_id": 2, "since_on": date(2026, 5, 31), "stage": "recovered", "previous_stage": "interrupted"},
        {"customer_id": 3, "since_on": date(2026, 7, 2), "stage": "forming", "previous_stage": "prospect"},
        {"customer_id": 4, "since_on": None, "stage": "prospect", "previous_stage": None},
    ]


def test_runs_are_counted_up_to_the_last_complete_month(table: MakeTable, rows: ReadRows) -> None:
    customers = table(CUSTOMERS, "customer_id | unit_id\n1 | north\n2 | \n3 | north")
    found = rows(run_counts(table(STAGE_RUNS, RUNS), customers, last=LAST))
    assert [tuple(row.values()) for row in found] == [
        ("", "interrupted", month("2026-02"), month("2026-04"), "recovered", "recovered", False, 1, 0.0),
        ("", "recovered", month("2026-05"), LAST, None, "recovered", False, 1, 5.0),
        ("north", "forming", month("2026-03"), LAST, None, "forming", True, 1, 40.0),
    ]


COUNTED = f"""
    unit_id | stage | first_month | last_month | next_stage | last_stage | is_first | customers | amount
    n | interrupted | {month("2026-02")} | {month("2026-04")} | recovered | recovered | no  | 3 | 0
    n | recovered   | {month("2026-05")} | {LAST}             |           | recovered | no  | 3 | 30
    n | forming     | {month("2026-05")} | {LAST}             |           | forming   | yes | 2 | 10
    """


def test_moves_are_counted_from_one_month_to_the_next(table: MakeTable, rows: ReadRows) -> None:
    found = rows(stage_moves(table(COUNTS, COUNTED), last=LAST))
    assert [(row["month"] - LAST + 6, row["from_stage"], row["to_stage"], row["customers"]) for row in found] == [
        (2, "interrupted", "interrupted", 3),
        (3, "interrupted", "interrupted", 3),
        (4, "interrupted", "recovered", 3),
        (4, "prospect", "forming", 2),
        (5, "forming", "forming", 2),
        (5, "recovered", "recovered", 3),
    ]


def test_flows_lead_from_a_month_to_the_last_complete_one(table: MakeTable, rows: ReadRows) -> None:
    found = rows(stage_flows(table(COUNTS, COUNTED), last=LAST))
    assert [(row["month"] - LAST + 6, row["from_stage"], row["to_stage"], row["customers"]) for row in found] == [
        (2, "interrupted", "recovered", 3),
        (3, "interrupted", "recovered", 3),
        (4, "interrupted", "recovered", 3),
        (5, "forming", "forming", 2),
        (5, "recovered", "recovered", 3),
        (6, "forming", "forming", 2),
        (6, "recovered", "recovered", 3),
    ]


def test_what_a_stage_gives_is_told_by_customer_and_month(table: MakeTable, rows: ReadRows) -> None:
    found = rows(stage_given(table(COUNTS, COUNTED), last=LAST))
    assert [tuple(row.values()) for row in found] == [
        ("n", "forming", 4, 10.0),
        ("n", "interrupted", 9, 0.0),
        ("n", "recovered", 6, 30.0),
    ]
