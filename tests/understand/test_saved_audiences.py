"""Rules of audiences, who belongs to them, and those that are kept."""

from __future__ import annotations

import pytest

from zhike.errors import UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.audiences.queries import count_audience, list_audiences, members, saved_audience
from zhike.understand.audiences.rules import parse_rule, rule_text
from zhike.understand.audiences.services import (
    NameTaken,
    archive_audience,
    rename_audience,
    restore_audience,
    save_audience,
)
from zhike.understand.customers.queries import list_customers

CHAMPIONS = 'has tag "rfm_segment" = "champions"'
HOLDERS = 'has tag "contract_holder" = "active"'


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("rfm_segment", 'has tag "rfm_segment"'),
        ("has tag rfm_segment = champions", CHAMPIONS),
        ("  HAS  TAG 'rfm_segment'='champions' AND not has tag a-b ", CHAMPIONS + ' and not has tag "a-b"'),
        ('not has tag "x y" = "and not"', 'not has tag "x y" = "and not"'),
    ],
)
def test_a_rule_is_spelt_one_way(text: str, spelt: str) -> None:
    assert rule_text(parse_rule(text)) == spelt
    assert parse_rule(spelt) == parse_rule(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it ends where a condition should stand"),
        ("age > 7", "from character 5 on: “> 7”"),
        (f"{CHAMPIONS} or {HOLDERS}", "from character 37 on: “or has tag"),
        (f"{CHAMPIONS} and", "it ends where a condition should stand"),
        (f"({CHAMPIONS})", "from character 1 on"),
        ("has tag", "from character 1 on"),
        ("not", "from character 1 on"),
        ("has tag x = 'y", "from character"),
    ],
)
def test_anything_else_is_refused_at_its_place(text: str, says: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_rule(text)
    assert says in raised.value.message


@pytest.mark.usefixtures("company")
def test_conditions_are_joined_and_negated() -> None:
    listed = list_customers(limit=1000).rows
    champions = {row["customer_id"] for row in listed if row["segment"] == "champions"}
    holders = {row["customer_id"] for row in listed if row["active_contract_count"]}
    assert champions & holders
    assert champions - holders
    assert set(members(CHAMPIONS)) == champions
    assert set(members(f"{CHAMPIONS} and {HOLDERS}")) == champions & holders
    assert set(members(f"{CHAMPIONS} and not {HOLDERS}")) == champions - holders
    assert count_audience(f"not {HOLDERS}").count == len(listed) - len(holders)


@pytest.mark.usefixtures("company")
def test_an_audience_is_saved_renamed_archived_and_restored() -> None:
    audience = save_audience(name=" Best ", rule="rfm_segment = champions", note="to be kept")
    shown = saved_audience(audience.pk)
    assert (shown.name, shown.rule, shown.note) == ("Best", CHAMPIONS, "to be kept")
    assert shown.count == len(members(CHAMPIONS))
    with pytest.raises(NameTaken, match="“Best” already"):
        save_audience(name="Best", rule=HOLDERS)
    other = save_audience(name="Holders", rule=HOLDERS)
    with pytest.raises(NameTaken):
        rename_audience(audience_id=other.pk, name="Best")
    rename_audience(audience_id=audience.pk, name="Very best")
    archive_audience(audience_id=audience.pk)
    assert [one.name for one in list_audiences()] == ["Holders"]
    assert [one.name for one in list_audiences(archived=True)] == ["Very best"]
    restore_audience(audience_id=audience.pk)
    assert [one.name for one in list_audiences()] == ["Holders", "Very best"]


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize(
    ("name", "rule"), [("", CHAMPIONS), ("n" * 101, CHAMPIONS), ("x", "has tag vip"), ("x", "age > 7")]
)
def test_an_audience_that_cannot_be_is_refused(name: str, rule: str) -> None:
    with pytest.raises(UserError):
        save_audience(name=name, rule=rule)


@pytest.mark.usefixtures("company")
def test_only_who_may_define_audiences_does() -> None:
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))):
        assert list_audiences() == ()
        for attempt in (
            lambda: save_audience(name="x", rule=CHAMPIONS),
            lambda: archive_audience(audience_id=1),
        ):
            with pytest.raises(Denied):
                attempt()
