"""Tags of the library that say what customers are to the firm, each on a few of them."""

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


def test_attitude_and_service(company: MakeCompany) -> None:
    people = (
        company("customer_id\n1\n2\n3\n4")
        .facts(
            "events",
            """
            customer_id | occurred_on | kind          | channel
            1           | 2026-05-01  | search        | web
            1           | 2026-05-02  | quote_started | web
            1           | 2025-12-02  | search        | web
            2           | 2026-05-01  | policy_viewed | ios
            2           | 2025-06-02  | claim         | hotline
            3           | 2026-03-03  | login         | android
            3           | 2025-06-01  | claim         | counter
            4           | 2026-05-01  | claim_started | web
            """,
        )
        .facts(
            "interactions",
            """
            customer_id | occurred_on | occurred_at         | channel | direction | topic         | outcome
            1           | 2026-04-02  | 2026-04-02 10:00:00 | call    | inbound   | 投诉 complaint | 已解决
            1           | 2026-05-02  | 2026-05-02 10:00:00 | chat    | outbound  | renewal       | 待回电
            2           | 2026-05-02  | 2026-05-02 10:00:00 | call    | outbound  | renewal       | 转办
            2           | 2026-05-03  | 2026-05-03 10:00:00 | call    | outbound  | renewal       | 已解决
            4           | 2026-05-03  | 2026-05-03 10:00:00 | chat    | inbound   | renewal       | 未接通
            """,
        )
        .facts(
            "orders", "customer_id | source | order_id | ordered_on | channel\n4 | s | a | 2020-01-01 | mini-programme"
        )
        .facts("responses", "customer_id | occurred_on | kind\n3 | 2026-05-01 | complained")
    )
    assert (
        people.differences(
            """
        customer_id | looks_around | digital_user | owns_smartphone | service_channel | waits_for_an_answer
        1           | yes          | yes          |                 | call            | yes
        2           |              | yes          | yes             |                 |
        3           |              |              | yes             |                 |
        4           |              | yes          | yes             | chat            |
        """,
        )
        == []
    )
    assert (
        people.differences(
            """
        customer_id | recent_complaint | recent_claim | serves_themselves
        1           | yes              |              |
        2           |                  | yes          | yes
        3           | yes              |              |
        4           |                  |              |
        """,
        )
        == []
    )


def test_contracts(company: MakeCompany) -> None:
    people = company("""
        customer_id | active_contract_count | ended_contract_count | annual_premium_amount | last_seen_on
        1           | 3                     | 0                    | 20000                 | 2025-05-31
        2           | 1                     | 1                    | 999.99                | 2026-05-30
        3           | 0                     | 1                    | 0                     |
        4           | 0                     | 0                    | 0                     |
        5           | 1                     | 0                    | 5000                  |
    """).facts(
        "contracts",
        """
        customer_id | started_on | current_status | line_of_business | channel | ends_on    | terminated_on
        1           | 2020-01-01 | active         | health           | agent   | 2026-07-31 |
        1           | 2021-01-01 | active         | annuity          | bank    |            |
        1           | 2019-01-01 | active         | life             | direct  |            |
        2           | 2020-01-01 | active         | accident         | agent   | 2026-08-01 |
        2           | 2019-01-01 | lapsed         | life             | agent   |            | 2024-06-02
        3           | 2019-01-01 | surrendered    | savings          | broker  |            | 2024-06-01
        5           | 2019-01-01 | active         | pension          |         | 2026-06-01 |
        """,
    )
    assert (
        people.differences(
            """
        customer_id | contract_holder | premium_band | holds_health | holds_life | holds_accident | holds_savings
        1           | active          | very_large   | yes          | yes        |                | yes
        2           | active          | small        |              |            | yes            |
        3           | former          |              |              |            |                |
        4           |                 |              |              |            |                |
        5           | active          | large        |              |            |                | yes
        """,
        )
        == []
    )
    assert (
        people.differences(
            """
        customer_id | lines_held | plans_ahead | plays_safe | where_they_signed | contract_ends_soon
        1           | 3          | yes         | yes        | bank              | yes
        2           | 1          |             |            | agent             |
        3           | 0          |             |            | broker            |
        4           | 0          |             |            |                   |
        5           | 1          | yes         |            |                   |
        """,
        )
        == []
    )
    assert people.differences("customer_id | gave_up_a_contract | went_quiet\n1||yes\n2|yes|\n3||\n4||\n5||yes") == []


