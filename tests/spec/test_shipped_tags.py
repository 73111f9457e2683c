"""The tags that come with Zhike, and the bitmap index of all tags."""

from __future__ import annotations

from datetime import date

from pyroaring import BitMap
from tests.spec.tables import MakeTable, ReadRows

from zhike.understand.tags.shipped import SHIPPED
from zhike.understand.tags.steps import bitmaps
from zhike.understand.tags.tables import TAGS
from zhike.understand.value.tables import ACTIVITY_SUMMARY, CONTRACT_SUMMARY, ORDER_SUMMARY, RFM
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD
from zhike.warehouse.engines import Engine
from zhike.warehouse.steps import Inputs

AS_OF = date(2026, 6, 1)
TAG = {tag.name: tag for tag in SHIPPED}


def test_rfm_segment_is_that_of_the_scores(table: MakeTable, rows: ReadRows) -> None:
    scores = table(RFM, "customer_id | segment\n4 | loyal\n5 | new")
    assert rows(TAG["rfm_segment"].compute(Inputs({RFM.table: scores}, AS_OF))) == [
        {"customer_id": 4, "value": "loyal"},
        {"customer_id": 5, "value": "new"},
    ]


def test_each_score_is_a_tag(table: MakeTable, rows: ReadRows) -> None:
    scores = table(RFM, "customer_id | recency | frequency | monetary\n4 | 5 | 3 | 1")
    inputs = Inputs({RFM.table: scores}, AS_OF)
    found = [TAG["rfm_recency"], TAG["rfm_frequency"], TAG["rfm_monetary"]]
    assert [rows(tag.compute(inputs)) for tag in found] == [[{"customer_id": 4, "value": v}] for v in ("5", "3", "1")]


def test_contract_holder_tells_those_who_hold_one_from_those_who_did(table: MakeTable, rows: ReadRows) -> None:
    summary = table(
        CONTRACT_SUMMARY,
        """
        customer_id | contract_count | active_contract_count | ended_contract_count
        1           | 3              | 1                     | 2
        2           | 2              | 0                     | 1
        3           | 1              | 0                     | 0
        """,
    )
    assert rows(TAG["contract_holder"].compute(Inputs({CONTRACT_SUMMARY.table: summary}, AS_OF))) == [
        {"customer_id": 1, "value": "active"},
        {"customer_id": 2, "value": "former"},
    ]


def test_recently_active_looks_back_ninety_days_on_everything_but_what_we_sent(
    table: MakeTable, rows: ReadRows
) -> None:
    orders = table(
        ORDER_SUMMARY,
        """
        customer_id | last_ordered_on
        1           | 2026-03-04
        2           | 2026-03-03
        """,
    )
    activity = table(
        ACTIVITY_SUMMARY,
        """
        customer_id | last_event_on | last_interaction_on | last_message_on | last_response_on
        1           | 2026-05-01    |                     |                 |
        3           |               | 2026-05-01          |                 |
        4           |               |                     | 2026-05-01      |
        5           | 2020-01-01    |                     |                 | 2026-05-01
        6           | 2020-01-01    |                     |                 |
        """,
    )
    inputs = Inputs({ORDER_SUMMARY.table: orders, ACTIVITY_SUMMARY.table: activity}, AS_OF)
    assert rows(TAG["recently_active"].compute(inputs)) == [
        {"customer_id": 1, "value": "yes"},
        {"customer_id": 3, "value": "yes"},
        {"customer_id": 5, "value": "yes"},
    ]


def test_a_bitmap_holds_the_customers_of_one_value_in_one_range(table: MakeTable, engine: Engine) -> None:
    beyond = CUSTOMERS_PER_SHARD + 5
    tags = table(
        TAGS,
        f"""
        customer_id | tag     | value
        3           | segment | loyal
        1           | segment | loyal
        2           | segment | new
        2           | active  | yes
        {beyond}    | segment | loyal
        """,
    )
    index = bitmaps(engine.arrow(tags)).to_pylist()
    found = {
        (row["customer_id"], row["tag"], row["value"]): (row["customer_count"], list(BitMap.deserialize(row["bitmap"])))
        for row in index
    }
    assert found == {
        (0, "segment", "loyal"): (2, [1, 3]),
        (0, "segment", "new"): (1, [2]),
        (0, "active", "yes"): (1, [2]),
        (CUSTOMERS_PER_SHARD, "segment", "loyal"): (1, [beyond]),
    }


def test_nobody_has_no_bitmaps(table: MakeTable, engine: Engine) -> None:
    nobody = table(TAGS, "customer_id | tag | value\n1 | a | b").filter(lambda t: t.customer_id > 1)
    assert bitmaps(engine.arrow(nobody)).num_rows == 0
