"""How often contracts were renewed, who holds those in force, and what is expected of each holder."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS
from zhike.understand.value.renewals.measures import (
    OPEN,
    contracts_in_force,
    customer_renewals,
    renewal_bands,
    renewal_counts,
    renewal_histories,
)
from zhike.understand.value.renewals.tables import CUSTOMER_RENEWALS, RENEWAL_CELLS

AS_OF = date(2026, 6, 30)
# 1 and 2 are in force; 3 left on the day of a renewal, 4 within a year, 5 lapsed a grace period after the first one;
# 6 ran its term, 7 begins later, 8 paid once, and nobody knows when 9 ended.
CONTRACTS = """
    customer_id | contract_id | line_of_business | started_on | ends_on    | terminated_on | premium_period | is_auto_renewed | current_status | annual_premium_amount
    1           | a           | life             | 2023-06-30 | 2028-06-29 |               | yearly         | no              | active         | 100
    2           | b           | life             | 2026-04-15 | 2026-12-31 |               | monthly        | yes             | active         | 240
    3           | c           | life             | 2024-01-01 |            | 2026-01-01    | yearly         |                 | cancelled      | 50
    4           | d           | life             | 2024-01-01 |            | 2026-02-01    | yearly         |                 | surrendered    | 50
    5           | e           | life             | 2024-01-01 |            | 2025-03-02    |                |                 | lapsed         | 50
    6           | f           | life             | 2024-01-01 | 2025-12-31 |               | half_yearly    | no              | matured        | 50
    7           | g           | life             | 2026-07-01 |            |               | yearly         |                 | pending        | 50
    8           | h           | life             | 2020-01-01 |            |               | single         |                 | active         | 0
    9           | i           | life             | 2020-01-01 |            |               | quarterly      |                 | surrendered    | 50
    """  # noqa: E501


def test_renewals_are_counted_up_to_the_day_or_the_end(table: MakeTable, rows: ReadRows) -> None:
    found = renewal_histories(table(CUSTOMER_CONTRACTS, CONTRACTS), until=AS_OF)
    told = found.select(
        "customer_id", "period_months", "renewed_count", "renewals_left", "has_ended", "is_in_force"
    ).order_by("customer_id")
    assert [tuple(row.values()) for row in rows(told)] == [
        (1, 12, 3, 1, False, True),
        (2, 1, 2, OPEN, False, True),
        (3, 12, 1, OPEN, True, False),
        (4, 12, 2, OPEN, True, False),
        (5, 12, 0, OPEN, True, False),
        (6, 6, 3, 0, False, False),
    ]


def test_a_year_before_it_was_not_known_who_would_leave(table: MakeTable, rows: ReadRows) -> None:
    then = date(2025, 6, 30)
    found = renewal_histories(table(CUSTOMER_CONTRACTS, CONTRACTS), until=then, later_until=AS_OF)
    told = found.select("customer_id", "renewed_count", "has_ended", "is_in_force", "left_later", "renewed_later")
    assert [tuple(row.values()) for row in rows(told.order_by("customer_id"))] == [
        (1, 2, False, True, False, 1),
        (3, 1, False, True, True, 0),
        (4, 1, False, True, True, 1),
        (5, 0, True, False, False, 0),
        (6, 2, False, True, False, 1),  # the end at the end of 2025 is agreed: it is no renewal
    ]
    by = ("period_months", "renewed_count", "renewals_left", "has_ended")
    counted = {
        tuple(row[name] for name in by): (row["contracts"], row["left_later"], row["premium"], row["paid_later"])
        for row in rows(renewal_counts(found))
    }
    assert counted == {
        (12, 2, 2, False): (1, 0, 100, 100),
        (12, 1, OPEN, False): (2, 2, 100, 50),
        (12, 0, OPEN, True): (1, 0, 0, 0),
        (6, 2, 1, False): (1, 0, 50, 25),
    }


def test_contracts_in_force_are_counted_with_their_premium(table: MakeTable, rows: ReadRows) -> None:
    found = contracts_in_force(renewal_histories(table(CUSTOMER_CONTRACTS, CONTRACTS), until=AS_OF))
    assert {
        (row["period_months"], row["renewed_count"], row["renewals_left"]): (
            row["contract_count"],
            row["annual_premium_amount"],
            row["squared_premium"],
        )
        for row in rows(found)
    } == {(12, 3, 1): (1, 100, 10_000), (1, 2, OPEN): (1, 240, 57_600)}


def test_holders_have_the_lowest_chance_the_next_day_and_the_sum_of_the_premium(
    table: MakeTable, rows: ReadRows
) -> None:
    contracts = table(
        CUSTOMER_CONTRACTS,
        """
        customer_id | contract_id | line_of_business | started_on | ends_on    | premium_period | current_status | annual_premium_amount
        1           | a           | life             | 2023-08-31 |            | yearly         | active         | 100
        1           | b           | life             | 2026-01-31 |            | monthly        | active         | 240
        2           | c           | life             | 2023-08-31 | 2026-08-30 | yearly         | active         | 70
        3           | d           | car              | 2023-08-31 |            | yearly         | active         | 70
        """,  # noqa: E501
    )
    cells = table(
        RENEWAL_CELLS,
        """
        line_of_business | period_months | renewed_count | renewals_left | renewal_probability | years_of_premium | years_ever
        life             | 12            | 2             | -1            | 0.8                 | 0.75             | 4.5
        life             | 1             | 4             | -1            | 0.9                 | 0.5              | 2.25
        life             | 12            | 2             | 0             | 0.0                 | 0.0              | 0.0
        """,  # noqa: E501
    )
    found = rows(customer_renewals(renewal_histories(contracts, until=AS_OF), cells).order_by("customer_id"))
    ada, bob = found
    assert (ada["customer_id"], ada["renewal_probability"], ada["next_renewal_on"]) == (1, 0.8, date(2026, 6, 30))
    assert (ada["expected_premium_amount"], ada["contract_lifetime_amount"]) == (195, 990)
    assert (bob["customer_id"], bob["renewal_probability"], bob["next_renewal_on"]) == (2, None, None)
    assert bob["contract_lifetime_amount"] == 0


def test_holders_are_counted_between_borders(table: MakeTable, rows: ReadRows) -> None:
    renewals = table(
        CUSTOMER_RENEWALS,
        """
        customer_id | renewal_probability
        1           | 0.4
        2           | 0.9
        3           | 0.95
        4           |
        """,
    )
    found = {row["band"]: row["customers"] for row in rows(renewal_bands(renewals, (0.5, 0.9)))}
    assert found == {0: 1, 2: 2}
