"""What a refresh does about tags: computes what is due, keeps what is not, stops for none, and remembers months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from tests.understand.tags_in_force import only_these, put_in_force, set_by_hand
from tests.warehouse.small_company import AS_OF

from zhike.errors import UserError
from zhike.rules.bitmaps import members
from zhike.rules.text import parse_rule
from zhike.understand.attributes.tables import ATTRIBUTE_BITMAPS, ATTRIBUTES
from zhike.understand.tags.computing.due import is_due
from zhike.understand.tags.computing.rebuilding import rebuild_tag, rebuild_tags
from zhike.understand.tags.computing.states import TagState, tag_state, tag_states
from zhike.understand.tags.counting.index import index_of, values_of
from zhike.understand.tags.definitions import NoSuchTag, published_tags
from zhike.understand.tags.models import Tag
from zhike.understand.tags.setting.services import set_tag
from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
from zhike.warehouse import catalog
from zhike.warehouse.cleaning import clean_up
from zhike.warehouse.files import inner_path
from zhike.warehouse.models import Refresh
from zhike.warehouse.queries import published, published_refresh
from zhike.warehouse.services import publish_refresh, run_refresh

pytestmark = pytest.mark.usefixtures("company")


def files_of_tags() -> dict[str, tuple[bytes, bytes | None]]:
    """What the files of each tag in force hold."""
    states = tag_states(published().snapshots)

    def content(path: str) -> bytes:
        return Path(inner_path(path)).read_bytes()

    return {
        name: (content(state.bitmaps), content(state.members.path) if state.members else None)
        for name, state in states.items()
    }


def sizes() -> dict[str, int]:
    """How many customers have each tag in force."""
    index = index_of(published())
    return {tag.name: len(index.tag(tag.name)) for tag in published_tags()}


def test_one_tag_alone_changes_the_files_of_no_other() -> None:
    only_these(a="order_count > 0", b="revenue_amount", c="segment")
    first = rebuild_tags(["a", "b", "c"])
    before, everything = files_of_tags(), published().snapshots
    put_in_force("a", "order_count > 1")
    done = rebuild_tag("a")
    after = files_of_tags()
    assert {name for name in before if before[name] != after[name]} == {"a"}
    assert (done.only, done.as_of, done.state) == ("a", AS_OF, "finished")
    assert [step.name for step in done.steps.all()] == ["tags"]
    changed = {table for table, snapshot in published().snapshots.items() if everything[table] != snapshot}
    assert changed == {TAGS.table, TAG_BITMAPS.table}
    assert index_of(published()).tag("a") == members(parse_rule("order_count > 1"), index_of(published()))
    publish_refresh(first.pk)
    assert files_of_tags() == before


def test_tags_that_are_made_of_one_are_computed_with_it() -> None:
    only_these(a="order_count > 0", apart="age > 30")
    put_in_force("b", 'not has tag "a"')
    put_in_force("c", 'when has tag "b" then "never" otherwise "some"')
    rebuild_tags(["a", "apart", "b", "c"])
    before = files_of_tags()
    put_in_force("a", "order_count > 2")
    rebuild_tag("a")
    index = index_of(published())
    assert index.tag("b") == index.everybody - index.tag("a") == index.tag("c", ("never",))
    assert files_of_tags()["apart"] == before["apart"]


def test_a_tag_that_is_not_in_force_is_not_computed() -> None:
    only_these(a="order_count > 0")
    Tag.objects.filter(name="a").update(retired_at="2026-06-01T00:00Z")
    for name in ("a", "nothing"):
        with pytest.raises(NoSuchTag, match=f"no tag “{name}” is in force"):
            rebuild_tag(name)
    assert published().refresh_id == Refresh.objects.earliest("pk").pk


def test_a_rule_that_means_nothing_any_more_stops_its_own_computation_and_no_other() -> None:
    only_these(a="order_count > 0", b='has tag "a"', c="age > 30")
    rebuild_tags(["a", "b", "c"])
    before = files_of_tags()
    Tag.objects.filter(name="a").delete()
    with pytest.raises(UserError, match="a"):
        rebuild_tag("b")
    assert files_of_tags() == before
    rebuild_tag("c")
    run_refresh(as_of=AS_OF)
    assert set(tag_states(published().snapshots)) == {"b", "c"}
    assert files_of_tags()["b"] == before["b"]  # what it had


def test_tags_that_go_round_in_a_circle_stop_no_other() -> None:
    only_these(a="order_count > 0", b='has tag "a"', c="age > 30")
    put_in_force("a", 'not has tag "b"')
    run_refresh(as_of=AS_OF)
    assert set(tag_states(published().snapshots)) == {"c"}


SCHEDULES = [
    ("every_refresh", 1, True),
    ("weekly", 6, False),
    ("weekly", 7, True),
    ("monthly", 29, False),
    ("monthly", 30, True),  # of a June
    ("by_hand", 400, False),
    ("by_hand", -1, True),  # what was computed of a later day says nothing of this one
]


@pytest.mark.parametrize(("schedule", "days", "due"), SCHEDULES)
def test_a_tag_is_due_when_its_schedule_says(schedule: str, days: int, due: bool) -> None:
    only_these()
    put_in_force("a", "order_count > 0", schedule=schedule)
    [tag] = published_tags()
    before = TagState("a", tag.kind, False, tag.version, AS_OF, "", None)
    assert is_due(tag, before, AS_OF + timedelta(days=days)) is due
    assert is_due(tag, None, AS_OF)
    assert is_due(tag, replace(before, version=tag.version + 1), AS_OF + timedelta(days=1))


def test_a_refresh_keeps_what_is_not_due_and_rules_may_still_name_it() -> None:
    only_these()
    put_in_force("a", "days_since_last < 197", schedule="weekly")
    put_in_force("b", 'has tag "a"')
    rebuild_tags(["a", "b"])
    before = files_of_tags()
    run_refresh(as_of=AS_OF + timedelta(days=3))
    assert files_of_tags()["a"] == before["a"]
    assert files_of_tags()["b"] != before["b"]
    index = index_of(published())
    assert index.tag("a") == index.tag("b")
    assert index.tag("a") != members(parse_rule("days_since_last < 197"), index)
    states = tag_states(published().snapshots)
    assert (states["a"].as_of, states["b"].as_of) == (AS_OF, AS_OF + timedelta(days=3))
    run_refresh(as_of=AS_OF + timedelta(days=7))
    assert tag_states(published().snapshots)["a"].as_of == AS_OF + timedelta(days=7)


def test_what_was_set_by_hand_is_written_down_and_rules_may_name_it() -> None:
    only_these()
    for name, kind in (("vip", "yes_no"), ("tier", "category"), ("points", "number"), ("signed", "date")):
        set_by_hand(name, kind)
    set_tag(tag="vip", customers=[1, 2, 3])
    set_tag(tag="tier", customers=[2], value="gold")
    set_tag(tag="points", customers=[1, 3], value="4.5")
    set_tag(tag="signed", customers=[3], value="2026-05-01")
    put_in_force("best", 'has tag "vip" and (has tag "tier" = "gold" or tag "points" > 4)')
    put_in_force("lately", 'tag "signed" >= 2026-04-01')
    run_refresh(as_of=AS_OF)
    assert sizes() == {"vip": 3, "tier": 1, "points": 2, "signed": 1, "best": 3, "lately": 1}
    states = tag_states(published().snapshots)
    assert {name for name, state in states.items() if state.is_set} == {"vip", "tier", "points", "signed"}
    assert values_of(published(), "signed", [3]) == {3: {"value": None, "number": None, "day": date(2026, 5, 1)}}
    assert {name: state.members.rows for name, state in states.items() if state.members} == sizes()


def test_an_audience_in_a_rule_is_computed_with_it_and_a_frozen_one_is_whom_it_lists() -> None:
    from zhike.understand.audiences.freezing import freeze_audience
    from zhike.understand.audiences.services import save_audience

    only_these()
    save_audience(name="buyers", rule="order_count > 0")
    save_audience(name="grown buyers", rule='in audience "buyers" and revenue_amount > 500')
    freeze_audience(name="as they were", rule='in audience "grown buyers"')
    put_in_force("live", 'in audience "grown buyers"')
    put_in_force("frozen", 'in audience "as they were" and not in audience "buyers" or in audience "as they were"')
    rebuild_tags(["live", "frozen"])
    index = index_of(published())
    grown = parse_rule("order_count > 0 and revenue_amount > 500")
    assert index.tag("live") == index.tag("frozen") == members(grown, index)
    assert len(index.tag("live")) > 0


def test_relations_are_judged_over_all_customers() -> None:
    only_these(insures="any insured (contract_count >= 0)", insured="any holder (first_seen_on is unknown)")
    run_refresh(as_of=AS_OF)
    assert all(size > 0 for size in sizes().values())
    index = index_of(published())
    assert index.tag("insures") == index.scan(parse_rule("any insured (contract_count >= 0)"))
    assert index.tag("insured") == index.scan(parse_rule("any holder (first_seen_on is unknown)"))


def test_a_tag_as_of_a_day_is_what_the_newest_refresh_up_to_it_had() -> None:
    only_these(recent="days_since_last < 400")
    by_day = {}
    for days in (0, 20, 40, 60):
        run_refresh(as_of=AS_OF + timedelta(days=days))
        by_day[AS_OF + timedelta(days=days)] = index_of(published()).tag("recent")
    assert len({len(found) for found in by_day.values()}) > 1
    index = index_of(published())
    for day, found in by_day.items():
        for asked in (day, day + timedelta(days=19)):
            assert index.tag("recent", (), asked) == found
            assert index.scan(parse_rule(f'has tag "recent" as of {asked}')) == found
    put_in_force("then", f'has tag "recent" as of {AS_OF + timedelta(days=25)}')
    rebuild_tag("then")
    assert index_of(published()).tag("then") == by_day[AS_OF + timedelta(days=20)]
    with pytest.raises(UserError, match="is known from 1 Jun 2026 on, not as of 31 May 2026"):
        index.tag("recent", (), AS_OF - timedelta(days=1))


def test_the_tags_of_the_first_refresh_of_a_month_outlast_the_refresh(settings: Any) -> None:
    settings.ZHIKE = replace(django_settings.ZHIKE, kept_refreshes=2)
    only_these(recent="days_since_last < 400")
    done = {}
    for day in (date(2026, 7, 3), date(2026, 7, 20), date(2026, 8, 9), date(2026, 8, 30), date(2026, 9, 1)):
        done[day] = (run_refresh(as_of=day).pk, index_of(published()).tag("recent"))
    index = index_of(published())
    for asked, then in ((date(2026, 7, 31), date(2026, 7, 3)), (date(2026, 8, 20), date(2026, 8, 9))):
        assert index.tag("recent", (), asked) == done[then][1]
    first, first_found = done[date(2026, 7, 3)]
    with pytest.raises(UserError, match="has been cleaned up"):
        publish_refresh(first)
    with pytest.raises(UserError, match="there is no refresh"):
        publish_refresh(done[date(2026, 7, 20)][0])
    assert index_of(published_refresh(first)).tag("recent") == first_found
    kept = {contract: len(catalog.table_of(contract).snapshots()) for contract in (ATTRIBUTES, ATTRIBUTE_BITMAPS, TAGS)}
    assert kept[ATTRIBUTES] == kept[ATTRIBUTE_BITMAPS] == 2
    assert kept[TAGS] == 5  # June's from before the test, July's, August's, and the two that may be put back
    clean_up()
    assert index.tag("recent", (), date(2026, 7, 31)) == first_found


def test_months_older_than_two_years_go(settings: Any) -> None:
    settings.ZHIKE = replace(django_settings.ZHIKE, kept_refreshes=1)
    only_these(a="order_count > 0")
    old = run_refresh(as_of=date(2026, 7, 3))
    run_refresh(as_of=date(2028, 6, 30))
    assert Refresh.objects.filter(pk=old.pk).exists()
    run_refresh(as_of=date(2028, 7, 1))
    assert not Refresh.objects.filter(pk=old.pk).exists()


def test_many_computations_of_single_tags_push_out_no_refresh(settings: Any) -> None:
    settings.ZHIKE = replace(django_settings.ZHIKE, kept_refreshes=2)
    only_these(a="order_count > 0")
    whole = [run_refresh(as_of=AS_OF + timedelta(days=day)).pk for day in (1, 2)]
    alone = [rebuild_tag("a").pk for _time in range(4)]
    kept = set(Refresh.objects.values_list("pk", flat=True))
    assert kept >= {*whole, *alone[2:]}
    assert not kept & set(alone[:2])
    publish_refresh(whole[0])


def test_tags_of_an_earlier_version_of_the_table_are_computed_anew(company: None) -> None:
    only_these(a="order_count > 0")
    table = catalog.table_of(TAGS)
    with table.update_spec() as update:
        update.remove_field("tag")
    assert [field.name for field in catalog.catalog().load_table(TAGS.table).spec().fields] == []
    run_refresh(as_of=AS_OF)
    assert [file.partition for file in published().files(TAGS)] == [{"tag": "a"}]
    assert tag_state(published().snapshots, "a") is not None
