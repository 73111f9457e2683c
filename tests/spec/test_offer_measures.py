"""What each customer is to be offered next."""

from __future__ import annotations

from datetime import date

import ibis
import pytest
from ibis.expr.types import Table
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS
from zhike.understand.affinity.together.tables import AFFINITY_RULES
from zhike.understand.offers.measures import (
    AFTER_RULES,
    TOLD,
    activities,
    affinity_proposals,
    best_sellers,
    bought_between,
    next_best_offers,
    offers_of_affinity,
    offers_of_rules,
    products_had,
    rule_proposals,
    trial_hits,
    with_chances,
)
from zhike.understand.offers.tables import NEXT_BEST_OFFERS, OFFER_MEMBERS, OFFER_RULES
from zhike.understand.propensity.tables import PROPENSITIES
from zhike.understand.value.lifetime.tables import CUSTOMER_VALUE

AS_OF = date(2026, 6, 1)
ORDERS = """
    customer_id | product_id | ordered_on
    1           | tea        | 2026-01-05
    1           | tea        | 2026-02-05
    1           | pot        | 2026-06-02
    2           | tea        | 2026-01-05
    2           | cup        | 2026-01-05
    2           |            | 2026-01-05"""
CONTRACTS = """
    customer_id | product_id | started_on | current_status
    1           | life       | 2020-01-01 | active
    2           | life       | 2020-01-01 | lapsed
    3           | life       | 2026-06-02 | active"""


@pytest.fixture
def had(table: MakeTable) -> Table:
    return products_had(table(CUSTOMER_ORDERS, ORDERS), table(CUSTOMER_CONTRACTS, CONTRACTS), as_of=AS_OF)


def test_a_product_is_had_that_was_ordered_or_is_under_contract(had: Table, rows: ReadRows) -> None:
    assert [tuple(row.values()) for row in rows(had)] == [
        (1, "life", False, True),
        (1, "tea", True, False),
        (2, "cup", True, False),
        (2, "life", False, False),  # ended, and may be offered again
        (2, "tea", True, False),
    ]


RULES = """
    rule_id | rule   | reason  | priority | may_repeat | place | item | name
    1       | thirst | drinks  | 2        | no         | 1     | tea  | Tea
    1       | thirst | drinks  | 2        | no         | 2     | cup  | Cup
    2       | refill | used up | 1        | yes        | 1     | tea  | Tea
    3       | life   |         | 1        | yes        | 1     | life | Life"""
MEMBERS = """
    customer_id | rule_id
    1           | 1
    1           | 3
    2           | 1
    2           | 2
    2           | 3
    3           | 1"""


@pytest.fixture
def rules(table: MakeTable) -> Table:
    return rule_proposals(table(OFFER_RULES, RULES))


def test_proposals_of_rules_are_heard_by_their_priority(rules: Table, rows: ReadRows) -> None:
    found = sorted(rows(rules), key=lambda row: row["number"])
    assert [(row["number"], row["rule"], row["item"], row["source"]) for row in found] == [
        (0, "life", "life", "rule"),
        (1, "refill", "tea", "rule"),
        (2, "thirst", "tea", "rule"),
        (3, "thirst", "cup", "rule"),
    ]


def test_a_rule_offers_its_first_product_that_the_customer_does_not_have(
    had: Table, rules: Table, table: MakeTable, rows: ReadRows
) -> None:
    found = rows(offers_of_rules(table(OFFER_MEMBERS, MEMBERS), rules, had))
    assert [(row["customer_id"], row["item"], row["number"]) for row in found] == [
        (1, "cup", 3),  # has tea; life, which may be repeated, is in force
        (2, "life", 0),  # lapsed; of the rule of both drinks all are had
        (2, "tea", 1),  # used up
        (3, "tea", 2),
    ]


AFFINITY = """
    basket   | kind    | scope | item | name | other_item | other_name | confidence | lift | lift_low
    customer | product |       | tea  | Tea  | cup        | Cup        | 0.4        | 2    | 1.5
    customer | product |       | life | Life | cup        | Cup        | 0.5        | 3    | 1.2
    customer | product |       | tea  | Tea  | pot        | Pot        | 0.2        | 2    | 1.1
    customer | product |       | tea  | Tea  | hat        | Hat        | 0.9        | 1.1  | 0.9
    customer | product | shop  | tea  | Tea  | fan        | Fan        | 0.9        | 3    | 2
    order    | product |       | tea  | Tea  | bag        | Bag        | 0.9        | 3    | 2"""


@pytest.fixture
def affinity(table: MakeTable) -> Table:
    found = table(AFFINITY_RULES, AFFINITY)
    return found.mutate(scope=found.scope.fill_null(""))  # a text table cannot say the empty text