def test_who_holds_one_line_and_is_active_is_a_candidate_for_another(company: MakeCompany) -> None:
    people = company("""
        customer_id | last_event_on
        1           | 2026-05-30
        2           | 2026-03-03
        3           | 2026-05-30
    """).facts(
        "contracts",
        """
        customer_id | started_on | current_status | line_of_business
        1           | 2020-01-01 | active         | health
        1           | 2019-01-01 | lapsed         | life
        2           | 2020-01-01 | active         | health
        3           | 2020-01-01 | active         | health
        3           | 2020-01-01 | active         | life
        """,
    )
    assert people.differences("customer_id | cross_sell_candidate\n1 | yes\n2 |\n3 |") == []


def test_buying(company: MakeCompany) -> None:
    people = company("""
        customer_id | order_count | purchase_days | revenue_amount | last_ordered_on | days_since_last
        1           | 5           | 5             | 249            | 2026-05-31      | 1
        2           | 2           | 2             | 1000           | 2026-03-04      | 89
        3           | 1           | 1             | 149.99         | 2026-03-02      | 91
        4           | 0           |               | 0              |                 |
        5           | 3           | 3             | 450            | 2025-12-01      | 182
        6           | 3           | 3             | 450            | 2026-02-01      | 120
    """).facts(
        "orders",
        """
        customer_id | source | order_id | ordered_on | channel        | amount
        1           | s      | a        | 2026-05-31 | web            | 60
        1           | s      | b        | 2026-04-05 | counter        | 60
        1           | s      | c        | 2026-02-05 | web            | 60
        1           | s      | d        | 2025-12-05 | mini-programme | 60
        1           | s      | e        | 2025-10-05 | app            | 9
        2           | s      | f        | 2026-03-04 | counter        | 500
        2           | s      | g        | 2024-05-31 | web            | 500
        3           | s      | h        | 2026-03-02 |                | 149.99
        5           | s      | i        | 2025-12-01 | online         | 450
        6           | s      | j        | 2026-02-01 | ios            | 450
        """,
    )
    assert (
        people.differences(
            """
        customer_id | regular_buyer | purchase_rhythm | usual_order_value | where_they_buy | spent_last_year
        1           | yes           | quarterly       | small             | web            | 249
        2           |               | once            | very_large        | counter        | 500
        3           |               | once            | middle            |                | 149.99
        4           |               |                 |                   |                | 0
        5           |               | once            | large             | web            | 450
        6           |               | once            | large             | mobile         | 450
        """,
        )
        == []
    )
    assert (
        people.differences(
            """
        customer_id | shop_customer | came_back | one_time_buyer | last_purchase_on
        1           | yes           |           |                | 2026-05-31
        2           | yes           | yes       |                | 2026-03-04
        3           | yes           |           | yes            | 2026-03-02
        4           |               |           |                |
        5           | yes           |           |                | 2025-12-01
        6           | yes           |           |                | 2026-02-01
        """,
        )
        == []
    )


def test_what_the_models_say_is_kept_as_tags(company: MakeCompany) -> None:
    people = company("""
        customer_id | quiet_against_rhythm | lifecycle_stage | trend   | loyalty_level | expected_revenue_amount
        1           | yes                  | declining       | falling | benefit       | 12.5
        2           | no                   | prospect        |         |               |
        3           |                      | growing         | rising  | habit         | 0
    """)
    assert (
        people.differences(
            """
        customer_id | lapse_risk | lifecycle_stage | spending_trend | loyalty_level | expected_revenue
        1           | yes        | declining       | falling        | benefit       | 12.5
        2           |            | prospect        |                |               |
        3           |            | growing         | rising         | habit         | 0
        """,
        )
        == []
    )


def test_chances_are_kept_in_bands(company: MakeCompany) -> None:
    people = company("""
        customer_id | probability_alive | churn_probability | next_renewal_on | renewal_probability
        1           | 0.7               | 0.5               | 2026-06-02      | 0.69
        2           | 0.69              | 0.49              | 2026-08-30      | 0.1
        3           | 0.29              | 0.19              | 2026-08-31      | 0.1
        4           |                   |                   | 2026-06-02      | 0.7
    """)
    assert (
        people.differences(
            """
        customer_id | still_buying | churn_risk | renewal_at_risk
        1           | likely       | high       | yes
        2           | doubtful     | middle     | yes
        3           | hardly       | low        |
        4           |              |            |
        """,
        )
        == []
    )


