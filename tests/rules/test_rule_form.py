"""The builder's rows: made of a rule, and a rule made of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from tests.rules import random_rules
from tests.rules.vocabularies import everything, odd_names, without_personal_data

from zhike.rules import tree
from zhike.rules.builder.choices import (
    FUNCTION_TITLES,
    OPERATORS,
    UNIT_TITLES,
    WINDOW_TITLES,
    Takes,
    columns_for,
    kind_made,
    operators_for,
)
from zhike.rules.builder.rows import (
    AttributeRow,
    AudienceRow,
    FactsRow,
    Group,
    RelatedRow,
    Row,
    TagRow,
    TextRow,
    WindowFields,
)
from zhike.rules.checking.functions import TAKES
from zhike.rules.form import Form, FormError, form_of, read_form, tree_of
from zhike.rules.text import parse, parse_rule, text_of
from zhike.rules.vocabulary import ValueKind

often = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
NUMBER, TEXT, DAY, FLAG = ValueKind.NUMBER, ValueKind.TEXT, ValueKind.DAY, ValueKind.FLAG
RULE = (
    'gender = "female" and age between 30 and 45 and not count(orders where category = "skincare" in last 90 days) >= 2'
    ' and (has tag "rfm_segment" in ("champions", "loyal") as of 2026-01-31 or tag "basket_size" > 3) '
    'and any insured (relation_to_holder = "child" and age < 12) and not in audience "our friends" '
    "and last(events) within 30 days and ever(contracts where is_auto_renewed = yes) and age / 2 > 15 "
    "and born_on is unknown"
)
SHOWN = Group(
    rows=(
        AttributeRow(name="gender", operator="=", value_kind=TEXT, values=("female",)),
        AttributeRow(name="age", operator="between", value_kind=NUMBER, values=("30", "45")),
        FactsRow(
            negated=True,
            function="count",
            table="orders",
            where=Group(rows=(AttributeRow(name="category", values=("skincare",)),)),
            window=WindowFields(kind="last", number="90", unit="day"),
            operator=">=",
            value_kind=NUMBER,
            values=("2",),
        ),
        Group(
            match="any",
            rows=(
                TagRow(tag="rfm_segment", values=("champions", "loyal"), as_of="2026-01-31"),
                TagRow(tag="basket_size", operator=">", value_kind=NUMBER, values=("3",)),
            ),
        ),
        RelatedRow(
            quantifier="any",
            relation="insured",
            where=Group(
                rows=(
                    AttributeRow(name="relation_to_holder", values=("child",)),
                    AttributeRow(name="age", operator="<", value_kind=NUMBER, values=("12",)),
                )
            ),
        ),
        AudienceRow(negated=True, audience="our friends"),
        FactsRow(function="last", table="events", operator="within", value_kind=DAY, values=("30",), unit="day"),
        FactsRow(
            function="ever",
            table="contracts",
            where=Group(rows=(AttributeRow(name="is_auto_renewed", value_kind=FLAG, values=("yes",)),)),
        ),
        TextRow(text="age / 2 > 15"),
        AttributeRow(name="born_on", operator="is unknown"),
    )
)


def rows_of(group: Group) -> Iterator[Row]:
    for row in group.rows:
        yield row
        inner = row if isinstance(row, Group) else getattr(row, "where", None)
        if inner is not None:
            yield from rows_of(inner)


@often
@given(random_rules.conditions(everything()))
def test_nothing_is_lost_between_tree_and_rows(condition: tree.Condition) -> None:
    form = form_of(condition)
    assert tree_of(form) == condition
    assert form_of(tree_of(form)) == form
    assert read_form(form, everything()) == condition
    assert Form.model_validate_json(form.model_dump_json()) == form


@often
@given(random_rules.conditions(odd_names(), depth=2))
def test_nothing_is_lost_of_odd_names(condition: tree.Condition) -> None:
    assert tree_of(form_of(condition)) == condition
    assert read_form(form_of(condition), odd_names()) == condition


@often
@given(random_rules.conditions(everything()))
def test_what_stands_in_fields_survives_a_page(condition: tree.Condition) -> None:
    """Browsers send line breaks otherwise, and pages cut blanks off."""
    for row in rows_of(form_of(condition)):
        typed = [value for value in row.model_dump().values() if isinstance(value, str)]
        typed += getattr(row, "values", ())
        assert [text for text in typed if text != text.strip() or "\n" in text or "\r" in text] == []


def test_the_rows_show_what_the_text_says() -> None:
    assert form_of(parse_rule(RULE)) == SHOWN
    assert text_of(tree_of(SHOWN)) == RULE
    assert read_form(SHOWN, everything()) == parse_rule(RULE)


def test_one_condition_is_one_row() -> None:
    form = form_of(parse_rule("age > 3"))
    assert form == Group(rows=(AttributeRow(name="age", operator=">", value_kind=NUMBER, values=("3",)),))
    assert tree_of(Group(match="any", rows=form.rows)) == parse_rule("age > 3")


def test_a_double_negation_shows_both() -> None:
    form = form_of(parse_rule("not not age is known"))
    assert form == Group(rows=(AttributeRow(negated=True, name="age", operator="is unknown"),))
    form = form_of(parse_rule('not not in audience "x"'))
    assert form == Group(negated=True, rows=(AudienceRow(negated=True, audience="x"),))
    assert tree_of(form) == parse_rule('not not in audience "x"')


def test_what_fields_would_not_give_back_stands_in_the_text() -> None:
    for rule in (
        'city = ""',
        'city = " x"',
        'city = "a\\nb"',
        'has tag "x" = ""',
        "`` is known",
        "3 = age",
        "age = age",
    ):
        (row,) = form_of(parse_rule(rule)).rows
        assert row == TextRow(text=rule)


def test_today_can_be_typed_where_a_day_can() -> None:
    form = Group(
        rows=(AttributeRow(name="born_on", operator="between", value_kind=DAY, values=("2026-01-31", "Today")),)
    )
    assert tree_of(form) == parse_rule("born_on between 2026-01-31 and today")
    assert form_of(tree_of(form)).rows[0].values == ("2026-01-31", "today")  # type: ignore[union-attr]


def test_a_row_of_text_may_hold_any_condition() -> None:
    form = Group(rows=(TextRow(text="age > 3 and city = 'x'", negated=True), AudienceRow(audience="x")))
    assert tree_of(form) == parse_rule('not (age > 3 and city = "x") and in audience "x"')


NUMBERS = {"5000": "5000", " 12.50 ": "12.50", "5,000,000": "5000000", "１２．５": "12.5", "－3": "-3", "−3": "-3"}


@pytest.mark.parametrize("typed", NUMBERS)
def test_numbers_are_understood_as_people_type_them(typed: str) -> None:
    row = AttributeRow(name="age", operator="=", value_kind=NUMBER, values=(typed,))
    assert tree_of(Group(rows=(row,))) == tree.Compare(
        operator="=", left=tree.Attribute(name="age"), right=tree.Number(value=Decimal(NUMBERS[typed]))
    )


def test_what_was_typed_is_what_the_attribute_is() -> None:
    """A page without scripts does not know the kind of what was chosen in it."""
    rows = (
        AttributeRow(name="age", operator=">", values=("30",)),
        AttributeRow(name="born_on", operator=">", values=("2000-01-01",)),
        AttributeRow(name="city", value_kind=NUMBER, values=("5",)),
        TagRow(tag="basket_size", operator=">", values=("3",)),
        FactsRow(function="sum", table="orders", column="amount", operator=">", values=("3",)),
        FactsRow(function="count", table="orders", operator=">", values=("3",)),
        FactsRow(
            function="ever",
            table="contracts",
            where=Group(rows=(AttributeRow(name="is_auto_renewed", values=("no",)),)),
        ),
        RelatedRow(relation="insured", where=Group(rows=(AttributeRow(name="since_on", values=("2026-01-31",)),))),
    )
    assert text_of(read_form(Group(rows=rows), everything())) == (
        'age > 30 and born_on > 2000-01-01 and city = "5" and tag "basket_size" > 3 and sum(orders.amount) > 3 and '
        "count(orders) > 3 and ever(contracts where is_auto_renewed = no) and any insured (since_on = 2026-01-31)"
    )


AGE = AttributeRow(name="age", operator=">", value_kind=NUMBER, values=("3",))
UNFILLED = "this is not filled in yet"
# A row in which something is wrong; the row and field that are pointed at; what is said.
MISTAKES: tuple[tuple[Row, str, str, str], ...] = (
    (AttributeRow(), "1", "name", UNFILLED),
    (AttributeRow(name="aeg", values=("x",)), "1", "name", "there is no attribute “aeg”"),
    (AttributeRow(name="name", values=("x",)), "1", "name", "to select by “name” takes the right to see personal data"),
    (AttributeRow(name="age"), "1", "values.0", UNFILLED),
    (AttributeRow(name="age", values=("old",)), "1", "values.0", "“old” is no number"),
    (AttributeRow(name="age", values=("1" * 50,)), "1", "values.0", f"“{'1' * 40}…” is no number"),
    (AttributeRow(name="age", values=("1" * 19,)), "1", "values.0", "a number has at most 18 digits"),
    (AttributeRow(name="age", operator="between", values=("3",)), "1", "values.1", UNFILLED),
    (AttributeRow(name="age", operator="between", values=("3", "1")), "1", "values.0", "nothing lies between these"),
    (AttributeRow(name="age", operator="in", values=("3", "", "x")), "1", "values.2", "“x” is no number"),
    (AttributeRow(name="age", operator="in", values=("", " ")), "1", "values.0", UNFILLED),
    (AttributeRow(name="gender", operator="in", values=("male", "x")), "1", "values.1", "“gender” is never “x”"),
    (AttributeRow(name="gender", operator="not in", values=("x",)), "1", "values.0", "“gender” is never “x”"),
    (AttributeRow(name="gender", operator="<", values=("male",)), "1", "operator", "“<” compares numbers and days"),
    (AttributeRow(name="age", operator="~"), "1", "operator", "there is no operator “~”"),
    (
        AttributeRow(name="age", operator="contains", values=("1",)),
        "1",
        "name",
        "“contains” takes a text, and “age” is a number",
    ),
    (AttributeRow(name="born_on", values=("31.1.2026",)), "1", "values.0", "there is no day 31.1.2026"),
    (
        AttributeRow(name="born_on", operator="within", values=("x",), unit="day"),
        "1",
        "values.0",
        "this must be a whole number, 1 or more",
    ),
    (
        AttributeRow(name="born_on", operator="within", values=("3",)),
        "1",
        "unit",
        "this must be day, week, month, quarter or year",
    ),
    (
        AttributeRow(name="born_on", operator="within", values=("300",), unit="year"),
        "1",
        "values.0",
        "a window is at most 100 years long",
    ),
    (TagRow(), "1", "tag", UNFILLED),
    (TagRow(tag="x"), "1", "tag", "there is no tag “x”"),
    (TagRow(tag="rfm_segment", values=("loyal", "x")), "1", "values.1", "“rfm_segment” is never “x”"),
    (TagRow(tag="rfm_segment", as_of="soon"), "1", "as_of", "there is no day soon"),
    (TagRow(tag="basket_size", operator=">", values=("x",)), "1", "values.0", "“x” is no number"),
    (AudienceRow(audience="x"), "1", "audience", "there is no audience “x”"),
    (FactsRow(function="add"), "1", "function", "there is no function “add”"),
    (FactsRow(function="ever"), "1", "table", UNFILLED),
    (FactsRow(function="ever", table="x"), "1", "table", "there are no facts “x”"),
    (FactsRow(table="orders", column="amount", values=("1",)), "1", "column", "“count” takes no column"),
    (FactsRow(function="sum", table="orders", values=("1",)), "1", "function", "“sum” needs a column of the facts"),
    (
        FactsRow(function="streak", table="orders", by="x", values=("1",)),
        "1",
        "by",
        "this must be day, week, month, quarter or year",
    ),
    (FactsRow(table="orders", by="day", values=("1",)), "1", "by", "“count” takes no unit of the calendar"),
    (FactsRow(table="orders", values=("many",)), "1", "values.0", "“many” is no number"),
    (
        FactsRow(table="orders", values=("1",), window=WindowFields(kind="x")),
        "1",
        "window.kind",
        "there is no window “x”",
    ),
    (
        FactsRow(table="orders", values=("1",), window=WindowFields(kind="last", unit="day")),
        "1",
        "window.number",
        UNFILLED,
    ),
    (
        FactsRow(table="orders", values=("1",), window=WindowFields(kind="dates")),
        "1",
        "window.kind",
        "a window of days needs a first day or a last one",
    ),
    (
        FactsRow(table="orders", values=("1",), window=WindowFields(kind="since", attribute="age")),
        "1",
        "window.attribute",
        "“since” takes a day, and “age” is a number",
    ),
    (
        FactsRow(function="ever", table="orders", where=Group(rows=(AGE,))),
        "1.1",
        "name",
        "“orders” have no column “age”",
    ),
    (FactsRow(function="ever", table="orders", where=Group()), "1", "", "there is no condition here yet"),
    (
        RelatedRow(quantifier="some", relation="insured", where=Group(rows=(AGE,))),
        "1",
        "quantifier",
        "this must be any or all",
    ),
    (RelatedRow(relation="x", where=Group(rows=(AGE,))), "1", "relation", "there is no relation “x”"),
    (
        RelatedRow(relation="insured", where=Group(rows=(AGE, Group(rows=(TagRow(tag="rfm_segment"),))))),
        "1.2.1",
        "",
        '“has tag "rfm_segment"” cannot stand in the condition of a relation',
    ),
    (Group(), "1", "", "there is no condition here yet"),
    (Group(negated=True, rows=(AGE, AGE.model_copy(update={"name": "x"}))), "1.2", "name", "there is no attribute “x”"),
    (TextRow(text="age > > 3"), "1", "text", "“>” cannot stand here"),
    (TextRow(text="age"), "1", "text", "this is a value, and no condition"),
    (TextRow(text="age > 3 and aeg > 3", negated=True), "1", "text", "there is no attribute “aeg”"),
)


@pytest.mark.parametrize(("row", "where", "field", "message"), MISTAKES)
@pytest.mark.parametrize("before", [0, 2], ids=["alone", "after others"])
def test_a_mistake_is_told_at_its_row_and_field(row: Row, where: str, field: str, message: str, before: int) -> None:
    """Also where rows that are right stand before it, and the tree is another."""
    with pytest.raises(FormError) as refused:
        read_form(Group(rows=(*[AGE] * before, row)), without_personal_data())
    error = refused.value
    place = [int(step) - 1 for step in where.split(".")]
    place[0] += before
    assert (error.row, error.field, error.message) == (tuple(place), field, message)
    assert error.where == "row " + ".".join(str(step + 1) for step in place)


def test_a_mistake_in_a_row_of_text_has_its_place_in_the_text() -> None:
    for text, pointed_at in (("age > 3 and aeg > 3", "aeg"), ("age > 3 adn city is known", "adn")):
        with pytest.raises(FormError) as refused:
            read_form(Group(rows=(TextRow(text=text, negated=True),)), everything())
        assert refused.value.span is not None
        assert text[refused.value.span.start : refused.value.span.end] == pointed_at


def test_an_empty_builder_says_what_to_do() -> None:
    with pytest.raises(FormError, match="there is no condition here yet") as refused:
        tree_of(Group())
    assert (refused.value.row, refused.value.where) == ((), "")


def test_rows_have_the_limits_of_rules() -> None:
    with pytest.raises(FormError, match="at most 500 parts"):
        tree_of(Group(rows=(AGE,) * 400))
    deep = Group(rows=(AGE,))
    for _ in range(200):
        deep = Group(negated=True, rows=(deep,))
    with pytest.raises(FormError, match="nested too deep"):
        tree_of(deep)


def test_operators_fit_the_kind_of_value() -> None:
    assert [operator.name for operator in operators_for(TEXT)] == [
        *("=", "!=", "in", "not in", "contains", "starts with", "ends with", "is known", "is unknown")
    ]
    assert [operator.name for operator in operators_for(FLAG)] == ["=", "!=", "is known", "is unknown"]
    assert "within" in {operator.name for operator in operators_for(DAY)}
    assert "<" in {operator.name for operator in operators_for(NUMBER)}


LITERALS = {NUMBER: "3", TEXT: "x", DAY: "2026-01-31", FLAG: "yes"}
OF_KIND = {NUMBER: "age", TEXT: "city", DAY: "born_on", FLAG: "last(contracts.is_auto_renewed)"}


@pytest.mark.parametrize("kind", ValueKind)
def test_every_operator_that_is_offered_is_accepted(kind: ValueKind) -> None:
    subject = parse(OF_KIND[kind]).tree
    for operator in operators_for(kind):
        count = {Takes.NOTHING: 0, Takes.TWO: 2}.get(operator.takes, 1)
        value = "3" if operator.takes == Takes.UNITS else LITERALS[kind]
        fields = {"operator": operator.name, "values": (value,) * count, "unit": "day"}
        row: Row = (
            FactsRow(function="last", table="contracts", column="is_auto_renewed", **fields)
            if isinstance(subject, tree.Aggregate)
            else AttributeRow(name=OF_KIND[kind], **fields)
        )
        assert read_form(Group(rows=(row,)), everything())


def test_columns_that_are_offered_fit_the_function() -> None:
    columns = {"amount": NUMBER, "ordered_on": DAY, "category": TEXT, "is_new": FLAG}
    assert columns_for("sum", columns) == ("amount",)
    assert columns_for("min", columns) == ("amount", "ordered_on")
    assert columns_for("last", columns) == tuple(columns)
    assert columns_for("count", columns) == columns_for("ever", columns) == ()
    assert (kind_made("sum", NUMBER), kind_made("max", DAY), kind_made("distinct", TEXT)) == (NUMBER, DAY, NUMBER)
    assert (kind_made("last", None), kind_made("count", None), kind_made("sum", None)) == (DAY, NUMBER, None)
    assert kind_made("ever", None) is kind_made("nonsense", None) is None


def test_everything_that_can_be_chosen_has_words() -> None:
    assert set(FUNCTION_TITLES) == {"ever", *tree.Function}
    assert set(UNIT_TITLES) == set(tree.Unit)
    assert set(WINDOW_TITLES) == {"", "last", "this", "previous", "dates", "since"}
    assert set(TAKES) <= set(tree.Function)
    spelt = {operator.name for operator in OPERATORS.values()}
    for condition in (tree.Compare, tree.Matches):
        assert set(condition.model_fields["operator"].annotation.__args__) <= spelt  # type: ignore[union-attr]
    assert all(str(operator.title) for operator in OPERATORS.values())


def test_a_day_stays_the_day_that_it_is() -> None:
    form = form_of(tree.HasTag(tag="x", as_of=date(2026, 1, 31)))
    assert form.rows == (TagRow(tag="x", as_of="2026-01-31"),)
