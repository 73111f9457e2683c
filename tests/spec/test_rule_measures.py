"""What rules mean, function by function, on DuckDB and on Spark: `evaluated`, and `holding` for relations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from tests.rules.asking import Company
from tests.rules.random_facts import AS_OF, attributes_contract
from tests.rules.vocabularies import everything
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CONTRACT_PARTIES
from zhike.rules.errors import RuleError
from zhike.rules.measures import Tables, evaluated, holding
from zhike.rules.text import parse, parse_rule

MakeCompany = Callable[[str], Company]


@pytest.fixture
def company(table: MakeTable, rows: ReadRows) -> MakeCompany:
    """A company of the customers in a text table."""
    return lambda customers: Company(table, rows, customers)


def test_each_customer_has_a_row_and_each_definition_a_column(table: MakeTable, rows: ReadRows) -> None:
    now = {"vocabulary": everything(), "as_of": AS_OF}
    customers = table(
        attributes_contract(now["vocabulary"]),
        """
        customer_id | age
        1           | 30
        2           | 60
        """,
    )
    edges = table(
        CONTRACT_PARTIES,
        """
        customer_id | party_id | role
        2           | 1        | insured
        """,
    )
    related = parse_rule("any insured (age < 40)")
    held = holding(related, everybody=customers, edges=now["vocabulary"].relations["insured"].edges(edges), **now)
    assert rows(held) == [{"customer_id": 2}]
    definitions = {"old": parse_rule("age > 40"), "insures": related, "years": parse("age").tree}
    assert rows(evaluated(definitions, Tables(customers, related={related: held}), **now)) == [
        {"customer_id": 1, "old": False, "insures": False, "years": 30.0},
        {"customer_id": 2, "old": True, "insures": True, "years": 60.0},
    ]


def test_a_missing_value_is_not_equal_to_anything_and_not_different_either(company: MakeCompany) -> None:
    company("""
        customer_id | gender | age | last_ordered_on
        1           | female | 30  | 2026-03-01
        2           | male   |     |
        3           |        | 45  | 2026-03-31
    """).check_members("""
        gender = "female"                          | 1
        gender != "female"                         | 2
        not gender = "female"                      | 2 3
        not gender != "female"                     | 1 3
        gender in ("female", "male")               | 1 2
        gender not in ("female")                   | 2 3
        gender is known                            | 1 2
        gender is unknown                          | 3
        age > 30                                   | 3
        age >= 30                                  | 1 3
        not age >= 30                              | 2
        age between 30 and 45                      | 1 3
        not age between 31 and 45                  | 1 2
        age < 30 or age >= 30                      | 1 3
        age = age                                  | 1 3
        gender != "female" or age > 40             | 2 3
        gender != "female" and not age > 40        | 2
        last_ordered_on > 2026-03-01               | 3
        last_ordered_on = today                    | 3
        last_ordered_on within 1 month             | 1 3
        last_ordered_on within 30 days             | 3
        not last_ordered_on within 30 days         | 1 2
    """)


def test_texts_are_equal_to_the_letter_and_searched_without_case(company: MakeCompany) -> None:
    company("""
        customer_id | city     | name
        1           | Bonn     | 100% Öl
        2           | bonn     | a_b\\c
        3           |          | it's "x"
        4           | 上海       | 女士
    """).check_members("""
        city = "Bonn"                  | 1
        city != "Bonn"                 | 2 4
        city in ("bonn", "上海")         | 2 4
        city contains "ON"             | 1 2
        city starts with "bo"          | 1 2
        city ends with "海"             | 4
        not city contains "o"          | 3 4
        name contains "%"              | 1
        name contains "_"              | 2
        name contains "\\\\"            | 2
        name contains "a_B"            | 2
        name contains "öL"             | 1
        name contains "'"              | 3
        name ends with "\\"x\\""         | 3
        name starts with "1%"          |
    """)


def test_calculations_with_a_missing_number_or_by_zero_are_missing(company: MakeCompany) -> None:
    known = company("""
        customer_id | age | income_amount | revenue_amount | last_ordered_on | born_on
        1           | 30  | 1000.5        | 0              | 2026-03-01      | 1996-02-29
        2           |     | 10            | 4              |                 | 2026-04-01
        3           | 0   | 0.1           | 0.2            | 2026-03-31      |
    """)
    known.check_values("""
        age                            | 30      |     | 0
        income_amount                  | 1000.5  | 10  | 0.1
        income_amount + age            | 1030.5  |     | 0.1
        income_amount - 1.5            | 999     | 8.5 | -1.4
        income_amount * revenue_amount | 0       | 40  | 0.02
        income_amount / revenue_amount |         | 2.5 | 0.5
        revenue_amount / age           | 0       |     |
        0 / 0                          |         |     |
        0 - age + 2 * 3                | -24     |     | 6
        days_since(last_ordered_on)    | 30      |     | 0
        days_until(last_ordered_on)    | -30     |     | 0
        days_since(born_on)            | 10988   | -1  |
        days_since(today)              | 0       | 0   | 0
        last_ordered_on                | 2026-03-01 |  | 2026-03-31
        today                          | 2026-03-31 | 2026-03-31 | 2026-03-31
    """)
    known.check_members("""
        income_amount + revenue_amount = 0.3          |
        income_amount + revenue_amount between 0.3 and 0.31 | 3
        income_amount / revenue_amount > 0            | 2 3
        not income_amount / revenue_amount > 0        | 1
        income_amount / revenue_amount is unknown     | 1
        born_on within next 1 day                     | 2
        born_on within next 1 month                   | 2
    """)


def test_what_is_too_large_for_a_double_is_missing(company: MakeCompany) -> None:
    large = " * ".join(["999999999999999999"] * 18)
    company("""
        customer_id | age
        1           | 2
    """).check_values(f"""
        {large} * age           |
        0 * ({large} * age)     |
        1 / ({large} * age)     |
        {" * ".join(["10"] * 9)} | 1e+09
    """)


def test_a_choice_is_the_first_case_that_holds(company: MakeCompany) -> None:
    known = company("""
        customer_id | age
        1           | 10
        2           | 30
        3           | 70
        4           |
    """)
    known.check_values("""
        when age < 18 then "young" when age < 65 then "grown" otherwise "old" | young | grown | old | old
        when age < 18 then "young" when age < 65 then "grown"                 | young | grown |     |
        when age is unknown then 0 otherwise 1.5                              | 1.5 | 1.5 | 1.5 | 0
        when age > 60 then 2026-01-01                                         |       |       | 2026-01-01 |
    """)
    known.check_members("""
        (when age < 18 then "young" when age < 65 then "grown") != "young"     | 2
        (when age < 18 then 1 otherwise 0) + 1 = 2                             | 1
    """)


def test_tags_audiences_and_definitions_may_name_one_another(company: MakeCompany) -> None:
    known = company("""
        customer_id | gender | age
        1           | female | 30
        2           | male   | 50
        3           |        |
    """)
    known.tag(
        "rfm_segment",
        """
        customer_id | value
        1           | loyal
        3           | champions
        7           | loyal
    """,
    )
    known.tag(
        "rfm_segment",
        as_of=date(2026, 1, 31),
        text="""
        customer_id | value
        2           | loyal
    """,
    )
    known.tag(
        "basket_size",
        """
        customer_id | number
        1           | 2.5
        2           | 4
    """,
    )
    known.tag(
        "tier_since",
        """
        customer_id | day
        3           | 2026-03-01
    """,
    )
    known.audience(
        "our friends",
        """
        customer_id
        2
        9
    """,
    )
    rules = {
        "segment": 'has tag "rfm_segment"',
        "loyal": 'has tag "rfm_segment" = "loyal"',
        "earlier": 'has tag "rfm_segment" as of 2026-01-31',
        "loyal earlier": 'has tag "rfm_segment" = "loyal" as of 2026-01-31',
        "either": 'has tag "rfm_segment" in ("loyal", "champions")',
        "value": 'tag "rfm_segment" != "loyal"',
        "basket": 'tag "basket_size" > 3',
        "since": 'tag "tier_since" within 1 month',
        "has number": 'has tag "basket_size"',
        "friend": 'in audience "our friends"',
        "no friend": 'not in audience "our friends"',
    }
    members = {name: " ".join(str(row["customer_id"]) for row in known.answers(rules) if row[name]) for name in rules}
    assert members == {
        "segment": "1 3",
        "loyal": "1",
        "earlier": "2",
        "loyal earlier": "2",
        "either": "1 3",
        "value": "3",
        "basket": "2",
        "since": "3",
        "has number": "1 2",
        "friend": "2",
        "no friend": "1 3",
    }


def test_definitions_name_those_that_are_computed_with_them(company: MakeCompany) -> None:
    known = company("""
        customer_id | gender | age
        1           | female | 30
        2           | male   | 50
        3           |        |
    """)
    # Stored under the same name, and overtaken by what is computed now.
    known.tag("owns_smartphone", "customer_id | value\n2 | yes").tag("basket_size", "customer_id | number\n3 | 9")
    rules = {
        "third": 'not has tag "owns_smartphone" and tag "basket_size" < 100',
        "rfm_segment": 'when has tag "owns_smartphone" then "loyal" when in audience "our friends" then "at_risk"',
        "fourth": 'has tag "rfm_segment" = "loyal" or tag "rfm_segment" = "at_risk"',
        "fifth": 'has tag "rfm_segment" and has tag "basket_size" and has tag "tier_since"',
        "owns_smartphone": "age < 40",
        "yes": 'has tag "owns_smartphone" = "yes"',
        "basket_size": "age * 2",
        "tier_since": "when age > 0 then 2026-01-01",
    }
    audiences = {"our friends": 'tag "basket_size" >= 100', "bought_this_quarter": "age > 99"}
    assert known.answers(rules, audiences) == [
        {
            "customer_id": 1,
            "third": False,
            "rfm_segment": "loyal",
            "fourth": True,
            "fifth": True,
            "owns_smartphone": True,
            "yes": True,
            "basket_size": 60.0,
            "tier_since": date(2026, 1, 1),
        },
        {
            "customer_id": 2,
            "third": False,
            "rfm_segment": "at_risk",
            "fourth": True,
            "fifth": True,
            "owns_smartphone": False,
            "yes": False,
            "basket_size": 100.0,
            "tier_since": date(2026, 1, 1),
        },
        {
            "customer_id": 3,
            "third": False,
            "rfm_segment": None,
            "fourth": False,
            "fifth": False,
            "owns_smartphone": False,
            "yes": False,
            "basket_size": None,
            "tier_since": None,
        },
    ]


def test_definitions_that_refer_to_one_another_in_a_circle_are_refused(company: MakeCompany) -> None:
    known = company("customer_id\n1")
    rules = {
        "basket_size": 'when in audience "our friends" then 1',
        "owns_smartphone": "1 = 1",
        "rfm_segment": 'when tag "basket_size" > 1 and has tag "owns_smartphone" then "loyal"',
    }
    with pytest.raises(RuleError) as refused:
        known.answers(rules, {"our friends": 'has tag "rfm_segment"'})
    assert "circle" in refused.value.message
    assert "basket_size → our friends → rfm_segment" in f"{refused.value.message} → our friends → rfm_segment"
    with pytest.raises(RuleError, match="owns_smartphone → owns_smartphone"):
        known.answers({"owns_smartphone": 'not has tag "owns_smartphone"'})


def test_relations_ask_those_who_are_related(company: MakeCompany) -> None:
    known = company("""
        customer_id | gender | age | source
        1           | female | 40  | crm
        2           | male   | 10  | crm
        3           | female | 8   | shop
        4           |        |     | shop
    """)
    known.parties("""
        customer_id | source | contract_id | role    | party_id | relation_to_holder | share | since_on
        1           | crm    | A           | insured | 2        | child              | 0.5   | 2026-03-01
        1           | crm    | A           | insured | 3        | child              | 0.5   | 2020-03-01
        1           | crm    | A           | payer   | 4        |                    |       |
        2           | crm    | B           | insured | 2        | self               |       |
        4           | crm    | C           | insured | 1        | spouse             | nan   | 2026-03-31
        4           | crm    | D           | insured | 3        | child              |       |
    """)
    known.check_members("""
        any insured (age < 18)                                                | 1 4
        all insured (age < 18)                                                | 1
        all insured (gender = "female")                                       | 4
        any insured (gender = "male")                                         | 1
        not any insured (gender = "male")                                     | 2 3 4
        not all insured (age < 18)                                            | 2 3 4
        any insured (relation_to_holder = "child" and age < 9)                | 1 4
        any insured (since_on within 1 month and age >= 10)                   | 1 4
        any insured (share > 0)                                               | 1
        any insured (share is unknown)                                        | 4
        any insured (age * share > 4.5)                                       | 1
        all insured (share = 0.5)                                             | 1
        any payer (gender is unknown)                                         | 1
        all beneficiary (age > 0)                                             |
        any holder (age = 40)                                                 | 2 3 4
        any holder (gender is unknown)                                        | 1 3
    """)


def test_two_companies_of_nobody_have_no_rows(company: MakeCompany) -> None:
    nobody = company("customer_id | age").facts("orders", "customer_id | ordered_on | amount")
    assert nobody.answers({"a": "age > 1", "b": "sum(orders.amount)", "c": "count(orders) > 1"}) == []
