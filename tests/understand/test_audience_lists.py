"""Frozen lists: made of a rule, of its parts, of a sample; read for ever, and beside what holds now."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from pyroaring import BitMap
from tests.warehouse.small_company import AS_OF

from zhike.errors import UserError
from zhike.govern.access.actors import OPERATOR, Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.rules.text import parse_rule
from zhike.understand.audiences import kept
from zhike.understand.audiences.comparing.sets import look_alikes
from zhike.understand.audiences.drawing import parts_at_random, sampled
from zhike.understand.audiences.freezing import (
    freeze_audience,
    sample_audience,
    save_lookalikes,
    split_audience,
    split_by_value,
)
from zhike.understand.audiences.history import compare_frozen
from zhike.understand.audiences.kept import audience_rules
from zhike.understand.audiences.models import Audience, FrozenList
from zhike.understand.audiences.naming import tags_saying
from zhike.understand.audiences.queries import list_audiences, members, saved_audience
from zhike.understand.audiences.rows import rows_of, sample_rows
from zhike.understand.audiences.services import (
    NameTaken,
    archive_audience,
    redefine_audience,
    rename_audience,
    save_audience,
)
from zhike.warehouse.models import CurrentRefresh, Refresh
from zhike.warehouse.queries import published

pytestmark = pytest.mark.usefixtures("company")
CHAMPIONS = 'has tag "rfm_segment" = "champions"'
EVERYBODY = "source is known or source is unknown"


def listed(audience: Audience) -> BitMap:
    return members(f'in audience "{audience.name}"')


def test_a_frozen_list_keeps_its_members_and_says_how_they_were_found() -> None:
    live = save_audience(name="Champions", rule=CHAMPIONS)
    before = members(CHAMPIONS)
    frozen = freeze_audience(audience_id=live.pk, name="Champions in June", note="For the letter")
    redefine_audience(audience_id=live.pk, rule="age > 200")
    assert listed(frozen) == before
    shown = saved_audience(frozen.pk)
    assert (shown.kind, shown.count, shown.rule, shown.note) == ("frozen", len(before), CHAMPIONS, "For the letter")
    assert shown.frozen is not None
    assert (shown.frozen.rule, shown.frozen.source_id, shown.frozen.size) == (CHAMPIONS, live.pk, len(before))
    assert (shown.frozen.as_of, shown.frozen.frozen_by) == (AS_OF, OPERATOR.name)
    assert shown.frozen.of_customers == published().customer_count
    assert {one.name for one in list_audiences()} == {"Champions", "Champions in June"}


def test_it_is_read_years_later_when_its_refresh_is_gone() -> None:
    before = BitMap(members(CHAMPIONS))
    frozen = freeze_audience(rule=CHAMPIONS, name="Old")
    CurrentRefresh.objects.all().delete()
    Refresh.objects.all().delete()
    kept.frozen_members.cache_clear()
    assert audience_rules()["Old"] == before
    shown = saved_audience(frozen.pk)
    assert shown.frozen is not None
    assert shown.frozen.size == len(before)
    assert "nothing has been computed yet" in shown.problem


def test_it_cannot_be_redefined_but_renamed_and_archived() -> None:
    frozen = freeze_audience(rule=CHAMPIONS, name="List")
    with pytest.raises(UserError, match="stays as it is"):
        redefine_audience(audience_id=frozen.pk, rule="age > 3")
    with pytest.raises(NameTaken):
        freeze_audience(rule=CHAMPIONS, name="List")
    save_audience(name="Of it", rule='not in audience "List"')
    rename_audience(audience_id=frozen.pk, name="Renamed")
    archive_audience(audience_id=frozen.pk)
    assert members('in audience "Of it"') == members(f"not {CHAMPIONS}")


def test_it_is_compared_with_who_would_be_on_it_now() -> None:
    live = save_audience(name="Some", rule=CHAMPIONS)
    frozen = freeze_audience(audience_id=live.pk, name="Then")
    alone = freeze_audience(rule=CHAMPIONS, name="Of a rule")
    redefine_audience(audience_id=live.pk, rule="active_contract_count > 0")
    found = compare_frozen(frozen.pk)
    then, now = members(CHAMPIONS), members("active_contract_count > 0")
    assert (found.before, found.after, found.stayed) == (len(then), len(now), len(then & now))
    assert (found.joined, found.left) == (now - then, then - now)
    assert (found.frozen_as_of, found.as_of) == (AS_OF, AS_OF)
    assert compare_frozen(alone.pk).stayed == len(then)
    with pytest.raises(UserError, match="not frozen"):
        compare_frozen(live.pk)


def test_parts_at_random_stay_whoever_comes_and_goes() -> None:
    everybody = BitMap(range(30_000))
    treated, holdout = parts_at_random(everybody, [0.9, 0.1], salt="spring")
    assert not treated & holdout
    assert treated | holdout == everybody
    assert abs(len(holdout) - 3_000) < 4 * (30_000 * 0.1 * 0.9) ** 0.5
    some = BitMap(range(5_000, 40_000, 3))
    again = parts_at_random(some, [9, 1], salt="spring")
    assert again[1] & everybody == holdout & some
    for customer in (0, 1, 29_999):
        place = int(hashlib.md5(f"spring:{customer}".encode()).hexdigest()[:13], 16) / 16**13
        assert (customer in holdout) == (place >= 0.9)


def test_another_salt_deals_independently() -> None:
    everybody = BitMap(range(30_000))
    first = parts_at_random(everybody, [1, 1], salt="a")[0]
    second = parts_at_random(everybody, [1, 1], salt="b")[0]
    assert abs(len(first & second) - 7_500) < 4 * (30_000 * 0.25 * 0.75) ** 0.5


def test_a_split_makes_named_lists_of_all_its_customers() -> None:
    parts = split_audience(rule=EVERYBODY, name="Spring", shares={"treated": 60, "holdout": 40}, salt="s")
    assert [part.name for part in parts] == ["Spring: treated", "Spring: holdout"]
    assert (listed(parts[0]) | listed(parts[1])) == members(EVERYBODY)
    assert not listed(parts[0]) & listed(parts[1])
    origin = parts[1].frozen.origin
    assert origin == {
        "how": "random",
        "part": "holdout",
        "shares": {"treated": 0.6, "holdout": 0.4},
        "salt": "s",
    }
    unsalted = split_audience(rule=EVERYBODY, name="Other", shares={"a": 1, "b": 1})
    assert len(unsalted[0].frozen.origin["salt"]) == 16


@pytest.mark.parametrize("shares", [{}, {"a": 1}, {"a": 0, "b": 1}, {"a": -1, "b": 2}, {"a": float("nan"), "b": 1}])
def test_shares_that_cannot_be_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(UserError):
        split_audience(rule=EVERYBODY, name="x", shares=shares)


def test_a_split_whose_second_list_cannot_be_leaves_none() -> None:
    freeze_audience(rule=CHAMPIONS, name="S: b")
    with pytest.raises(NameTaken):
        split_audience(rule=EVERYBODY, name="S", shares={"a": 1, "b": 1})
    assert not Audience.objects.filter(name="S: a").exists()


def test_a_split_by_value_has_a_list_for_each_and_one_for_who_has_none() -> None:
    by_segment = split_by_value(rule=EVERYBODY, name="RFM", by="tag:rfm_segment")
    assert "RFM: champions" in {one.name for one in by_segment}
    assert by_segment[-1].name == "RFM: –"
    assert BitMap.union(*map(listed, by_segment)) == members(EVERYBODY)
    assert sum(len(listed(one)) for one in by_segment) == len(members(EVERYBODY))
    assert listed(next(one for one in by_segment if one.name == "RFM: champions")) == members(CHAMPIONS)
    by_city = split_by_value(rule=EVERYBODY, name="City", by="attribute:city")
    assert {"City: 上海", "City: 成都", "City: –"} <= {one.name for one in by_city}
    by_orders = split_by_value(rule=EVERYBODY, name="Orders", by="attribute:order_count")
    assert sum(len(listed(one)) for one in by_orders) == len(members(EVERYBODY))
    for wrong in ("city", "tag:nothing", "attribute:phone", "attribute:citi"):
        with pytest.raises(UserError):
            split_by_value(rule=EVERYBODY, name="x", by=wrong)


def test_a_sample_is_drawn_once_and_for_all() -> None:
    drawn = sample_audience(rule=EVERYBODY, name="Ten", size=10, seed=3)
    assert len(listed(drawn)) == 10
    assert listed(sample_audience(rule=EVERYBODY, name="Ten again", size=10, seed=3)) == listed(drawn)
    assert listed(sample_audience(rule=EVERYBODY, name="Ten others", size=10, seed=4)) != listed(drawn)
    assert listed(sample_audience(rule=CHAMPIONS, name="All", size=10_000)) == members(CHAMPIONS)
    with pytest.raises(UserError):
        sample_audience(rule=EVERYBODY, name="None", size=0)


@pytest.mark.parametrize(
    ("size", "seed", "where"),
    [(0, 0, "size"), (-5, 0, "size"), (5, -1, "seed"), (5, 2**63, "seed"), (-(10**30), 0, "size")],
)
def test_a_draw_that_cannot_be_is_refused_at_its_place(size: int, seed: int, where: str) -> None:
    for draw in (
        lambda: sample_audience(rule=EVERYBODY, name="None", size=size, seed=seed),
        lambda: sample_rows(EVERYBODY, size=size, seed=seed),
        lambda: sampled(BitMap([1]), size, seed=seed),
    ):
        with pytest.raises(UserError) as refused:
            draw()
        assert refused.value.where == where


def test_every_customer_is_drawn_as_often_as_any_other() -> None:
    found = BitMap(range(5, 45))
    drawn = [0] * 50
    for seed in range(2_000):
        for customer in sampled(found, 4, seed=seed):
            drawn[customer] += 1
    expected, deviation = 200, (2_000 * 0.1 * 0.9) ** 0.5
    assert all(abs(count - expected) < 5 * deviation for count in drawn[5:45])
    assert sum(drawn) == 8_000


def test_look_alikes_are_kept_with_the_score_they_were_chosen_by() -> None:
    alike = look_alikes(CHAMPIONS, size=7)
    assert (len(alike.members), alike.separation) == (7, None)
    assert not alike.members & members(CHAMPIONS)
    assert "rfm_segment" in alike.left_out
    assert not {one.tag for one in alike.weights} & set(alike.left_out)
    frozen = save_lookalikes(name="Like them", alike=alike)
    assert listed(frozen) == alike.members
    assert frozen.frozen.origin["how"] == "lookalikes"
    with pytest.raises(UserError, match="nobody is in this audience"):
        look_alikes("age > 200", size=3)
    with pytest.raises(UserError, match="nobody else"):
        look_alikes(EVERYBODY, size=3)


def test_tags_that_say_what_the_rule_says_are_no_likeness() -> None:
    tags = tags_saying(parse_rule('has tag "rfm_segment" = "champions"'))
    assert "rfm_segment" in tags
    assert "rfm_recency" not in tags
    save_audience(name="Inner", rule="age > 30")
    save_audience(name="Outer", rule='not in audience "Inner"')
    made_of_age = tags_saying(parse_rule("age > 50"))
    assert made_of_age
    assert tags_saying(parse_rule('in audience "Outer"')) == made_of_age


def test_of_one_org_unit_only_its_customers_are_listed_and_seen() -> None:
    northern = Actor(ActorKind.USER, rights=OPERATOR.rights, unit="north", name="Ann")
    with acting_as(northern):
        frozen = freeze_audience(rule=EVERYBODY, name="North")
    assert (frozen.frozen.size, frozen.frozen.unit, frozen.frozen.of_customers) == (20, "north", 20)
    everyone = freeze_audience(rule=EVERYBODY, name="All")
    with acting_as(northern):
        assert saved_audience(everyone.pk).count == 20
        assert rows_of(members('in audience "All"'), limit=200).total == 20


def test_rows_are_masked_and_paged() -> None:
    found = members(EVERYBODY)
    first = rows_of(found, columns=["name", "city"], limit=3)
    assert ([row["customer_id"] for row in first.rows], first.total, first.next) == ([0, 1, 2], len(found), 2)
    second = rows_of(found, columns=["name"], after=first.next, limit=3)
    assert [row["customer_id"] for row in second.rows] == [3, 4, 5]
    last = rows_of(found, after=max(found) - 1)
    assert (len(last.rows), last.next) == (1, None)
    assert rows_of(found, after=2**40).rows == ()
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS}))):
        hidden = rows_of(found, columns=["name", "city"], limit=100)
        names = {str(row["name"]) for row in hidden.rows if row["name"]}
        assert names
        assert all(name.endswith("•••") for name in names)
        assert len(sample_rows(CHAMPIONS, size=2).rows) == 2
    with pytest.raises(UserError, match="shoe_size"):
        rows_of(found, columns=["shoe_size"])


def test_only_who_may_define_audiences_makes_lists() -> None:
    attempts: list[Any] = [
        lambda: freeze_audience(rule=CHAMPIONS, name="x"),
        lambda: split_audience(rule=CHAMPIONS, name="x", shares={"a": 1, "b": 1}),
        lambda: split_by_value(rule=CHAMPIONS, name="x", by="tag:rfm_segment"),
        lambda: sample_audience(rule=CHAMPIONS, name="x", size=1),
    ]
    with acting_as(Actor(ActorKind.USER, rights=frozenset({Right.SEE_CUSTOMERS, Right.EXPORT}))):
        for attempt in attempts:
            with pytest.raises(Denied):
                attempt()
    assert not FrozenList.objects.exists()
