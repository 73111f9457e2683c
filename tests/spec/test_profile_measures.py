"""What profiles are made of: names, facts with their customer, the status of contracts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ibis.expr.types import Table
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.identity.tables import CUSTOMER_REDIRECTS, IDENTITY_MAP
from zhike.collect.profiles.golden.steps import ENTERED
from zhike.collect.profiles.measures import (
    full_name,
    of_current_customers,
    renamed,
    with_customer,
    with_status,
)
from zhike.warehouse.entities import CONTRACTS, ORDERS, SOURCE_RECORDS

Column = Callable[[Table, str], list[object]]


def test_names_stand_in_the_order_of_their_script(table: MakeTable, column: Column) -> None:
    records = table(
        SOURCE_RECORDS,
        """
        customer_key | family_name | given_name
        1            | Byron       | Ada
        2            | 欧阳        | 娜娜
        3            | Byron       |
        4            |             | Ada
        5            |             |
        6            | 王          |
        7            | Ångström    | Anders
        """,
    )
    named = records.select("customer_key", full=full_name(records.family_name, records.given_name))
    assert column(named, "full") == ["Ada Byron", "欧阳娜娜", "Byron", "Ada", None, "王", "Anders Ångström"]


def test_a_corrected_part_stands_where_it_stood_in_the_name(table: MakeTable, column: Column) -> None:
    records = table(
        SOURCE_RECORDS,
        """
        customer_key | name        | family_name | given_name | occupation | job_title
        1            | Ada Byron   | Byron       | Ada        | King       | Ada
        2            | Byron Ada   | Byron       | Ada        | King       | Ada
        3            | 欧阳娜娜    | 欧阳        | 娜娜       | 欧阳       | 小红
        4            | Ada Byron   |             |            |            | Zed
        """,
    )
    parts = (records.occupation, records.job_title)  # any two texts: the new family name and the new given name
    said = renamed(records.name, records.family_name, records.given_name, parts)
    assert column(records.select("customer_key", said=said), "said") == [
        "Ada King",
        "King Ada",
        "欧阳小红",
        "Ada Byron",
    ]


def test_a_fact_gets_the_customer_of_its_own_sources_key(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        ORDERS,
        """
        source | order_id | customer_source | customer_key
        shop   | a        | shop            | k1
        shop   | b        | crm             | k1
        shop   | c        | shop            | nobody
        """,
    )
    ids = table(
        IDENTITY_MAP,
        """
        source | customer_key | customer_id
        shop   | k1           | 7
        crm    | k1           | 8
        """,
    )
    found = with_customer(orders, ids)
    assert "id_source" not in found.columns
    assert rows(found.select("order_id", "customer_id")) == [
        {"order_id": "a", "customer_id": 7},
        {"order_id": "b", "customer_id": 8},
    ]


def test_what_was_entered_goes_to_whom_the_customer_has_become(table: MakeTable, rows: ReadRows) -> None:
    entered = table(ENTERED, "customer_id | correction_id\n1 | 1\n2 | 2\n3 | 3")
    redirects = table(CUSTOMER_REDIRECTS, "customer_id | current_id\n2 | 1\n3 |")
    current = of_current_customers(entered, redirects).select("correction_id", "customer_id")
    assert [tuple(row.values()) for row in rows(current)] == [(1, 1), (2, 1)]  # nobody is left of 3


def test_dates_decide_the_status_of_a_contract_before_what_the_source_says(table: MakeTable, column: Column) -> None:
    contracts = table(
        CONTRACTS,
        """
        contract_id | started_on | ends_on    | terminated_on | status
        01          | 2026-06-02 |            |               | active
        02          | 2026-06-01 |            |               |
        03          | 2020-01-01 | 2026-05-31 |               | active
        04          | 2020-01-01 | 2026-06-01 |               | active
        05          | 2020-01-01 |            | 2026-06-01    | active
        06          | 2020-01-01 |            | 2026-06-01    | surrendered
        07          | 2020-01-01 |            | 2026-06-02    | lapsed
        08          | 2020-01-01 | 2021-01-01 |               | claimed
        09          | 2020-01-01 |            |               | suspended
        10          | 2020-01-01 | 2021-01-01 |               | suspended
        """,
    )
    stated = with_status(contracts, as_of=date(2026, 6, 1)).select("contract_id", "current_status")
    assert column(stated, "current_status") == [
        "pending",
        "active",
        "matured",
        "active",  # the last day agreed is still one of the contract
        "cancelled",
        "surrendered",
        "active",
        "claimed",
        "suspended",
        "matured",
    ]


def test_a_yearly_premium_counts_the_payments_of_a_year(table: MakeTable, column: Column) -> None:
    contracts = table(
        CONTRACTS,
        """
        contract_id | started_on | premium_amount | premium_period
        1           | 2020-01-01 | 10.01          | weekly
        2           | 2020-01-01 | 10.01          | monthly
        3           | 2020-01-01 | 10.01          | quarterly
        4           | 2020-01-01 | 10.01          | half_yearly
        5           | 2020-01-01 | 10.01          | yearly
        6           | 2020-01-01 | 10.01          | single
        7           | 2020-01-01 | 10.01          |
        8           | 2020-01-01 |                | monthly
        """,
    )
    stated = with_status(contracts, as_of=date(2026, 6, 1)).select("contract_id", "annual_premium_amount")
    assert column(stated, "annual_premium_amount") == [520.52, 120.12, 40.04, 20.02, 10.01, 0, 10.01, None]
