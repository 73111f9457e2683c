"""What was known of customers on a day, who left after it, and what a model says of them."""

from __future__ import annotations

import math
from datetime import date

import pytest
from ibis.expr.types import Table
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import (
    CUSTOMER_CONTRACTS,
    CUSTOMER_EVENTS,
    CUSTOMER_INTERACTIONS,
    CUSTOMER_MESSAGES,
    CUSTOMER_ORDERS,
    CUSTOMER_RESPONSES,
)
from zhike.understand.propensity.measures import (
    CONTRACT_FEATURES,
    ORDER_FEATURES,
    Facts,
    buyers_as_of,
    churn_bands,
    churn_probabilities,
    churn_reasons,
    drawn,
    ended_contract,
    first_of,
    holders_as_of,
    stopped_buying,
)
from zhike.understand.propensity.tables import PROPENSITIES, PROPENSITY_TERMS

DAY = date(2026, 3, 31)


@pytest.fixture
def facts(table: MakeTable) -> Facts:
    return Facts(
        orders=table(
            CUSTOMER_ORDERS,
            """
            customer_id | source | order_id | line_id | ordered_on | amount
            1           | shop   | a        | 1       | 2025-10-02 | 40
            1           | shop   | b        | 1       | 2026-01-20 | 20
            1           | shop   | b        | 2       | 2026-01-20 | 30
            1           | shop   | c        | 1       | 2026-06-29 | 99
            2           | shop   | d        | 1       | 2026-03-31 | 8
            2           | shop   | e        | 1       | 2026-06-30 | 8
            3           | shop   | f        | 1       | 2025-03-31 | 8
            4           | shop   | g        | 1       | 2026-04-01 | 8
            """,
        ),
        contracts=table(
            CUSTOMER_CONTRACTS,
            """
            customer_id | source | contract_id | started_on | ends_on | terminated_on | status | annual_premium_amount
            1           | core   | a           | 2024-06-29 | 2026-06-01 |               | active      | 100
            1           | core   | b           | 2026-03-01 |            | 2026-05-01    | surrendered | 50
            1           | core   | c           | 2025-01-01 |            | 2026-03-31    | lapsed      | 7
            2           | core   | d           | 2025-01-01 |            | 2026-05-01    | claimed     | 7
            3           | core   | e           | 2026-04-01 |            |               | active      | 7
            4           | core   | f           | 2020-01-01 |            |               | lapsed      | 7
            5           | core   | g           | 2020-01-01 | 2026-03-30 |               | active      | 7
            6           | core   | h           | 2026-03-31 |            | 2026-06-30    | cancelled   |
            """,
        ),
        events=table(
            CUSTOMER_EVENTS,
            """
            customer_id | source | event_id | kind | occurred_on
            1           | app    | a        | x    | 2026-03-31
            1           | app    | b        | x    | 2026-01-01
            1           | app    | c        | x    | 2025-12-31
            1           | app    | d        | x    | 2026-04-01
            """,
        ),
        interactions=table(CUSTOMER_INTERACTIONS, "customer_id | source | interaction_id | occurred_on | channel"),
        messages=table(CUSTOMER_MESSAGES, "customer_id | source | message_id | sent_on\n2 | mail | a | 2026-02-01"),
        responses=table(
            CUSTOMER_RESPONSES,
            """
            customer_id | source | response_id | kind         | occurred_on
            2           | mail   | a           | clicked      | 2026-02-01
            2           | mail   | b           | opened       | 2026-02-01
            2           | mail   | c           | unsubscribed | 2026-02-02
            """,
        ),
    )


def in_numbers(rows: ReadRows, known: Table) -> dict[int, dict[str, float]]:
    """The features by customer, out of their logarithms."""
    return {
        row.pop("customer_id"): {name: round(math.expm1(value), 4) for name, value in row.items()}
        for row in rows(known)
    }


def test_buyers_are_known_by_what_they_did_until_the_day(facts: Facts, rows: ReadRows) -> None:
    found = in_numbers(rows, buyers_as_of(facts, day=DAY))
    nothing = dict.fromkeys(("events", "interactions", "messages", "answers", "refusals"), 0)
    assert found == {
        1: {"silence": 70, "off_rhythm": round(70 / 110, 4), "repeats": 1, "age": 180, "lately": 1, "spent": 45}
        | nothing
        | {"events": 2},
        2: {"silence": 0, "off_rhythm": 0, "repeats": 0, "age": 0, "lately": 1, "spent": 8}
        | nothing
        | {"messages": 1, "answers": 1, "refusals": 1},
    }
    assert list(found[1]) == list(ORDER_FEATURES)


