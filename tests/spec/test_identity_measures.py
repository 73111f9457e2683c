"""Who is who: the version of a row in force, the keys of all sources, ids, merges and splits, possible duplicates."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.identity.measures import (
    identity_map,
    moves,
    new_ids,
    possible_duplicates,
    redirects,
    source_keys,
)
from zhike.collect.identity.tables import (
    CUSTOMER_IDS,
    CUSTOMER_REDIRECTS,
    IDENTITY_DECISIONS,
    IDENTITY_MAP,
    KEY_GROUPS,
    NORMALISED_RECORDS,
    RECORD_PAIRS,
)
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


GROUPS = """
    source | customer_key | group_source | group_key
    shop   | b            | shop         | B
    shop   | B            | shop         | B
    shop   | 客           | shop         | 客
    crm    | z            | crm          | z
    shop   | a            | crm          | z
"""


def test_groups_get_ids_in_the_order_of_their_keys(table: MakeTable, rows: ReadRows) -> None:
    groups = table(KEY_GROUPS, GROUPS)
    nobody = table(CUSTOMER_IDS, "source | customer_key | customer_id\nx | y | 1").filter(lambda t: t.customer_id > 1)
    assert rows(new_ids(groups, nobody)) == [
        {"customer_id": 0, "source": "crm", "customer_key": "z"},
        {"customer_id": 1, "source": "shop", "customer_key": "B"},
        {"customer_id": 2, "source": "shop", "customer_key": "客"},
    ]
    known = table(
        CUSTOMER_IDS,
        """
        customer_id | source | customer_key
        0           | shop   | b
        6           | gone   | g
        """,
    )
    assert rows(new_ids(groups, known)) == [
        {"customer_id": 7, "source": "crm", "customer_key": "z"},
        {"customer_id": 8, "source": "shop", "customer_key": "客"},
    ]


def test_a_customer_has_the_oldest_id_of_its_keys_and_the_others_lead_there(table: MakeTable, rows: ReadRows) -> None:
    groups = table(KEY_GROUPS, GROUPS)
    given = table(
        CUSTOMER_IDS,
        """
        customer_id | source | customer_key
        0           | shop   | a
        1           | crm    | z
        2           | shop   | 客
        3           | shop   | B
        4           | shop   | b
        5           | gone   | g
        """,
    )
    identities = identity_map(groups, given)
    found = {row["customer_key"]: row["customer_id"] for row in rows(identities)}
    assert found == {"a": 0, "z": 0, "客": 2, "B": 3, "b": 3}
    assert rows(redirects(given, identities)) == [
        {"customer_id": 1, "current_id": 0},
        {"customer_id": 4, "current_id": 3},
        {"customer_id": 5, "current_id": None},
    ]


def test_a_key_that_moves_tells_a_merge_from_a_split(table: MakeTable, rows: ReadRows) -> None:
    before = table(
        IDENTITY_MAP,
        """
        source | customer_key | customer_id
        crm    | stays        | 0
        crm    | merged       | 1
        crm    | left         | 2
        crm    | split_off    | 2
        """,
    )
    now = table(
        IDENTITY_MAP,
        """
        source | customer_key | customer_id
        crm    | stays        | 0
        crm    | merged       | 0
        crm    | left         | 2
        crm    | split_off    | 3
        crm    | new          | 4
        """,
    )
    redirected = table(CUSTOMER_REDIRECTS, "customer_id | current_id\n1 | 0")
    day = date(2026, 5, 1)
    told = {"source": "crm", "moved_on": day}
    assert rows(moves(now, before, redirected, as_of=day)) == [
        {**told, "customer_key": "merged", "from_id": 1, "to_id": 0, "kind": "merge"},
        {**told, "customer_key": "split_off", "from_id": 2, "to_id": 3, "kind": "split"},
    ]


def test_possible_duplicates_are_customers_whose_records_are_alike(table: MakeTable, rows: ReadRows) -> None:
    identities = table(
        IDENTITY_MAP,
        """
        source | customer_key | customer_id
        crm    | a            | 0
        shop   | a            | 0
        crm    | b            | 1
        crm    | c            | 2
        crm    | d            | 3
        crm    | e            | 4
        crm    | guest        | 5
        """,
    )
    pairs = table(
        RECORD_PAIRS,
        """
        source_l | customer_key_l | source_r | customer_key_r | kind   | match_weight | match_probability | conflict
        crm      | a              | crm      | b              | person | 8            | 0.99              |
        crm      | d              | crm      | e              | person | 8            | 0.99              |
        crm      | b              | crm      | guest          | person | 1            | 0.6               |
        crm      | b              | shop     | a              | person | 3            | 0.9               |
        crm      | a              | shop     | a              | person | 9            | 0.99              |
        crm      | a              | crm      | c              | person | 9            | 0.99              | id_number
        crm      | c              | crm      | d              | person | 1            | 0.5               |
        """,
    )
    records = table(
        NORMALISED_RECORDS,
        """
        source | customer_key | family_name | id_number | id_is_sure
        crm    | a            |             |           | no
        shop   | a            | 王          | 1         | no
        crm    | b            | 王          |           | no
        crm    | c            | 李          |           | no
        crm    | d            | 李          | 4         | yes
        crm    | e            | 李          | 5         | yes
        crm    | guest        |             |           | no
        """,
    )
    decisions = table(
        IDENTITY_DECISIONS,
        """
        source_l | customer_key_l | source_r | customer_key_r | is_same | decision_id
        crm      | c              | crm      | d              | no      | 1
        """,
    )
    found = rows(possible_duplicates(pairs, identities, decisions, records))
    told = [(row["customer_id"], row["other_id"], row["match_weight"], row["source_r"]) for row in found]
    assert sorted(told) == [(0, 1, 3.0, "shop"), (1, 0, 3.0, "shop"), (1, 5, 1.0, "crm"), (5, 1, 1.0, "crm")]
