"""Why a customer has a tag: the answer is what the refresh computed, with the facts that counted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from zhike.collect.profiles.queries import NoSuchCustomer
from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.rules.tree import Aggregate, Attribute, Choice, Ever, Node
from zhike.understand.tags.computing.rebuilding import rebuild_tag
from zhike.understand.tags.counting.held import values_of
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.defining.publishing import approve_version, publish_version
from zhike.understand.tags.defining.services import create_tag, draft_version
from zhike.understand.tags.definitions import NoSuchTag, published_tags
from zhike.understand.tags.explaining.judging import FACTS_SHOWN, Finding
from zhike.understand.tags.explaining.why import Why, value_in, why
from zhike.understand.tags.explaining.words import Told, answered
from zhike.understand.tags.setting.services import set_tag, undo_change, unset_tag
from zhike.warehouse.queries import published, rows

pytestmark = pytest.mark.usefixtures("company")
FOOD = 'line_of_business = "food"'


def in_force(name: str, rule: str = "", **more: str) -> None:
    """Defines a tag, takes it into force and computes it."""
    origin = "rule" if rule else "person"
    create_tag(name=name, rule=rule or None, origin=origin, theme="business", title=name, **more)
    approve_version(tag=name)
    publish_version(tag=name)
    if rule:
        rebuild_tag(name)


def having(tag: str) -> list[int]:
    return list(index_of(published()).tag(tag, (), None))


def part(found: Why, kind: type[Node]) -> Finding:
    """The first part of the rule of this kind."""

    def below(finding: Finding) -> list[Finding]:
        return [finding, *(one for part in finding.parts for one in below(part))]

    assert found.finding is not None
    return next(one for one in below(found.finding) if isinstance(one.node, kind))


def food_orders(customer_id: int, since: date) -> list[date]:
    """The days of the lines that the rules below count, the newest first."""
    lines = [row for row in rows(published().table(CUSTOMER_ORDERS)) if row["customer_id"] == customer_id]
    days = [row["ordered_on"] for row in lines if row["line_of_business"] == "food"]
    return sorted((day for day in days if since <= day <= published().as_of), reverse=True)  # type: ignore[operator]


@pytest.mark.timeout(280)
def test_the_answer_is_what_the_refresh_computed_for_every_tag_of_the_library() -> None:
    now = published()
    index = index_of(now)
    differing = []
    for tag in published_tags():
        having_it = index.tag(tag.name, (), None)
        lacking_it = index.everybody - having_it
        for customer_id in (*list(having_it)[:1], *list(having_it)[-1:], *list(lacking_it)[:1]):
            found = why(tag=tag.name, customer_id=customer_id)
            row = values_of(now, tag.name, [customer_id]).get(customer_id)
            if found.held != (value_in(row) if row else None) or not found.is_settled:
                differing.append((tag.name, customer_id, found.held, found.judged_now))
    assert differing == []


def test_the_facts_that_counted_are_named_newest_first() -> None:
    in_force("eats", f"count(orders where {FOOD} in last 24 months) >= 1")
    customer_id = having("eats")[0]
    found = why(tag="eats", customer_id=customer_id)
    counted = part(found, Aggregate)
    days = food_orders(customer_id, published().as_of - timedelta(days=2 * 366))
    assert found.held == "yes"
    assert counted.value >= 1
    assert [fact.on for fact in counted.facts] == days[:FACTS_SHOWN]
    assert counted.fact_count == len(days)


def test_what_lies_outside_the_window_does_not_count() -> None:
    in_force("ate", f"ever(orders where {FOOD})")
    in_force("ate_lately", f"ever(orders where {FOOD} in last 30 days)")
    lately = having("ate_lately")
    customer_id = next(one for one in having("ate") if one not in lately)
    found = part(why(tag="ate_lately", customer_id=customer_id), Ever)
    assert (found.holds, found.facts) == (False, ())
    assert part(why(tag="ate", customer_id=customer_id), Ever).facts


def test_of_a_choice_the_case_that_held_is_told() -> None:
    in_force("size", 'when revenue_amount >= 500 then "large" when revenue_amount > 0 then "small" otherwise "none"')
    index = index_of(published())
    values = {value: next(iter(index.tag("size", (value,), None))) for value in ("large", "small", "none")}
    small = why(tag="size", customer_id=values["small"])
    assert isinstance(small.finding and small.finding.node, Choice)
    assert [one.holds for one in small.finding.parts] == [False, True]  # type: ignore[union-attr]
    assert [line.sign for line in answered(small)["lines"]] == ["no", "yes"]
    large = answered(why(tag="size", customer_id=values["large"]))["lines"]
    assert [line.sign for line in large] == ["yes", ""], "the other case was not asked any more"
    assert [line.sign for line in answered(why(tag="size", customer_id=values["none"]))["lines"]] == ["no", "no", "yes"]


def test_who_lacks_a_tag_is_told_what_does_not_hold() -> None:
    in_force("both", f"ever(orders where {FOOD}) and revenue_amount > 1000000000")
    customer_id = next(iter(index_of(published()).scan(_condition(f"ever(orders where {FOOD})"))))
    told = answered(why(tag="both", customer_id=customer_id))
    assert told["value"] == ""
    assert [line.sign for line in told["lines"]] == ["yes", "no"]
    assert told["lines"][1].found


def test_a_tag_of_tags_leads_on_to_them() -> None:
    in_force("base", "revenue_amount > 0")
    in_force("top", 'has tag "base"')
    customer_id = having("top")[0]
    [line] = answered(why(tag="top", customer_id=customer_id))["lines"]
    assert line.url == f"/customers/{customer_id}/tags/base/"


def test_of_a_relation_those_who_fit_are_named() -> None:
    in_force("insures", "any insured (age >= 0)")
    if not (holders := having("insures")):
        in_force("takes_part", "any holder (age >= 0)")
        holders = having("takes_part")
    found = why(tag="insures" if having("insures") else "takes_part", customer_id=holders[0])
    assert found.is_settled
    assert found.finding is not None
    assert found.finding.related


def test_a_set_tag_says_who_set_it_when_and_why() -> None:
    in_force("vip", kind="category")
    first = set_tag(tag="vip", customers=[3], value="gold", note="asked for it")
    second = set_tag(tag="vip", customers=[3, 4], value="silver")
    assert [(act.value, act.note) for act in why(tag="vip", customer_id=3).acts] == [
        ("silver", ""),
        ("gold", "asked for it"),
    ]
    undo_change(change_id=second.pk)
    unset = why(tag="vip", customer_id=3)
    assert (unset.held, [act.at for act in unset.acts]) == ("gold", [first.set_at])
    unset_tag(tag="vip", customers=[3])
    assert why(tag="vip", customer_id=3).held is None
    assert why(tag="vip", customer_id=4).acts == ()


def test_a_version_that_is_not_computed_yet_is_not_what_is_explained() -> None:
    in_force("rich", "revenue_amount > 0")
    customer_id = having("rich")[0]
    draft_version(tag="rich", rule="revenue_amount > 1000000000")
    approve_version(tag="rich")
    publish_version(tag="rich")
    found = why(tag="rich", customer_id=customer_id)
    assert (found.held, found.judged_now, found.version.number, found.is_newest) == ("yes", "yes", 1, False)
    assert "waits" in answered(found)["warning"]


def test_without_the_right_personal_values_are_masked() -> None:
    in_force("local", "city is known and age >= 0")
    customer_id = having("local")[0]

    def said() -> list[object]:
        found = why(tag="local", customer_id=customer_id).finding
        assert found is not None
        return [below.value for one in found.parts for below in one.parts if isinstance(below.node, Attribute)]

    seen = said()
    with acting_as(Actor(ActorKind.USER, 1, "bob", frozenset({Right.SEE_CUSTOMERS}))):
        masked = said()
    assert str(masked[0]).endswith("•••")
    assert masked[0] != seen[0]


def test_it_is_asked_of_somebody_who_may_know_and_of_what_there_is() -> None:
    with acting_as(Actor(ActorKind.USER, 1, "bob")), pytest.raises(Denied):
        why(tag="rfm_segment", customer_id=1)
    with pytest.raises(NoSuchTag):
        why(tag="nothing", customer_id=1)
    with pytest.raises(NoSuchCustomer):
        why(tag="rfm_segment", customer_id=10**6)


def test_every_answer_of_the_library_can_be_put_into_words() -> None:
    for tag in published_tags():
        told = answered(why(tag=tag.name, customer_id=1))
        assert told["verdict"]
        assert all(isinstance(line, Told) and line.words for line in told["lines"])


def _condition(text: str) -> object:
    from zhike.rules.text import parse_rule

    return parse_rule(text)
