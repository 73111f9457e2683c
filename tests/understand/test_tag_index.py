"""The bitmap index of a refresh: it says what the engine says, and loads only what it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from pyroaring import BitMap
from tests.grown import Growth, grown
from tests.understand.conftest import COMPANY
from tests.understand.tags_in_force import only_these, put_in_force, set_by_hand

from zhike.errors import UserError
from zhike.rules.bitmaps import count, members
from zhike.rules.text import parse_rule
from zhike.understand.attributes.memory import MEMORY
from zhike.understand.tags.computing.rebuilding import rebuild_tags
from zhike.understand.tags.computing.states import tag_states
from zhike.understand.tags.counting import scanning
from zhike.understand.tags.counting.held import tags_of, value_counts, values_of
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.setting.folding import Act
from zhike.understand.tags.setting.services import record_act, set_tag
from zhike.understand.tags.tables import TAGS
from zhike.warehouse.attributes import registry
from zhike.warehouse.contracts import Kind
from zhike.warehouse.queries import published, rows

pytestmark = pytest.mark.usefixtures("tagged")
RULES = {
    "buyer": "order_count > 0",
    "segment_now": "segment",
    "size": 'when revenue_amount >= 500 then "large" when revenue_amount > 0 then "small"',
    "spent": "sum(orders.amount)",
    "last_bought": "last(orders)",
    "nobody": "order_count > 100000",
}


@pytest.fixture
def tagged(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small company with a tag of each kind."""
    with grown(Growth("tagged", _tag, on=COMPANY), settings, tmp_path_factory):
        MEMORY.forget()
        yield
        MEMORY.forget()


def _tag(_folder: Path) -> None:
    only_these(**RULES)
    rebuild_tags(list(RULES))


