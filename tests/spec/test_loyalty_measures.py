"""What customers answer, how loyal they act, and how many do both."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_EVENTS, CUSTOMERS
from zhike.understand.behaviour.loyalty.measures import contracts_kept, loyalty, loyalty_counts, survey_answers
from zhike.understand.behaviour.loyalty.tables import CUSTOMER_LOYALTY
from zhike.understand.behaviour.measures import by_unit
from zhike.understand.behaviour.tables import CUSTOMER_BEHAVIOUR
from zhike.understand.value.tables import ORDER_SUMMARY

AS_OF = date(2026, 6, 30)
EVENTS = """
    customer_id | source | event_id | kind | occurred_at | occurred_on | properties
    1 | desk | a | survey | 2026-05-01T10:00:00 | 2026-05-01 | {"satisfaction": 4, "recommend": 9}
    1 | desk | b | survey | 2026-05-02T10:00:00 | 2026-05-02 | {"satisfaction": 9, "of": 10}
    1 | desk | c | survey | 2026-07-01T10:00:00 | 2026-07-01 | {"satisfaction": 1}
    2 | desk | d | survey | 2026-05-01T10:00:00 | 2026-05-01 | {"recommend":"0","why":"\\"satisfaction\\": 5"}
    3 | desk | e | survey | 2026-05-01T10:00:00 | 2026-05-01 | {"satisfaction": 3.5, "recommend": 11}
    4 | desk | f | survey | 2026-05-01T10:00:00 | 2026-05-01 | {"satisfaction": 6}
    5 | desk | g | survey | 2026-05-01T10:00:00 | 2026-05-01 | {"satisfaction": "very", "of": 1}
    6 | desk | h | login | 2026-05-01T10:00:00 | 2026-05-01 | {"satisfaction": 5}
    7 | desk | i | survey | 2026-05-01T10:00:00 | 2026-05-01  |
    8 | app | j | survey | 2026-05-01T10:00:00 | 2026-05-01 | { "of" : 7 , "satisfaction" : 7 }
    8 | desk | k | survey | 2026-05-01T10:00:00 | 2026-05-01 | {"satisfaction": 1e3}
    9 | desk | l | survey | 2026-05-01T10:00:00 | 2026-05-01 | {"satisfaction": 0}
    """


def test_the_last_answer_counts_on_a_scale_of_five(table: MakeTable, rows: ReadRows) -> None:
    found = rows(survey_answers(table(CUSTOMER_EVENTS, EVENTS), as_of=AS_OF))
    assert [tuple(row.values()) for row in found] == [
        (1, 4.56, 9, date(2026, 5, 2)),
        (2, None, 0, date(2026, 5, 1)),
        (3, 3.5, None, date(2026, 5, 1)),
        (8, 5.0, None, date(2026, 5, 1)),
    ]


def test_answers_are_read_as_json_says_them(table: MakeTable, rows: ReadRows) -> None:
    said = {
        1: '{"shop": {"satisfaction": 1}, "satisfaction": 5}',
        2: '{"satisfaction": 4.3333333}',
        3: '{"satisfaction": 5e0}',
        4: '{"recommend": 8.5}',
        5: '{"why": {"satisfaction": 4}, "recommend": " 7 "}',
        6: '{"satisfaction": [4], "recommend": true}',
        7: '{"satisfaction": {"satisfaction": 4}}',
        8: "no JSON at all: satisfaction 4",
        9: '{"satisfaction": null, "recommend": -1}',
        10: '[{"satisfaction": 4}]',
    }
    text = "customer_id | source | event_id | kind | occurred_at | occurred_on | properties\n" + "\n".join(
        f"{customer} | desk | e{customer} | survey | 2026-05-01T10:00:00 | 2026-05-01 | {answer}"
        for customer, answer in said.items()
    )
    found = rows(survey_answers(table(CUSTOMER_EVENTS, text), as_of=AS_OF))
    assert [(row["customer_id"], row["satisfaction"], row["recommend_score"]) for row in found] == [
        (1, 5.0, None),
        (2, 4.33, None),
        (3, 5.0, None),
        (4, None, 8),
        (5, None, 7),
    ]


def test_contracts_that_have_begun_count_and_those_in_force_have_a_first_day(table: MakeTable, rows: ReadRows) -> None:
    contracts = table(
        CUSTOMER_CONTRACTS,
        """
        customer_id | contract_id | started_on | current_status
        1           | a           | 2020-01-01 | lapsed
        1           | b           | 2025-02-01 | active
        1           | c           | 2026-02-01 | active
        2           | d           | 2020-01-01 | lapsed
        3           | e           | 2026-08-01 | pending
        """,
    )
    assert rows(contracts_kept(contracts)) == [
        {"customer_id": 1, "contracts": 3, "since_on": date(2025, 2, 1)},
        {"customer_id": 2, "contracts": 1, "since_on": None},
    ]


def test_levels_of_loyalty_go_from_gone_to_habit(table: MakeTable, rows: ReadRows) -> None:
    behaviour = table(
        CUSTOMER_BEHAVIOUR,
        "customer_id | line_count\n"
        + "\n".join(f"{n} | {lines}" for n, lines in enumerate((0, 1, 1, 2, 1, 1, 1, 1, 1))),
    )
    orders = table(
        ORDER_SUMMARY,
        """
        customer_id | purchase_days | first_ordered_on | last_ordered_on
        0           | 9             | 2020-01-01       | 2025-06-30
        1           | 1             | 2025-07-01       | 2025-07-01
        2           | 2             | 2025-07-01       | 2025-07-02
        3           | 2             | 2025-07-01       | 2025-07-02
        4           | 2             | 2025-07-01       | 2025-07-02
        5           | 5             | 2025-05-01       | 2026-05-01
        6           | 1             | 2024-05-01       | 2024-05-01
        """,
    )
    held = table(
        CUSTOMER_CONTRACTS,
        """
        customer_id | contract_id | started_on | current_status
        6           | a           | 2026-02-01 | active
        7           | b           | 2026-02-01 | active
        8           | c           | 2023-06-30 | active
        """,
    )
    answers = survey_answers(
        table(
            CUSTOMER_EVENTS,
            """
            customer_id | source | event_id | kind   | occurred_at         | occurred_on | properties
            4           | desk   | a        | survey | 2026-05-01T10:00:00 | 2026-05-01  | {"recommend": 9}
            99          | desk   | b        | survey | 2026-05-01T10:00:00 | 2026-05-01  | {"satisfaction": 5}
            """,
        ),
        as_of=AS_OF,
    )
    found = rows(loyalty(behaviour, orders, contracts_kept(held), answers, as_of=AS_OF))
    assert {row["customer_id"]: row["loyalty_level"] for row in found} == {
        0: "gone",
        1: "new",
        2: "benefit",
        3: "belonging",
        4: "belonging",
        5: "habit",
        6: "benefit",
        7: "new",
        8: "habit",
        99: None,
    }
    assert found[-1]["satisfaction"] == 5
    assert [row["recommend_score"] for row in found if row["customer_id"] == 4] == [9]


def test_buyers_are_counted_by_satisfaction_and_loyalty(table: MakeTable, rows: ReadRows) -> None:
    customers = table(CUSTOMERS, "customer_id | unit_id\n1 | a\n2 | a\n3 | a\n4 |\n5 |")
    said = table(
        CUSTOMER_LOYALTY,
        """
        customer_id | loyalty_level | satisfaction | recommend_score
        1           | gone          | 4.0          | 9
        2           | gone          | 5.0          | 7
        3           | gone          | 3.99         | 6
        4           | habit         | 2.0          |
        5           |               | 5.0          | 10
        """,
    )
    found = rows(loyalty_counts(by_unit(said, customers)))
    names = ("unit_id", "satisfaction", "loyalty_level", "customers", "promoters", "passives", "detractors")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("", "unsatisfied", "habit", 1, 0, 0, 0),
        ("a", "neutral", "gone", 1, 0, 0, 1),
        ("a", "satisfied", "gone", 2, 1, 1, 0),
    ]
