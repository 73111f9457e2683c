"""Who is who: the version of a row in force, the keys of all sources, new customers."""

from __future__ import annotations

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.identity.steps import IDENTITY_MAP, new_customers, source_keys
from zhike.warehouse.entities import CONTRACTS, ORDERS, SOURCE_RECORDS
from zhike.warehouse.versions import latest


def test_the_last_row_of_the_last_import_is_in_force(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        ORDERS,
        """
        source | order_id | line_id | amount | import_id | row_number | is_correction
        shop   | a        | 1       | 1      | 1         | 1          | no
        shop   | b        | 1       | 2      | 1         | 2          | no
        shop   | b        | 1       | 3      | 1         | 9          | yes
        shop   | c        | 1       | 4      | 1         | 3          | no
        shop   | c        | 1       | 5      | 3         | 1          | yes
        shop   | c        | 1       | 6      | 2         | 7          | yes
        shop   | c        | 2       | 8      | 1         | 4          | no
        till   | c        | 1       | 7      | 2         | 8          | no
        """,
    )
    assert rows(latest(ORDERS, orders).select("source", "order_id", "amount")) == [
        {"source": "shop", "order_id": "a", "amount": 1},
        {"source": "shop", "order_id": "b", "amount": 3},
        {"source": "shop", "order_id": "c", "amount": 5},
        {"source": "shop", "order_id": "c", "amount": 8},  # another line
        {"source": "till", "order_id": "c", "amount": 7},  # another source
    ]


def test_a_key_counts_once_whether_a_record_or_a_fact_names_it(table: MakeTable, rows: ReadRows) -> None:
    records = table(SOURCE_RECORDS, "source | customer_key\ncrm | k1\ncrm | k1\ncrm | k2")
    orders = table(
        ORDERS,
        """
        source | customer_source | customer_key
        shop   | crm             | k1
        shop   | shop            | k1
        shop   | shop            | k1
        """,
    )
    contracts = table(CONTRACTS, "source | customer_source | customer_key\ncore | core | 客户9")
    assert rows(source_keys(records, [orders, contracts])) == [
        {"source": "core", "customer_key": "客户9"},
        {"source": "crm", "customer_key": "k1"},
        {"source": "crm", "customer_key": "k2"},
        {"source": "shop", "customer_key": "k1"},
    ]


def test_new_customers_are_numbered_on_in_the_order_of_their_keys(table: MakeTable, rows: ReadRows) -> None:
    keys = table(
        IDENTITY_MAP,
        """
        source | customer_key
        shop   | b
        shop   | 客
        crm    | z
        shop   | B
        shop   | a
        """,
    ).select("source", "customer_key")
    nobody = table(IDENTITY_MAP, "source | customer_key | customer_id\nx | y | 1").filter(lambda t: t.customer_id > 1)
    assert rows(new_customers(keys, nobody).select("customer_id", "source", "customer_key")) == [
        {"customer_id": 0, "source": "crm", "customer_key": "z"},
        {"customer_id": 1, "source": "shop", "customer_key": "B"},
        {"customer_id": 2, "source": "shop", "customer_key": "a"},
        {"customer_id": 3, "source": "shop", "customer_key": "b"},
        {"customer_id": 4, "source": "shop", "customer_key": "客"},
    ]
    known = table(
        IDENTITY_MAP,
        """
        source | customer_key | customer_id
        shop   | b            | 0
        gone   | g            | 6
        """,
    )
    assert rows(new_customers(keys, known).select("customer_id", "source", "customer_key")) == [
        {"customer_id": 7, "source": "crm", "customer_key": "z"},
        {"customer_id": 8, "source": "shop", "customer_key": "B"},
        {"customer_id": 9, "source": "shop", "customer_key": "a"},
        {"customer_id": 10, "source": "shop", "customer_key": "客"},
    ]