def test_only_what_is_surely_no_chance_speaks_and_the_surest_first(affinity: Table, rows: ReadRows) -> None:
    found = sorted(rows(affinity_proposals(affinity, most=10)), key=lambda row: row["number"])
    assert [(row["had"], row["item"], row["because"], row["score"]) for row in found] == [
        ("life", "cup", "Life", 0.5),
        ("tea", "cup", "Tea", 0.4),
        ("tea", "pot", "Tea", 0.2),
    ]
    assert found[0]["number"] == AFTER_RULES
    assert [row["item"] for row in rows(affinity_proposals(affinity, most=1))] == ["cup", "cup"]


def test_what_others_bought_is_offered_for_the_surest_reason(had: Table, affinity: Table, rows: ReadRows) -> None:
    others = affinity_proposals(affinity, most=10)
    found = rows(offers_of_affinity(had, others, most=10))
    assert [(row["customer_id"], row["item"], row["number"] - AFTER_RULES) for row in found] == [
        (1, "cup", 0),
        (1, "pot", 2),
        (2, "pot", 2),
    ]
    fewer = rows(offers_of_affinity(had, others, most=1))
    assert [(row["customer_id"], row["item"]) for row in fewer] == [(1, "cup"), (2, "pot")]


def test_rules_go_first_and_a_product_is_offered_once(
    had: Table, rules: Table, affinity: Table, table: MakeTable, rows: ReadRows
) -> None:
    others = affinity_proposals(affinity, most=10)
    offered = offers_of_rules(table(OFFER_MEMBERS, MEMBERS), rules, had).union(offers_of_affinity(had, others, most=10))
    proposals = rules.select("number", *TOLD).union(others.select("number", *TOLD))
    found = rows(next_best_offers(offered, proposals, most=2))
    assert [(row["customer_id"], row["place"], row["item"], row["source"], row["rule"]) for row in found] == [
        (1, 1, "cup", "rule", "thirst"),
        (1, 2, "pot", "affinity", None),
        (2, 1, "life", "rule", "life"),
        (2, 2, "tea", "rule", "refill"),
        (3, 1, "tea", "rule", "thirst"),
    ]
    assert found[1]["because"] == "Tea"


def test_a_chance_is_what_others_did_times_that_the_customer_is_there(table: MakeTable, rows: ReadRows) -> None:
    values = table(
        CUSTOMER_VALUE,
        """
        customer_id | probability_alive | expected_purchases
        1           | 0.9               | 0.5
        2           | 0.2               | 4
        5           |                   | """,
    )
    leaving = table(
        PROPENSITIES,
        """
        customer_id | churn_kind | churn_probability
        1           | contract   | 0.7
        3           | contract   | 0.25
        4           | order      | 0.5
        6           | contract   | """,
    )
    active = activities(values, leaving)
    assert [(row["customer_id"], row["activity"], row["activity_kind"]) for row in rows(active)] == [
        (1, pytest.approx(0.393469), "order"),  # 1 - exp(-0.5)
        (2, 0.2, "order"),  # hardly alive
        (3, 0.75, "contract"),
    ]
    offers = table(
        NEXT_BEST_OFFERS,
        """
        customer_id | place | item | source   | score
        2           | 1     | cup  | affinity | 0.5
        2           | 2     | hat  | rule     |
        4           | 1     | cup  | affinity | 0.5""",
    ).drop("activity", "activity_kind", "chance")
    assert [row["chance"] for row in rows(with_chances(offers, active).order_by("customer_id", "place"))] == [
        0.1,
        None,
        None,
    ]


def test_a_trial_counts_who_bought_what_was_offered_beside_the_best_seller(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | product_id | ordered_on
        1           | tea        | 2026-01-05
        2           | tea        | 2026-01-05
        2           | pot        | 2026-01-05
        3           | cup        | 2026-01-05
        3           | pot        | 2026-01-05
        1           | cup        | 2026-04-05
        2           | cup        | 2026-06-02
        3           | tea        | 2026-05-05""",
    )
    contracts = table(CUSTOMER_CONTRACTS, "customer_id | product_id | started_on\n1 | life | 2026-04-01")
    until = date(2026, 3, 1)
    had = products_had(
        orders, contracts.mutate(current_status=contracts.current_status.fill_null("active")), as_of=until
    )
    listed = sorted(rows(best_sellers(had)), key=lambda row: row["place"])
    assert [row["item"] for row in listed] == ["pot", "tea", "cup"]
    later = bought_between(orders, contracts, after=until, until=AS_OF)
    assert [(row["customer_id"], row["item"]) for row in rows(later)] == [(1, "cup"), (1, "life"), (3, "tea")]
    offered = had.filter(had["item"] == "tea").select("customer_id", item=ibis.literal("cup"))
    members = had.select("customer_id", rule_id=1).distinct()
    best = offers_of_rules(members, best_sellers(had), had)  # pot, cup, tea
    assert rows(trial_hits(offered, best, later)) == [{"customers": 2, "hits": 1, "best_seller_hits": 1}]