def test_what_we_sent_makes_nobody_active(company: MakeCompany) -> None:
    people = company("""
        customer_id | last_ordered_on | last_event_on | last_interaction_on | last_response_on | last_message_on
        1           |                 |               |                     |                  | 2026-05-01
        2           | 2026-03-04      |               |                     |                  |
        3           | 2020-01-01      | 2026-03-04    |                     |                  |
        4           |                 |               | 2026-06-01          |                  |
        5           |                 |               |                     | 2026-05-01       |
        6           | 2026-03-03      | 2026-03-03    | 2026-03-03          | 2026-03-03       | 2026-05-01
        7           | 2026-06-02      |               |                     |                  |
    """)
    assert people.differences("customer_id | recently_active\n1 |\n2 | yes\n3 | yes\n4 | yes\n5 | yes\n6 |\n7 |") == []


def test_years_are_those_of_the_calendar(company: MakeCompany) -> None:
    people = company("""
        customer_id | first_seen_on
        1           | 2026-06-01
        2           | 2025-06-02
        3           | 2025-06-01
        4           | 2023-06-02
        5           | 2023-06-01
        6           | 2021-06-02
        7           | 2021-06-01
        8           |
    """)
    expected = ("under_1", "under_1", "1_to_3", "1_to_3", "3_to_5", "3_to_5", "over_5", "")
    lines = [f"{customer} | {band}" for customer, band in enumerate(expected, start=1)]
    assert people.differences("\n".join(("customer_id | years_with_us", *lines))) == []


def test_segment_and_scores(company: MakeCompany) -> None:
    people = company("""
        customer_id | segment     | recency | frequency | monetary | active_contract_count | annual_premium_amount
        1           |             |         |           |          | 0                     | 0
        2           | new         | 5       | 1         | 2        | 0                     | 0
        3           |             |         |           |          | 1                     | 20000
        4           | champions   | 4       | 5         | 5        | 1                     | 10
        5           | hibernating | 1       | 2         | 3        | 1                     | 19999.99
        6           | at_risk     | 2       | 3         | 4        | 0                     | 0
    """)
    assert (
        people.differences(
            """
        customer_id | rfm_segment | rfm_recency | rfm_frequency | rfm_monetary | premium_band | high_value
        1           |             |             |               |              |              |
        2           | new         | 5           | 1             | 2            |              |
        3           |             |             |               |              | very_large   | yes
        4           | champions   | 4           | 5             | 5            | small        | yes
        5           | hibernating | 1           | 2             | 3            | large        |
        6           | at_risk     | 2           | 3             | 4            |              |
        """,
        )
        == []
    )


def test_permission_and_reach(company: MakeCompany) -> None:
    people = (
        company("""
            customer_id | kind         | gender | born_on    | phone | phone_2 | email
            1           | person       | female | 1990-01-01 | 138   |         | a@b
            2           | person       | male   | 1990-01-01 |       | 139     | c@d
            3           | person       |        | 1990-01-01 |       |         | e@f
            4           | person       | male   | 1990-01-01 |       |         |
            5           | organisation |        |            | 021   |         |
        """)
        .facts(
            "responses",
            """
            customer_id | occurred_on | kind
            1           | 2026-01-05  | clicked
            2           | 2025-12-02  | bounced
            3           | 2020-01-01  | unsubscribed
            5           | 2025-12-05  | bounced
            5           | 2025-12-06  | opened
            """,
        )
        .facts("interactions", "customer_id | occurred_on | topic | outcome\n4 | 2026-05-01 | renewal | no answer")
        .facts(
            "messages",
            """
            customer_id | sent_on
            1           | 2026-05-03
            1           | 2026-05-02
            2           | 2026-05-31
            2           | 2026-05-30
            2           | 2026-05-29
            2           | 2026-05-28
            """,
        )
    )
    assert (
        people.differences(
            """
        customer_id | reachable_by_email | reachable_by_phone | said_no | messages_in_30_days | may_be_asked
        1           | yes                | yes                |         | 1                   | yes
        2           |                    | yes                |         | 4                   |
        3           | yes                |                    | yes     | 0                   |
        4           |                    |                    |         | 0                   |
        5           |                    | yes                |         | 0                   | yes
        """,
        )
        == []
    )
    assert (
        people.differences(
            """
        customer_id | answers_messages | hard_to_reach | incomplete_record
        1           | yes              |               |
        2           |                  | yes           |
        3           |                  |               | yes
        4           |                  | yes           | yes
        5           | yes              |               |
        """,
        )
        == []
    )
