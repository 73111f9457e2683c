"""`contains`, `starts with` and `ends with`: a letter is the same as its small one, wherever it is looked at."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.rules.oracle import World, answers, small
from tests.rules.random_facts import AS_OF, TEXTS, Company, Opened
from tests.rules.vocabularies import everything
from tests.spec.spark import ENGINES, engine_for_tests

from zhike.rules import tree
from zhike.rules.compiling.expressions import without_case
from zhike.understand.tags.counting.asked import asked_by
from zhike.warehouse.contracts import Column, Contract, Kind

OPERATORS = get_args(tree.Matches.model_fields["operator"].annotation)
EMPLOYER = tree.Attribute(name="employer")
# Capital letters that are younger than version 14 of Unicode, whose small ones not every engine knows.
YOUNG = {
    *(0x1C89, 0xA7CB, 0xA7CC, 0xA7CE, 0xA7D2, 0xA7D4, 0xA7DA, 0xA7DC, 0xA7DD, 0xA7E2, 0xAB6C, 0xAB6D),
    *range(0x10D50, 0x10D66),
    *range(0x16EA0, 0x16EB9),
    *range(0x1DF40, 0x1DF80),
}
OLD = [
    chr(code)
    for code in range(1, 0x110000)
    if code not in YOUNG and unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")
]


def matches(operator: str, text: str) -> tree.Matches:
    return tree.Matches(operator=operator, value=EMPLOYER, text=text)


def company() -> Company:
    """One customer for each text."""
    nobody = dict.fromkeys(everything().attributes)
    rows = [nobody | {"customer_id": number, "employer": text} for number, text in enumerate(TEXTS, start=1)]
    return Company(World(everything(), AS_OF, customers=rows), [], [])


@pytest.mark.parametrize(
    ("text", "operator", "part", "holds"),
    [
        ("ΟΔΟΣ", "contains", "σ", True),
        ("ΟΔΟΣ", "ends with", "ος", True),
        ("οδος", "ends with", "ΟΣ", True),
        ("İSTANBUL BANK", "starts with", "istanbul", True),
        ("istanbul bank", "starts with", "İST", True),
        ("ISTANBUL", "contains", "ı", False),
        ("GROẞ", "ends with", "ß", True),
        ("groß", "ends with", "SS", False),
        ("Ǆ", "contains", "ǆ", True),
        ("É", "contains", "e", False),
    ],
)
def test_a_letter_is_the_same_as_its_small_one(text: str, operator: str, part: str, holds: bool) -> None:
    asked = asked_by(matches(operator, part), AS_OF)
    assert asked is not None
    assert asked.texts is not None
    assert list(asked.texts([text])) == [text] * holds
    world = World(everything(), AS_OF, customers=[{"customer_id": 1, "employer": text}])
    assert answers({"a": matches(operator, part)}, world) == [{"customer_id": 1, "a": holds}]


def test_an_index_says_what_plain_python_says() -> None:
    world = company().world
    for operator in OPERATORS:
        for part in filter(None, TEXTS):
            condition = matches(operator, part)
            asked = asked_by(condition, AS_OF)
            assert asked is not None
            assert asked.texts is not None
            expected = [text for text, row in zip(TEXTS, answers({"a": condition}, world), strict=True) if row["a"]]
            assert list(asked.texts(list(TEXTS))) == expected, (operator, part)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_says_what_plain_python_says(engine: str, tmp_path: Path) -> None:
    one = company()
    rules = {
        f"{operator[0]}{place}": matches(operator, part)
        for operator in OPERATORS
        for place, part in enumerate(filter(None, TEXTS))
    }
    expected = answers(rules, one.world)
    found = Opened(one, engine_for_tests(engine), tmp_path).answers(rules)
    wrong = [
        (TEXTS[row["customer_id"] - 1], rules[name])
        for row, other in zip(expected, found, strict=True)
        for name in rules
        if row[name] is not other[name]
    ]
    assert wrong == []


@pytest.mark.parametrize("engine", ENGINES)
def test_every_letter_that_is_not_young_has_one_small_one(engine: str, tmp_path: Path) -> None:
    chosen = engine_for_tests(engine)
    pq.write_table(pa.table({"letter": OLD}), tmp_path / "letters.parquet")
    contract = Contract("tests", "letters", "one letter", ("letter",), (Column("letter", Kind.TEXT, ""),))
    letters = chosen.open(contract, [f"file://{tmp_path / 'letters.parquet'}"])
    rows = chosen.arrow(letters.select("letter", small=without_case(letters.letter, beside="iσ"))).to_pylist()
    assert len(rows) == len(OLD)
    assert [row for row in rows if row["small"] != small(row["letter"])] == []


def test_every_letter_that_is_not_young_has_the_same_small_one_in_an_index() -> None:
    for letter in OLD:
        if (part := small(letter)) != letter:
            asked = asked_by(matches("starts with", part), AS_OF)
            assert asked is not None
            assert asked.texts is not None
            assert list(asked.texts([letter])) == [letter]
