"""The evaluators of rules agree: plain Python, DuckDB, Spark and bitmaps, on random rules over random data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from tests.rules import random_rules
from tests.rules.asking import Listed
from tests.rules.oracle import Customer, Row, answers
from tests.rules.random_facts import DAYS, NUMBERS, SNAPSHOTS, TEXTS, Opened, random_company
from tests.rules.vocabularies import everything
from tests.spec.spark import SPARK, SPARK_MARKS, engine_for_tests

from zhike.rules import tree
from zhike.rules.bitmaps import count, members
from zhike.rules.check import checked
from zhike.rules.text import text_of
from zhike.rules.tree import Condition, Definition
from zhike.rules.vocabulary import KnownTag, TagKind, ValueKind

COMPANIES = 8
DRAWS = random_rules.Draws(
    numbers=st.sampled_from(NUMBERS),
    days=st.sampled_from(DAYS),
    texts=st.sampled_from([text for text in TEXTS if "\0" not in text]),  # which facts may have and rules may not
    snapshots=st.sampled_from([None, *SNAPSHOTS]),
)
STORED = everything()
# Tags that are computed together with the rules that name them.
DEFINED = {
    "defined_yes_no": TagKind.YES_NO,
    "defined_category": TagKind.CATEGORY,
    "defined_number": TagKind.NUMBER,
    "defined_date": TagKind.DATE,
}
EVERYTHING = replace(
    STORED,
    tags={**STORED.tags, **{name: KnownTag(name, kind) for name, kind in DEFINED.items()}},
    audiences=STORED.audiences | {"live"},
)
VALUES = {TagKind.CATEGORY: ValueKind.TEXT, TagKind.NUMBER: ValueKind.NUMBER, TagKind.DATE: ValueKind.DAY}
Drawn = tuple[Mapping[str, Definition], Mapping[str, Definition]]
Companies = Callable[[str, int], Opened]

stored_conditions = random_rules.conditions(STORED, draws=DRAWS)
seeds = st.integers(0, COMPANIES - 1)


def often(examples: int) -> settings:
    """Without shrinking, which takes minutes here: what differs is told rule by rule, and most rules are short."""
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@st.composite
def rules(draw: st.DrawFn, number: int) -> Drawn:
    """Definitions of tags, rules that name them too, and a live audience."""
    named: dict[str, Definition] = {}
    for name, kind in DEFINED.items():
        values = VALUES.get(kind)
        named[name] = draw(random_rules.values(STORED, values, draws=DRAWS) if values else stored_conditions)
    more = draw(st.lists(random_rules.definitions(EVERYTHING, draws=DRAWS), min_size=number, max_size=number))
    live = {"live": draw(stored_conditions)}
    return {**{f"rule_{place}": rule for place, rule in enumerate(more)}, **named}, live


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Companies:
    """Opens one of the companies in the tables of an engine."""

    @cache
    def opened(engine: str, seed: int) -> Opened:
        folder = tmp_path_factory.mktemp("company")
        return Opened(random_company(EVERYTHING, seed), engine_for_tests(engine), folder)

    return opened


def differences(company: Opened, drawn: Drawn) -> list[str]:
    """The rules of which the engine says something else than plain Python does, and what."""
    definitions, audiences = drawn
    for rule in definitions.values():
        checked(rule, EVERYTHING)
    expected = answers(definitions, company.world, audiences)
    found = company.answers(definitions, audiences)
    assert [row["customer_id"] for row in found] == [row["customer_id"] for row in expected]
    return [
        f"{name}: {text_of(rule)}: customer {one['customer_id']}: {other[name]!r}, not {one[name]!r}"
        for name, rule in definitions.items()
        for one, other in zip(expected, found, strict=True)
        if one[name] != other[name] or type(one[name]) is not type(other[name])
    ]


@often(60)
@given(rules(6), seeds)
def test_duckdb_says_what_plain_python_says(companies: Companies, drawn: Drawn, seed: int) -> None:
    assert differences(companies("duckdb", seed), drawn) == []


@pytest.mark.parametrize("engine", [pytest.param(SPARK, id="spark", marks=SPARK_MARKS)])
def test_spark_says_what_plain_python_says(companies: Companies, engine: str) -> None:
    @often(4)
    @given(rules(10), st.integers(1, 3))
    def compare(drawn: Drawn, seed: int) -> None:
        assert differences(companies(engine, seed), drawn) == []

    compare()


class Index:
    """Answers what is asked of one attribute or tag by looking at each customer, and the rest by DuckDB."""

    def __init__(self, company: Opened) -> None:
        self.world = company.world
        self.everybody = BitMap(company.world.by_id)
        self.asked: list[int] = []  # how many conditions at each pass
        self._company = company
        self._given: dict[object, tuple[BitMap, BitMap]] = {}

    def tag(self, name: str, values: tuple[str, ...] = (), as_of: date | None = None) -> BitMap:
        rows = self.world.tags[name, as_of]
        return self._give(
            (name, values, as_of), [row["customer_id"] for row in rows if not values or row["value"] in values]
        )

    def attribute(self, condition: Condition) -> BitMap | None:
        subject = getattr(condition, "value", getattr(condition, "left", getattr(condition, "day", None)))
        if not isinstance(subject, tree.Attribute) or len(subject.name) % 3 == 0:
            return None  # some are not indexed
        people = [Customer(number, self.world, {}, {}) for number in self.world.by_id]
        return self._give(condition, [one.number for one in people if one.holds(condition)])

    def numbers(self, condition: Condition) -> Listed | None:
        if not isinstance(condition, tree.Between):
            return None
        found = self.attribute(condition)
        return None if found is None else Listed(found)

    def audience(self, name: str) -> BitMap:
        return self._give(name, self.world.audiences[name])

    def scan_many(self, conditions: Sequence[Condition]) -> list[BitMap]:
        wanted = {f"c{place}": one for place, one in enumerate(conditions) if one not in self._given}
        if wanted:
            self.asked.append(len(wanted))
            rows: list[Row] = self._company.answers(wanted)
            for name, condition in wanted.items():
                self._give(condition, [row["customer_id"] for row in rows if row[name]])
        return [self._given[condition][0] for condition in conditions]

    def was_changed(self) -> bool:
        """Whether somebody changed a set that was handed out."""
        return any(given != copy for given, copy in self._given.values()) or set(self.everybody) != set(
            self.world.by_id
        )

    def _give(self, key: object, numbers: Sequence[int] | set[int]) -> BitMap:
        if key not in self._given:
            found = BitMap(numbers) & self.everybody
            self._given[key] = (found, BitMap(found))
        return self._given[key][0]


@often(40)
@given(st.lists(stored_conditions, min_size=2, max_size=5), seeds)
def test_bitmaps_say_what_plain_python_says(companies: Companies, drawn: list[Condition], seed: int) -> None:
    company = companies("duckdb", seed)
    index = Index(company)
    definitions = {str(place): rule for place, rule in enumerate(drawn)}
    expected = answers(definitions, company.world)
    members(tree.Any(of=tuple(drawn)), index)
    assert len(index.asked) <= 1  # what has no index is found in one pass
    for name, rule in definitions.items():
        customers = {row["customer_id"] for row in expected if row[name]}
        assert set(members(rule, index)) == customers, text_of(rule)
        assert count(rule, index) == len(customers), text_of(rule)
    assert not index.was_changed()