def borders(name: str) -> list[str]:
    """Values of an attribute as rules spell them: some that somebody has, and others between and beyond them."""
    found = sorted({row[name] for row in rows(published().table(registry_table()).select(name))} - {None})
    if not found:
        return []
    kind = registry().attributes[name].column.kind
    if kind == Kind.TEXT:
        return [f'"{found[0]}"', f'"{found[len(found) // 2]}"', '"nobody has this"']
    if kind == Kind.BOOLEAN:
        return ["yes", "no"]
    if kind == Kind.DATE:
        return [str(found[0]), str(found[len(found) // 3]), "2025-02-11", str(found[-1])]
    middle = found[len(found) // 2]
    return [str(found[0]), str(middle), str(float(middle) + 0.13), "-3", str(found[-1])]


def registry_table():  # type: ignore[no-untyped-def]
    from zhike.understand.attributes.tables import ATTRIBUTES

    return ATTRIBUTES


@pytest.mark.parametrize("name", list(registry().attributes))
def test_a_condition_on_an_attribute_gives_whom_the_engine_gives(name: str) -> None:
    now = published()
    index = index_of(now)
    attribute = registry().attributes[name]
    found = borders(name)
    is_text, is_ordered = attribute.column.kind == Kind.TEXT, attribute.column.kind not in (Kind.TEXT, Kind.BOOLEAN)
    asked = [f"{name} is known", f"not {name} is known"]
    for value in found:
        asked += [
            f"{name} {operator} {value}" for operator in ("=", "!=", *(("<", "<=", ">", ">=") if is_ordered else ()))
        ]
    if is_text and found:
        asked += [f"{name} in ({', '.join(found)})", f'{name} contains "E"', f'{name} starts with "a"']
    elif found and is_ordered:
        asked += [f"{name} between {low} and {high}" for low in found for high in found]
        asked.append(f"{name} in ({', '.join(found)})")
    if attribute.column.kind == Kind.DATE:
        asked += [f"{name} within 200 days", f"{name} within next 2 months", f"days_since({name}) > 400"]
        asked += [f"days_until({name}) between -300 and 12.5", f"{name} <= today"]
    conditions = [parse_rule(text) for text in asked]
    by_engine = dict(
        zip(asked, scanning.scanned(now, conditions, tags=index._rows_of, audiences=index.audience), strict=True)
    )
    for text, condition in zip(asked, conditions, strict=True):
        assert members(condition, index) == by_engine[text], text
        assert count(condition, index) == len(by_engine[text]), text


@pytest.mark.parametrize(
    "rule",
    [
        'tag "spent" > 487.5',
        'tag "spent" between 0.01 and 900.25',
        'tag "spent" != 0',
        'tag "last_bought" >= 2025-01-01',
        'tag "last_bought" within 500 days',
        'days_since(tag "last_bought") <= 600',
        'tag "size" = "large"',
        'tag "size" != "large"',
        'tag "size" in ("large", "small")',
        'tag "segment_now" contains "OY"',
        'tag "spent" is known',
        'has tag "spent"',
        'has tag "last_bought"',
        'has tag "size" in ("small", "large")',
        'has tag "buyer" = "yes" and not has tag "size" = "small"',
        'has tag "nobody"',
    ],
)
def test_a_condition_on_a_tag_gives_whom_the_engine_gives(rule: str) -> None:
    index = index_of(published())
    condition = parse_rule(rule)
    assert members(condition, index) == index.scan(condition)


def test_what_single_customers_have_is_what_the_table_says() -> None:
    now = published()
    listed = rows(now.table(TAGS))
    wanted: dict[object, set[tuple[object, ...]]] = {}
    for row in listed:
        wanted.setdefault(row["customer_id"], set()).add((row["tag"], row["value"], row["number"], row["day"]))
    current = set(RULES)
    for customer_id in range(0, now.customer_count, 3):
        held = {(one.name, one.value, one.number, one.day) for one in tags_of(now, customer_id) if one.name in current}
        assert held == {row for row in wanted.get(customer_id, set()) if row[0] in current}
    everybody = list(range(now.customer_count))
    for tag in RULES:
        by_many = values_of(now, tag, everybody)
        by_one = {one: found for few in everybody for one, found in values_of(now, tag, [few]).items()}
        assert by_many == by_one
        assert len(by_many) == sum(value_counts(now, tag).values()) == len(index_of(now).tag(tag))


def test_counts_of_values_are_those_of_their_customers() -> None:
    now = published()
    index = index_of(now)
    assert value_counts(now, "size") == {value: len(index.tag("size", (value,))) for value in ("large", "small")}
    assert value_counts(now, "buyer") == {"yes": len(index.tag("buyer"))}
    assert value_counts(now, "spent") == {"": now.customer_count}
    assert value_counts(now, "nobody") == {}


def test_a_tag_is_read_when_it_is_asked_for_and_not_before() -> None:
    index = index_of(published())
    assert MEMORY.bytes == 0
    index.tag("buyer")
    loaded = {key[1].rsplit("/", 1)[1].split("-")[-1] for key in MEMORY._kept if key[0] == "values"}  # type: ignore[index]
    assert loaded == {"buyer.parquet"}


def test_memory_stays_within_its_limit_and_answers_stay_right(settings: object) -> None:
    asked = [parse_rule(f"revenue_amount > {border}") for border in range(0, 1500, 30)]
    wanted = [len(members(condition, index_of(published()))) for condition in asked]
    MEMORY.forget()
    settings.ZHIKE = replace(django_settings.ZHIKE, index_memory=20_000)  # type: ignore[attr-defined]
    for condition, size in zip(asked * 2, wanted * 2, strict=True):
        assert len(members(condition, index_of(published()))) == size
        assert MEMORY.bytes <= 20_000


def test_a_tag_that_is_set_is_as_it_stands_at_this_moment() -> None:
    set_by_hand("vip")
    set_by_hand("points", "number")
    now = published()
    assert index_of(now).tag("vip") == BitMap()
    set_tag(tag="vip", customers=[3, 5])
    set_tag(tag="points", customers=[5], value="12.5")
    index = index_of(now)
    assert index.tag("vip") == BitMap([3, 5])
    assert members(parse_rule('tag "points" > 12'), index) == BitMap([5])
    assert members(parse_rule('tag "points" * 2 = 25'), index) == BitMap([5])  # by the engine
    set_tag(tag="points", customers=[5], value="7")
    assert members(parse_rule('tag "points" * 2 = 25'), index_of(now)) == BitMap()
    assert {one.name for one in tags_of(now, 5)} >= {"vip", "points"}


def test_who_came_after_a_refresh_is_not_in_it() -> None:
    set_by_hand("vip")
    now = published()
    record_act("vip", Act(given={"yes": BitMap([0, now.customer_count, 10**6])}))
    assert index_of(now).tag("vip") == BitMap([0])


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ('has tag "bying"', "no tag is called “bying”"),
        ('has tag "size" = "huge"', "nobody has size = “huge”"),
        ('has tag "tomorrow"', "was not computed yet"),
        ('has tag "size" as of 2020-01-31', "is known from 1 Jun 2026 on"),
        ('in audience "friends"', "there is no audience “friends”"),
    ],
)
def test_what_an_index_does_not_know_is_said(rule: str, says: str) -> None:
    put_in_force("tomorrow", "order_count > 3")
    with pytest.raises(UserError, match=says):
        members(parse_rule(rule), index_of(published()))


def test_a_value_that_is_listed_may_be_nobodys() -> None:
    put_in_force("size", RULES["size"], values=("large", "small", "huge"))
    assert index_of(published()).tag("size", ("huge",)) == BitMap()


def test_a_tag_with_too_many_values_to_index_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from zhike.understand.attributes import bitmaps

    by_value = {value: index_of(published()).tag("segment_now", (value,)) for value in ("loyal", "new")}
    counts = value_counts(published(), "segment_now")
    monkeypatch.setattr(bitmaps, "MOST_VALUES", 3)
    rebuild_tags(["segment_now"])
    now = published()
    index = index_of(now)
    assert {value: index.tag("segment_now", (value,)) for value in by_value} == by_value
    assert value_counts(now, "segment_now") == counts
    assert len(index.tag("segment_now")) == sum(counts.values())
    held = {one: found["value"] for one, found in values_of(now, "segment_now", [*by_value["new"]]).items()}
    assert held == dict.fromkeys(by_value["new"], "new")
    assert all("segment_now" in {one.name for one in tags_of(now, customer)} for customer in by_value["new"])


def test_every_tag_says_by_which_version_and_as_of_which_day_it_was_computed() -> None:
    states = tag_states(published().snapshots)
    assert {name: (states[name].version, states[name].as_of) for name in RULES} == dict.fromkeys(
        RULES, (1, date(2026, 6, 1))
    )
    assert [states[name].kind for name in RULES] == ["yes_no", "category", "category", "number", "date", "yes_no"]
