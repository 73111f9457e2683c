"""How large a rule may be."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.rules.vocabularies import everything

from zhike.rules import tree
from zhike.rules.check import checked, read_rule
from zhike.rules.errors import RuleError
from zhike.rules.form import form_of
from zhike.rules.text import text_of

BY_PARTS = "Make tags of its parts, and a rule of these tags."


def nots(count: int) -> tree.Condition:
    condition: tree.Condition = tree.HasTag(tag="owns_smartphone")
    for _ in range(count):
        condition = tree.Not(of=condition)
    return condition


def test_a_rule_may_be_30_levels_deep() -> None:
    assert checked(nots(29), everything()) is None
    with pytest.raises(RuleError, match="at most 30 levels deep") as refused:
        checked(nots(30), everything())
    assert refused.value.advice == BY_PARTS


def test_depth_is_refused_and_never_a_crash() -> None:
    deep = nots(100_000)
    for face in (lambda: checked(deep, everything()), lambda: text_of(deep), lambda: form_of(deep)):
        with pytest.raises(RuleError, match="at most 30 levels deep"):
            face()


def test_a_rule_may_have_500_parts() -> None:
    assert read_rule(" and ".join(["age > 1"] * 166), everything())
    with pytest.raises(RuleError, match="at most 500 parts") as refused:
        read_rule(" and ".join(["age > 1"] * 167), everything())
    assert refused.value.advice == BY_PARTS


def test_a_rule_may_have_10_different_conditions_on_relations() -> None:
    ten = [f"any insured (age > {number})" for number in range(10)]
    assert read_rule(" or ".join(ten * 3), everything())
    with pytest.raises(RuleError, match="at most 10 different conditions on relations") as refused:
        read_rule(" or ".join([*ten, *ten, "all insured (age > 0)", "any insured (age > 99)"]), everything())
    assert refused.value.advice == BY_PARTS
    assert refused.value.span is not None
    assert refused.value.span.start == len(" or ".join([*ten, *ten, ""]))  # where the eleventh stands


def test_a_rule_may_have_100_different_functions_of_facts() -> None:
    hundred = [f"ever(orders in last {number} days)" for number in range(1, 100)] + ["count(orders) > 1"]
    assert read_rule(" or ".join([*hundred, "count(orders) > 2"]), everything())
    with pytest.raises(RuleError, match="at most 100 different functions of facts") as refused:
        read_rule(" or ".join([*hundred, "ever(events)"]), everything())
    assert refused.value.advice == BY_PARTS


def test_a_list_may_have_1000_values() -> None:
    assert read_rule(f"age in ({', '.join(['1'] * 1000)})", everything())
    with pytest.raises(RuleError, match="at most 1000 values, and this one 1001"):
        read_rule(f"age in ({', '.join(['1'] * 1001)})", everything())
    with pytest.raises(RuleError, match="at most 1000 values"):
        checked(tree.HasTag(tag="favourite_shop", values=("x",) * 1001), everything())


def test_a_text_may_have_10000_characters() -> None:
    rule = 'city = "{}"'
    longest = rule.format("x" * (10_000 - len(rule.format(""))))
    assert read_rule(longest, everything())
    with pytest.raises(RuleError, match="at most 10000 characters, and this one 10001"):
        read_rule(f"{longest} ", everything())


def test_a_tree_must_fit_into_a_text() -> None:
    with pytest.raises(RuleError, match="at most 10000 characters"):
        checked(tree.Known(value=tree.Text(value="x" * 10_000)), everything())


@pytest.mark.parametrize("number", ["123456789012345678", "-12345678901234.5678", "0.00000000000000001", "1E+17"])
def test_a_number_may_have_18_digits(number: str) -> None:
    known = tree.Known(value=tree.Number(value=Decimal(number)))
    assert checked(known, everything()) is None
    assert "E" not in text_of(known)


@pytest.mark.parametrize("number", ["1234567890123456789", "12345678901234.56789", "1E-18", "1E+18", "1E+999999"])
def test_a_number_may_not_have_19_digits(number: str) -> None:
    with pytest.raises(RuleError, match="at most 18 digits"):
        checked(tree.Known(value=tree.Number(value=Decimal(number))), everything())


@pytest.mark.parametrize(
    ("most", "unit"), [(36500, "day"), (5200, "week"), (1200, "month"), (400, "quarter"), (100, "year")]
)
def test_a_window_may_be_100_years_long(most: int, unit: str) -> None:
    assert read_rule(f"ever(orders in last {most} {unit}) or born_on within {most} {unit}", everything())
    for text in (f"ever(orders in last {most + 1} {unit})", f"born_on within {most + 1} {unit}"):
        with pytest.raises(RuleError, match="at most 100 years long"):
            read_rule(text, everything())


def test_a_window_of_days_has_a_border() -> None:
    facts = tree.Facts(table="orders", window=tree.Dates())
    with pytest.raises(RuleError, match="needs a first day or a last one"):
        checked(tree.Ever(facts=facts), everything())


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_characters_that_no_database_stores_are_refused(text: str) -> None:
    named = tree.Compare(operator="=", left=tree.Attribute(name="city"), right=tree.Text(value=text))
    with pytest.raises(RuleError, match="characters that are none"):
        checked(named, everything())
    with pytest.raises(RuleError, match="characters that are none"):
        read_rule(f'city = "{text}"', everything())
