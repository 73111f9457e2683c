"""Tags of the library that say who customers are and what they care for, each on a few of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.spec.library_company import LibraryCompany
from tests.spec.spark import engine_for_tests
from tests.spec.tables import MakeTable, ReadRows

from zhike.warehouse.computing import Engine

MakeCompany = Callable[[str], LibraryCompany]


@pytest.fixture
def engine() -> Engine:
    """DuckDB alone: that engines agree on rules is shown elsewhere."""
    return engine_for_tests("duckdb")


@pytest.fixture
def company(table: MakeTable, rows: ReadRows) -> MakeCompany:
    """A company of the customers in a text table."""
    return lambda customers: LibraryCompany(table, rows, customers)


def test_the_first_three(company: MakeCompany) -> None:
    people = company("""
        customer_id | gender | age | income_amount
        1           | female | 17  | 49999.99
        2           | male   | 18  | 50000
        3           | other  | 34  | 199999
        4           |        | 64  | 200000
        5           |        | 65  |
        6           |        |     | 0
    """)
    assert (
        people.differences(
            """
        customer_id | gender | age_band    | income_band
        1           | female | under_18    | low
        2           | male   | 18_24       | middle
        3           | other  | 25_34       | upper_middle
        4           |        | 55_64       | high
        5           |        | 65_and_over |
        6           |        |             | low
        """,
        )
        == []
    )


def test_population(company: MakeCompany) -> None:
    people = company("""
        customer_id | kind         | born_on    | language | days_to_birthday | referred_by
        1           | person       | 1989-12-31 | zh-CN    | 30               | k7
        2           | person       | 1990-01-01 | en       | 31               |
        3           | organisation |            |          |                  |
        4           | person       | 1959-12-31 |          | 0                |
        5           | person       | 2010-01-01 |          |                  |
    """)
    assert (
        people.differences(
            """
        customer_id | customer_kind | generation  | preferred_language | birthday_soon | came_by_referral
        1           | person        | 1980s       | zh-CN              | yes           | yes
        2           | person        | 1990s       | en                 |               |
        3           | organisation  |             |                    |               |
        4           | person        | before_1960 |                    | yes           |
        5           | person        | since_2010  |                    |               |
        """,
        )
        == []
    )


def test_family_and_circle(company: MakeCompany) -> None:
    people = company("""
        customer_id | kind         | age | marital_status | active_contract_count | contract_count | order_count
        1           | person       | 40  | married        | 1                     | 1              | 0
        2           | person       | 9   |                | 0                     | 0              | 0
        3           | person       | 41  |                | 0                     | 0              | 2
        4           | organisation |     |                | 1                     | 1              | 0
        5           | person       | 30  | single         | 0                     | 1              | 0
        6           | person       | 66  |                | 1                     | 1              | 0
        7           | person       | 35  |                | 0                     | 0              | 0
    """).parties("""
        customer_id | role        | party_id | relation_to_holder
        1           | insured     | 1        | self
        1           | insured     | 2        | child
        1           | beneficiary | 3        | spouse
        4           | insured     | 5        | employee
        6           | beneficiary | 7        | child
    """)
    assert (
        people.differences(
            """
        customer_id | marital_status | has_partner | has_children | parent_of_minor | household
        1           | married        | yes         | yes          | yes             | with_children
        2           |                |             |              |                 |
        3           |                |             |              |                 |
        4           |                |             |              |                 |
        5           | single         |             |              |                 | single
        6           |                |             | yes          |                 | with_children
        7           |                |             |              |                 |
        """,
        )
        == []
    )
    assert (
        people.differences(
            """
        customer_id | provides_for_family | covered_at_work | in_others_contracts | through_family_only
        1           | yes                 |                 |                     |
        2           |                     |                 | yes                 | yes
        3           |                     |                 | yes                 |
        4           |                     |                 |                     |
        5           |                     | yes             |                     |
        6           | yes                 |                 |                     |
        7           |                     |                 | yes                 | yes
        """,
        )
        == []
    )


def test_work(company: MakeCompany) -> None:
    people = company("""
        customer_id | occupation        | job_title
        1           | 退休教师          |
        2           | Nurse             | Head of Ward
        3           | self-employed     | 总经理
        4           | Software Engineer | developer
        5           | 个体经营          |
        6           | astronaut         |
        7           |                   | 职员
        8           | 公务员            | 部门主任
        9           | Lorry driver      |
    """)
    assert (
        people.differences(
            """
        customer_id | field_of_work  | leads_others
        1           | retired        |
        2           | health         | yes
        3           | self_employed  | yes
        4           | technical      |
        5           | self_employed  |
        6           |                |
        7           |                |
        8           | public_service | yes
        9           | manual         |
        """,
        )
        == []
    )


def test_interests(company: MakeCompany) -> None:
    people = (
        company("customer_id\n1\n2\n3\n4")
        .facts(
            "orders",
            """
        customer_id | source | order_id | ordered_on | category              | product_name   | amount | discount_amount
        1           | s      | a        | 2026-01-05 | 保健食品 Health food  | Oatmeal        | 90     | 10
        1           | s      | b        | 2026-01-06 | 运动户外 Sports       | Yoga mat       | 100    |
        1           | s      | c        | 2026-01-07 | 礼品 Gifts            | Silk scarf     | 0      |
        1           | s      | d        | 2025-01-07 | 母婴儿童 Mother       | Picture book   | 0      |
        2           | s      | e        | 2024-07-01 | Sports                | Belt           | 90     | 9
        2           | s      | f        | 2024-08-01 | Outdoor               | Poles          | 10     |
        2           | s      | g        | 2024-08-01 | Health devices        | Scale          | 10     |
        3           | s      | h        | 2024-05-31 | Sports                | Belt           | 10     |
        3           | s      | i        | 2024-07-31 | Sports                | Belt           | 10     |
        3           | s      | j        | 2020-07-31 | service               | 境外旅行保障卡 | 10     |
        4           | s      | k        | 2026-05-31 | service               | Child plan     | 95     | 10
        """,
        )
        .facts("contracts", "customer_id | started_on | product_name\n2 | 2020-01-01 | 乐行交通意外险")
    )
    assert (
        people.differences(
            """
        customer_id | interest_health | interest_sports | interest_children | gift_giver | interest_travel
        1           | yes             | yes             |                   | yes        |
        2           |                 | yes             |                   |            | yes
        3           |                 |                 |                   |            | yes
        4           |                 |                 | yes               |            |
        """,
        )
        == []
    )
    assert (
        people.differences(
            """
        customer_id | many_interests | watches_prices
        1           | yes            |
        2           |                |
        3           |                |
        4           |                |
        """,
        )
        == []
    )


def test_a_tenth_off_is_what_watches_prices(company: MakeCompany) -> None:
    people = company("customer_id\n1\n2\n3").facts(
        "orders",
        """
        customer_id | source | order_id | ordered_on | amount | discount_amount
        1           | s      | a        | 2026-01-05 | 90     | 10
        2           | s      | b        | 2026-01-05 | 91     | 10
        3           | s      | c        | 2025-06-01 | 10     | 90
        """,
    )
    assert people.differences("customer_id | watches_prices\n1 | yes\n2 |\n3 |") == []