def test_holders_are_known_by_the_dates_of_their_contracts(facts: Facts, rows: ReadRows) -> None:
    """What a source states today tells how a contract ended, and is no feature of an earlier day."""
    found = in_numbers(rows, holders_as_of(facts, day=DAY))
    assert sorted(found) == [1, 2, 6]
    assert list(found[1].values())[:6] == [2, 640, 30, 150, 1, 1]
    assert list(found[6].values())[:6] == [1, 0, 0, 0, 0, 0]
    assert list(found[1]) == list(CONTRACT_FEATURES)


def test_who_orders_nothing_for_90_days_has_stopped(facts: Facts, rows: ReadRows) -> None:
    known = buyers_as_of(facts, day=DAY)
    found = rows(stopped_buying(known, facts.orders, day=DAY).select("customer_id", "left"))
    assert found == [{"customer_id": 1, "left": False}, {"customer_id": 2, "left": True}]


def test_a_claim_is_no_leaving(facts: Facts, rows: ReadRows) -> None:
    known = holders_as_of(facts, day=DAY)
    found = rows(ended_contract(known, facts.contracts, day=DAY).select("customer_id", "left"))
    assert [row["left"] for row in found] == [True, False, False]


def test_a_draw_is_about_the_share_that_was_asked_for(table: MakeTable, rows: ReadRows) -> None:
    orders = "customer_id | source | order_id | line_id\n" + "\n".join(f"{n} | s | {n} | 1" for n in range(4000))
    found = [row["customer_id"] for row in rows(drawn(table(CUSTOMER_ORDERS, orders), share=0.1).select("customer_id"))]
    assert 360 < len(found) < 440
    assert max(found) > 3900
    assert len(rows(drawn(table(CUSTOMER_ORDERS, orders), share=1.0))) == 4000


def test_a_model_gives_probabilities_and_what_speaks_for_them(table: MakeTable, rows: ReadRows) -> None:
    terms = table(
        PROPENSITY_TERMS,
        """
        model | feature | coefficient | average | spread | cap | intercept
        order | silence | 2           | 3       | 2      | 5   | -1
        order | age     | -1          | 1       | 0.5    | 9   | -1
        """,
    )
    known = table(PROPENSITIES, "customer_id\n1\n2\n3")
    silence = (known.customer_id == 1).ifelse(7.0, 3.0)
    age = (known.customer_id == 3).ifelse(0.0, 1.0)
    known = known.select("customer_id", silence=silence, age=age)
    found = rows(churn_probabilities(known, terms, model="order", features=("silence", "age")))
    said = {row["customer_id"]: (row["churn_reason"], row["churn_reason_2"]) for row in found}
    assert said == {1: ("silence", None), 2: (None, None), 3: ("age", None)}
    expected = [1 / (1 + math.exp(-odds)) for odds in (1, -1, 1)]
    assert [row["churn_probability"] for row in found] == pytest.approx(expected, abs=1e-6)
    assert rows(churn_probabilities(known, terms, model="contract", features=("silence", "age"))) == []


def test_of_holders_of_contracts_these_speak(table: MakeTable, rows: ReadRows) -> None:
    holders = table(PROPENSITIES, "customer_id | churn_kind | churn_probability\n1 | contract | 0.1")
    buyers = table(PROPENSITIES, "customer_id | churn_kind | churn_probability\n1 | order | 0.9\n2 | order | 0.8")
    found = rows(first_of(holders, buyers).select("customer_id", "churn_kind"))
    assert found == [{"customer_id": 1, "churn_kind": "contract"}, {"customer_id": 2, "churn_kind": "order"}]


def test_customers_are_counted_by_probability_and_by_reason(table: MakeTable, rows: ReadRows) -> None:
    known = table(
        PROPENSITIES,
        """
        customer_id | churn_kind | churn_probability | churn_reason
        1           | order      | 0.25              | silence
        2           | order      | 0.25              | age
        3           | order      | 1                 | age
        """,
    )
    assert rows(churn_bands(known)) == [
        {"churn_kind": "order", "band": 2, "customers": 2, "expected": 0.5, "variance": 0.375},
        {"churn_kind": "order", "band": 9, "customers": 1, "expected": 1, "variance": 0},
    ]
    assert rows(churn_reasons(known)) == [
        {"churn_kind": "order", "churn_reason": "age", "customers": 2, "expected": 1.25},
        {"churn_kind": "order", "churn_reason": "silence", "customers": 1, "expected": 0.25},
    ]
