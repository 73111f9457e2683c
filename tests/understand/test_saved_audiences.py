"""Audiences that are kept: who belongs to them, what may be done with them, and that none is made of itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import OPERATOR, Actor, ActorKind, acting_as
from zhike.govern.access.rights import ALL_RIGHTS, Right
from zhike.govern.access.services import Denied
from zhike.rules.errors import RuleError
from zhike.rules.tree import Attribute, Matches
from zhike.understand.audiences.circles import Circle
from zhike.understand.audiences.kept import audience_rules
from zhike.understand.audiences.queries import (
    audience_named,
    count_audience,
    explain_rule,
    list_audiences,
    members,
    saved_audience,
)
from zhike.understand.audiences.services import (
    InUse,
    NameTaken,
    archive_audience,
    change_audience,
    note_audience,
    redefine_audience,
    rename_audience,
    restore_audience,
    save_audience,
)
from zhike.understand.customers.queries import list_customers
from zhike.understand.tags.defining.publishing import approve_version, publish_version
from zhike.understand.tags.defining.services import Overtaken, create_tag, draft_version

pytestmark = pytest.mark.usefixtures("company")
CHAMPIONS = 'has tag "rfm_segment" = "champions"'
HOLDERS = "active_contract_count > 0"
SEER = Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))


def test_members_are_those_for_whom_the_rule_holds() -> None:
    listed = list_customers(limit=1000).rows
    champions = {row["customer_id"] for row in listed if row["segment"] == "champions"}
    holders = {row["customer_id"] for row in listed if row["active_contract_count"]}
    assert champions & holders
    assert champions - holders
    assert set(members(CHAMPIONS)) == champions
    assert set(members(f"{CHAMPIONS} and {HOLDERS}")) == champions & holders
    assert set(members(f"{CHAMPIONS} and not {HOLDERS}")) == champions - holders
    counted = count_audience(f"not {HOLDERS}")
    assert (counted.count, counted.customers) == (len(listed) - len(holders), len(listed))
    assert counted.share == counted.count / counted.customers


def test_what_no_index_knows_is_found_by_the_engine() -> None:
    listed = list_customers(limit=1000).rows
    assert set(members("count(orders) >= 3")) == {row["customer_id"] for row in listed if row["order_count"] >= 3}
    found = explain_rule(f"count(orders) >= 3 and {HOLDERS}")
    assert found.count == len(members(f"count(orders) >= 3 and {HOLDERS}"))
    assert [step.text for step in found.steps] == ["count(orders) >= 3", HOLDERS]
    assert found.steps[0].without == len(members(HOLDERS))


def test_an_audience_is_saved_renamed_archived_and_restored() -> None:
    audience = save_audience(name=" Best ", rule="has tag rfm_segment = champions", note="to be kept")
    shown = saved_audience(audience.pk)
    assert (shown.name, shown.rule, shown.note, shown.kind) == ("Best", CHAMPIONS, "to be kept", "live")
    assert shown.count == len(members(CHAMPIONS)) == len(members('in audience "Best"'))
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
    note_audience(audience_id=audience.pk, note=" for spring ")
    assert [(one.name, one.note) for one in list_audiences()] == [("Holders", ""), ("Very best", "for spring")]
    assert audience_named("Holders").audience_id == other.pk
    with pytest.raises(NotFound):
        audience_named("Best")


def test_several_changes_are_made_at_once_or_not_at_all() -> None:
    audience = save_audience(name="Best", rule=CHAMPIONS)
    save_audience(name="Taken", rule=CHAMPIONS)
    with pytest.raises(NameTaken):
        change_audience(audience_id=audience.pk, rule=HOLDERS, is_archived=True, name="Taken")
    assert (saved_audience(audience.pk).rule, saved_audience(audience.pk).is_archived) == (CHAMPIONS, False)
    change_audience(audience_id=audience.pk, rule=HOLDERS, note="n", is_archived=True, name="New")
    shown = saved_audience(audience.pk)
    assert (shown.name, shown.rule, shown.note, shown.is_archived) == ("New", HOLDERS, "n", True)


def test_who_changes_what_somebody_else_changed_meanwhile_is_told() -> None:
    audience = save_audience(name="Best", rule=CHAMPIONS)
    seen = saved_audience(audience.pk).revision
    redefine_audience(audience_id=audience.pk, rule=HOLDERS, seen=seen)
    stale: tuple[dict[str, Any], ...] = ({"rule": CHAMPIONS}, {"name": "B"}, {"note": "n"}, {"is_archived": True})
    for changes in stale:
        with pytest.raises(Overtaken, match="“Best” was changed meanwhile"):
            change_audience(audience_id=audience.pk, seen=seen, **changes)
    for attempt in (
        lambda: redefine_audience(audience_id=audience.pk, rule=CHAMPIONS, seen=seen),
        lambda: rename_audience(audience_id=audience.pk, name="B", seen=seen),
        lambda: note_audience(audience_id=audience.pk, note="n", seen=seen),
    ):
        with pytest.raises(Overtaken):
            attempt()
    shown = saved_audience(audience.pk)
    assert (shown.name, shown.rule, shown.note, shown.is_archived) == ("Best", HOLDERS, "", False)
    change_audience(audience_id=audience.pk, rule=CHAMPIONS, name="B", note="n", seen=shown.revision)
    assert saved_audience(audience.pk).rule == CHAMPIONS
    with pytest.raises(Overtaken):
        rename_audience(audience_id=audience.pk, name="C", seen=shown.revision)


def test_a_note_keeps_nothing_that_misleads_who_reads_it() -> None:
    audience = save_audience(name=" \u3000五月　老客\u200d户 ", rule=CHAMPIONS, note="a\0b\u202ec\u2066d\r\ne\tf\n")
    assert (audience.name, audience.note) == ("五月　老客\u200d户", "abcd\ne\tf")


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *(
            (name, CHAMPIONS)
            for name in ("", "n" * 101, "a\nb", "a\0b", "a\u202eb", "a\u2066b", "a\u200bb", "a\ud800b")
        ),
        *(("x", rule) for rule in ("has tag vip", "age >", "7")),
    ],
)
def test_an_audience_that_cannot_be_is_refused(name: str, rule: str) -> None:
    with pytest.raises(UserError):
        save_audience(name=name, rule=rule)
    assert list_audiences() == ()


def test_what_one_is_made_of_counts_in_the_other_at_once() -> None:
    inner = save_audience(name="Inner", rule=CHAMPIONS)
    outer = save_audience(name="Outer", rule=f'in audience "Inner" or {HOLDERS}')
    assert members('in audience "Outer"') == members(f"{CHAMPIONS} or {HOLDERS}")
    redefine_audience(audience_id=inner.pk, rule=f"not {CHAMPIONS}")
    assert saved_audience(outer.pk).count == len(members(f"not {CHAMPIONS} or {HOLDERS}"))
    rename_audience(audience_id=inner.pk, name='In “the” "middle"')
    assert saved_audience(outer.pk).rule == f'in audience "In “the” \\"middle\\"" or {HOLDERS}'
    assert saved_audience(outer.pk).count == len(members(f"not {CHAMPIONS} or {HOLDERS}"))


def test_no_audience_is_made_of_itself() -> None:
    first = save_audience(name="A", rule=CHAMPIONS)
    save_audience(name="B", rule='in audience "A" and age > 20')
    save_audience(name="C", rule='not in audience "B"')
    with pytest.raises(Circle, match="“A” → “C” → “B” → “A”"):
        redefine_audience(audience_id=first.pk, rule='in audience "C"')
    with pytest.raises(Circle, match="“A” → “A”"):
        redefine_audience(audience_id=first.pk, rule='in audience "A" or age > 3')
    assert saved_audience(first.pk).rule == CHAMPIONS


def published_tag(name: str, rule: str) -> None:
    create_tag(name=name, title=name, theme="tests", rule=rule)
    approve_version(tag=name)
    publish_version(tag=name)


def test_nor_by_way_of_a_tag() -> None:
    audience = save_audience(name="A", rule=CHAMPIONS)
    published_tag("of_a", 'in audience "A"')
    with pytest.raises(Circle, match="“A” → tag “of_a” → “A”"):
        redefine_audience(audience_id=audience.pk, rule='not has tag "of_a"')


def test_an_audience_that_tags_are_made_of_keeps_its_name() -> None:
    audience = save_audience(name="A", rule=CHAMPIONS)
    published_tag("of_a", 'in audience "A"')
    with pytest.raises(InUse, match="of_a"):
        rename_audience(audience_id=audience.pk, name="B")
    assert rename_audience(audience_id=audience.pk, name="A").name == "A"


def test_a_draft_of_a_tag_holds_the_name_too() -> None:
    audience = save_audience(name="A", rule=CHAMPIONS)
    published_tag("later", CHAMPIONS)
    draft_version(tag="later", rule='in audience "A"')
    with pytest.raises(InUse, match="later"):
        rename_audience(audience_id=audience.pk, name="B")


def test_an_archived_audience_is_not_named_anew_but_goes_on_where_it_is() -> None:
    inner = save_audience(name="Inner", rule=CHAMPIONS)
    outer = save_audience(name="Outer", rule=f'in audience "Inner" or {HOLDERS}')
    archive_audience(audience_id=inner.pk)
    assert saved_audience(outer.pk).count == len(members(f"{CHAMPIONS} or {HOLDERS}"))
    with pytest.raises(UserError, match="“Inner” is archived"):
        save_audience(name="Other", rule='in audience "Inner"')
    redefine_audience(audience_id=outer.pk, rule='in audience "Inner" and age > 1')
    assert audience_rules().archived == {"Inner"}


def test_only_who_may_define_audiences_does() -> None:
    audience = save_audience(name="A", rule=CHAMPIONS)
    with acting_as(SEER):
        assert [one.name for one in list_audiences()] == ["A"]
        for attempt in (
            lambda: save_audience(name="x", rule=CHAMPIONS),
            lambda: archive_audience(audience_id=audience.pk),
            lambda: redefine_audience(audience_id=audience.pk, rule=HOLDERS),
            lambda: rename_audience(audience_id=audience.pk, name="B"),
            lambda: change_audience(audience_id=audience.pk),
        ):
            with pytest.raises(Denied):
                attempt()
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.DEFINE_AUDIENCES}))):
        with pytest.raises(Denied):
            list_audiences()
        with pytest.raises(Denied):
            count_audience(CHAMPIONS)


def test_who_may_not_see_names_can_neither_ask_for_them_nor_for_an_audience_of_those_who_may() -> None:
    save_audience(name="A", rule='name contains "Ada1"')
    with acting_as(SEER):
        with pytest.raises(RuleError, match="name"):
            count_audience('name = "Ada1 Berg"')
        with pytest.raises(RuleError, match="to select by “A” takes the right"):
            count_audience('in audience "A"')
        assert [one.rule for one in list_audiences()] == ['has tag "•••"']
    tree = Matches(operator="contains", value=Attribute(name="name"), text="A")
    with acting_as(Actor(ActorKind.USER, rights=ALL_RIGHTS - {Right.SEE_PERSONAL_DATA})), pytest.raises(RuleError):
        save_audience(name="B", rule=tree)


def test_of_one_org_unit_only_its_customers_count() -> None:
    with acting_as(Actor(ActorKind.USER, rights=OPERATOR.rights, unit="north")):
        counted = count_audience("age is unknown or age is known")
        assert counted.count == counted.customers == 20  # the unit and the one below it
        explained = explain_rule(f'unit_id = "south" or {CHAMPIONS}')
        assert (explained.steps[0].alone, explained.customers) == (0, 20)
    assert count_audience('unit_id = "south"').count == 10


def test_an_audience_whose_rule_means_nothing_any_more_says_why() -> None:
    audience = save_audience(name="A", rule=CHAMPIONS)
    type(audience).objects.filter(pk=audience.pk).update(tree='{"node":"has_tag","tag":"gone","values":[]}')
    shown = saved_audience(audience.pk)
    assert (shown.count, "gone" in shown.problem) == (None, True)


def test_the_number_of_queries_does_not_grow_with_the_audiences() -> None:
    save_audience(name="zero", rule=CHAMPIONS)
    save_audience(name="one", rule='in audience "zero"')
    list_audiences()
    with CaptureQueriesContext(connection) as with_one:
        list_audiences()
    save_audience(name="two", rule='in audience "one"')
    save_audience(name="three", rule=HOLDERS)
    list_audiences()
    with CaptureQueriesContext(connection) as with_three:
        list_audiences()
    assert len(with_three) == len(with_one)
    count_audience("age > 20")  # whoever is the first after a change reads all definitions
    with CaptureQueriesContext(connection) as counting:
        count_audience(f'{CHAMPIONS} and in audience "two"')
    assert len(counting) == 4
