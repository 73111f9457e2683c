"""What the RFM grid and the distributions are added up from."""

from __future__ import annotations

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_RESPONSES
from zhike.understand.value.measures import answers, histogram, rfm_cells
from zhike.understand.value.tables import ACTIVITY_SUMMARY, ORDER_SUMMARY, RFM


def test_a_message_is_answered_once_however_often(table: MakeTable, rows: ReadRows) -> None:
    responses = table(
        CUSTOMER_RESPONSES,
        """
        customer_id | response_id | message_id | kind
        1           | r1          | m1         | delivered
        1           | r2          | m1         | clicked
        1           | r3          | m1         | converted
        1           | r4          |            | replied
        2           | r5          | m2         | opened
        2           | r6          | m2         | refused
        """,
    )
    assert rows(answers(responses)) == [{"customer_id": 1, "answer_count": 2}]


def test_a_cell_adds_up_who_has_its_scores(table: MakeTable, rows: ReadRows) -> None:
    scores = table(
        RFM,
        """
        customer_id | recency | frequency | monetary | segment
        1           | 5       | 5         | 5        | champions
        2           | 5       | 5         | 5        | champions
        3           | 1       | 1         | 2        | hibernating
        """,
    )
    summary = table(
        ORDER_SUMMARY,
        """
        customer_id | order_count | revenue_amount | days_since_last
        1           | 9           | 100.5          | 3
        2           | 7           | 50             | 5
        3           | 1           | 2              | 400
        """,
    )
    activity = table(ACTIVITY_SUMMARY, "customer_id | message_count\n1 | 4\n2 | 0")
    answered = table(
        CUSTOMER_RESPONSES,
        """
        customer_id | response_id | message_id | kind
        1           | r1          | m1         | clicked
        2           | r2          |            | converted
        """,
    )
    found = rows(rfm_cells(scores, summary, activity, answers(answered)))
    assert [tuple(row.values()) for row in found] == [
        (1, 1, 2, "hibernating", 1, 1, 2.0, 400, 0, 0),
        (5, 5, 5, "champions", 2, 16, 150.5, 8, 4, 1),  # who was sent nothing has not answered
    ]


def test_a_bin_begins_at_its_edge_and_the_last_is_open(table: MakeTable, rows: ReadRows) -> None:
    summary = table(ORDER_SUMMARY, "customer_id | order_count\n1 | 1\n2 | 2\n3 | 4\n4 | 5\n5 | 99")
    assert rows(histogram(summary, "order_count", (1, 2, 5))) == [
        {"bin": 0, "customers": 1},
        {"bin": 1, "customers": 2},
        {"bin": 2, "customers": 2},
    ]
