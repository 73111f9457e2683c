"""What customers are found by, and who takes part in their contracts."""

from __future__ import annotations

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.measures import contract_parties, search_terms
from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_PARTIES, CUSTOMER_RECORDS, CUSTOMERS
from zhike.collect.profiles.terms import digits_of, normalised


def test_whatever_names_a_customer_is_a_term(table: MakeTable, rows: ReadRows) -> None:
    customers = table(
        CUSTOMERS,
        """
        customer_id | name      | phone           | phone_2     | email      | id_number | customer_key
        0           | Anna Berg | +86 13800000001 | 02112345678 | Ann@X.com  | ＡＢ１    | k 1
        1           | 王　小明  | 0086-138 0000 0002 |          |            |           |
        """,
    )
    records = table(CUSTOMER_RECORDS, "customer_id\n")
    contracts = table(CUSTOMER_CONTRACTS, "customer_id | contract_id\n1 | P-77")
    found = [
        tuple(row.values())
        for row in rows(search_terms(customers, records, contracts).select("customer_id", "kind", "term"))
    ]
    assert found == [
        (0, "customer_key", "k1"),
        (0, "email", "ann@x.com"),
        (0, "id_number", "ab1"),
        (0, "name", "anna"),
        (0, "name", "annaberg"),
        (0, "name", "berg"),
        (0, "phone", "13800000001"),
        (0, "phone", "2112345678"),
        (1, "contract", "p-77"),
        (1, "name", "王小明"),
        (1, "phone", "13800000002"),
    ]
    for text in ("Ann@X.com", "ＡＢ１", "Anna Berg", "王　小明", "P-77"):  # who looks spells it the same way
        assert normalised(text) in {term for _, _, term in found}
    for text in ("+86 13800000001", "021-1234 5678", "0086-138 0000 0002"):
        assert digits_of(text) in {term for _, _, term in found}


def test_all_records_of_a_customer_find_them_and_what_was_corrected(table: MakeTable, rows: ReadRows) -> None:
    customers = table(
        CUSTOMERS,
        """
        customer_id | name | phone | customer_key | provenance
        3           | 王五 | 13    | a            | name:0 phone:corrected
        4           | 赵六 | 14    | c            |
        """,
    )
    records = table(
        CUSTOMER_RECORDS,
        """
        customer_id | name | phone | email | customer_key
        3           | 王五 | 11    |       | a
        3           | 王武 | 12    | w@x   | b
        4           | 赵六 | 14    |       | c
        """,
    )
    contracts = table(CUSTOMER_CONTRACTS, "customer_id\n")
    found = rows(search_terms(customers, records, contracts).select("customer_id", "term"))
    of_three = sorted(row["term"] for row in found if row["customer_id"] == 3)
    assert of_three == ["11", "12", "13", "a", "b", "w@x", "王五", "王武"]
    assert sorted(row["term"] for row in found if row["customer_id"] == 4) == ["14", "c", "赵六"]


def test_a_holder_knows_all_who_take_part(table: MakeTable, rows: ReadRows) -> None:
    contracts = table(CUSTOMER_CONTRACTS, "customer_id | source | contract_id\n5 | core | A\n6 | bank | A")
    parties = table(
        CUSTOMER_PARTIES,
        """
        customer_id | source | contract_id | role    | relation_to_holder
        5           | core   | A           | holder  | self
        7           | core   | A           | insured | child
        8           | core   | B           | insured |
        """,
    )
    found = contract_parties(contracts, parties).select("customer_id", "contract_id", "role", "party_id")
    assert [tuple(row.values()) for row in rows(found)] == [(5, "A", "holder", 5), (5, "A", "insured", 7)]
