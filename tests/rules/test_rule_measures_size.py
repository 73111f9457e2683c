"""However many definitions there are, and however deep: the query stays small, and reads each table once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import pytest
from tests.rules.random_facts import AS_OF, attributes_contract
from tests.rules.vocabularies import everything

from zhike.rules.measures import Tables, evaluated
from zhike.rules.needs import needed, related_in
from zhike.rules.text import parse
from zhike.rules.tree import Arithmetic, Attribute, Between, Case, Choice, Compare, Definition, Number
from zhike.warehouse.engines import ibis_schema

VOCABULARY = everything()
TABLES = Tables(
    ibis.table(ibis_schema(attributes_contract(VOCABULARY)), name="attributes"),
    {name: ibis.table(ibis_schema(facts.contract), name=name) for name, facts in VOCABULARY.facts.items()},
)


def sql_of(definitions: Mapping[str, Definition]) -> str:
    return str(ibis.to_sql(evaluated(definitions, TABLES, vocabulary=VOCABULARY, as_of=AS_OF), dialect="duckdb"))


def read(rules: Sequence[str]) -> dict[str, Definition]:
    return {f"rule_{place}": parse(rule).tree for place, rule in enumerate(rules)}


def test_two_hundred_definitions_scan_each_fact_table_once() -> None:
    rules = [
        f'count(events where kind = "{n % 7}" in last {n % 5} weeks) > 1 and sum(orders.amount in last {n} days) > 2'
        for n in range(1, 301)
        if n % 5
    ]
    sql = sql_of(read(rules))
    assert [sql.count(f'"{name}" AS') for name in ("events", "orders", "attributes")] == [1, 1, 1]


def test_what_is_counted_once_takes_one_more_scan_for_each_thing() -> None:
    counts = [f"count(orders in last {n} days) + sum(orders.amount) > {n}" for n in range(1, 70)]
    different = [f"distinct(orders.category in last {n} days) > {n}" for n in range(1, 30)]
    assert sql_of(read(counts)).count('"orders" AS') == 2
    assert sql_of(read([*counts, *different])).count('"orders" AS') == 3


def test_equal_aggregates_are_computed_once() -> None:
    same = [
        "sum(orders.amount in last 31 days) > 5",
        "sum(orders.amount in this month) > 6",
        "average(orders.amount in last 1 month) > 7",
    ]
    assert sql_of(read(same)).count("SUM(") == 1


def test_five_hundred_definitions_are_compiled_in_seconds() -> None:
    rules = [
        f'age > {n} and (name = "x" or last(orders) within {n} days) and count(events in last {n % 60 + 1} days) > 2'
        for n in range(1, 501)
    ]
    definitions = read(rules)
    start = time.process_time()
    sql = sql_of(definitions)
    assert time.process_time() - start < 10
    assert len(sql) < 1_000_000


def test_nesting_does_not_double_the_query_at_every_level() -> None:
    age, one = Attribute(name="age"), Number(value=1)
    nested: Definition = age
    for _ in range(7):
        inside = Arithmetic(operator="/", left=nested, right=age)
        between = Between(value=inside, low=age, high=age)
        nested = Choice(cases=(Case(when=between, then=one),), otherwise=one)
    one_level = len(
        sql_of({"rule": Compare(operator="=", left=Arithmetic(operator="/", left=age, right=age), right=one)})
    )
    assert len(sql_of({"rule": Compare(operator="=", left=nested, right=one)})) < 30 * one_level


def test_a_long_chain_of_tags_is_computed_level_by_level() -> None:
    chain = {"tag_0": parse("age > 1").tree}
    chain |= {f"tag_{n}": parse(f'has tag "tag_{n - 1}" and has tag "tag_{n // 2}"').tree for n in range(1, 60)}
    assert len(sql_of(chain)) < 200_000


def test_definitions_need_what_they_read_and_no_more() -> None:
    definitions = {
        "mine": parse(
            'has tag "theirs" and has tag "stored" = "a" and tag "stored" != "b" and has tag "theirs" as of 2026-01-31 '
            'and in audience "live" and in audience "frozen" and age > 1 '
            'and any insured (share > 1 and city = "Bonn") and ever(events since first_ordered_on)'
        ).tree,
        "theirs": parse("last(orders.category where amount > 1) = 'tea'").tree,
    }
    audiences = {
        "live": parse('count(orders) > 1 and in audience "other"').tree,
        "other": parse("first(contracts) = today").tree,
        "nobody names it": parse("gender = 'female'").tree,
    }
    found = needed(definitions, vocabulary=VOCABULARY, audiences=audiences)
    assert found.attributes == {"age", "first_ordered_on"}
    assert found.facts == {
        "events": {"customer_id", "occurred_on"},
        "orders": {"customer_id", "ordered_on", "ordered_at", "category", "amount", "source", "order_id"},
        "contracts": {"customer_id", "started_on"},
    }
    assert found.tags == {("stored", None), ("theirs", date(2026, 1, 31))}
    assert found.audiences == {"frozen"}
    assert list(found.related.values()) == [{"city"}]
    assert related_in(definitions, audiences) == set(found.related)


@pytest.mark.parametrize("rules", [[], ["age > 1"]])
def test_the_columns_are_those_of_the_definitions(rules: list[str]) -> None:
    result = evaluated(read(rules), TABLES, vocabulary=VOCABULARY, as_of=AS_OF)
    assert result.columns == ("customer_id", *read(rules))
