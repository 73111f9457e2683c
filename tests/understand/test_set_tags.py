"""Set tags: who has what after all that was set, taken away and undone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from zhike.collect.identity.queries import Key, NoSuchCustomers
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.models import Tag, TagChange, TagVersion
from zhike.understand.tags.setting.folding import (
    Act,
    SetTag,
    bitmap_of,
    folded,
    number_of,
    packed,
    packed_cells,
    text_of_number,
    unpacked,
    unpacked_cells,
)
from zhike.understand.tags.setting.imports import import_tag
from zhike.understand.tags.setting.services import NotSet, record_act, set_tag, undo_change, unset_tag
from zhike.understand.tags.setting.set_tags import current, members_of_set, rows_of_set, values_of_set

CUSTOMERS = st.sets(st.integers(0, 9), max_size=6)
ACTS = st.lists(st.tuples(st.sampled_from("abc-x"), CUSTOMERS), max_size=12)


def act_of(what: str, customers: set[int]) -> Act:
    """a, b, c: is given; -: loses whatever it is; x: loses b."""
    if what == "-":
        return Act(taken=BitMap(customers))
    return Act(taken=BitMap(customers), only="b") if what == "x" else Act(given={what: BitMap(customers)})


def one_by_one(acts: list[tuple[str, set[int]]]) -> dict[int, str]:
    """What everybody has, as plain Python says it."""
    has: dict[int, str] = {}
    for what, customers in acts:
        for customer in customers:
            if what in "abc":
                has[customer] = what
            elif what == "-" or has.get(customer) == "b":
                has.pop(customer, None)
    return has


@given(ACTS, st.integers(0, 12))
@settings(deadline=None)
def test_many_acts_come_to_what_they_come_to_one_by_one(acts: list[tuple[str, set[int]]], cut: int) -> None:
    expected: dict[str, set[int]] = {}
    for customer, value in one_by_one(acts).items():
        expected.setdefault(value, set()).add(customer)
    made = [act_of(*one) for one in acts]
    at_once = folded(SetTag(TagKind.CATEGORY), made[::-1])
    in_two = folded(folded(SetTag(TagKind.CATEGORY), made[:cut][::-1]), made[cut:][::-1])
    for state in (at_once, in_two):
        assert {value: set(customers) for value, customers in state.values.items()} == expected


@given(st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False) | st.none(), CUSTOMERS), max_size=12))
@settings(deadline=None)
def test_the_last_number_counts(acts: list[tuple[float | None, set[int]]]) -> None:
    has: dict[int, float] = {}
    made = []
    for number, customers in acts:
        ids = np.array(sorted(customers), np.uint32)
        if number is None:
            made.append(Act(taken=BitMap(customers)))
            has = {customer: value for customer, value in has.items() if customer not in customers}
        else:
            made.append(Act(ids=ids, numbers=np.full(len(ids), number)))
            has |= dict.fromkeys(customers, number)
    state = folded(SetTag(TagKind.NUMBER), made[::-1])
    assert dict(zip(state.ids.tolist(), state.numbers.tolist(), strict=True)) == has
    assert {
        customer: number_of(TagKind.NUMBER, text) for text, found in state.texts().items() for customer in found
    } == has


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_spelt_so_that_it_is_read_back(number: float) -> None:
    assert number_of(TagKind.NUMBER, text_of_number(TagKind.NUMBER, number)) == number


def test_what_is_stored_is_what_was_said() -> None:
    act = Act(given={"gold": BitMap([1, 2]), "银": BitMap()}, taken=BitMap([7]))
    read = unpacked_cells(packed_cells(act))
    assert (read.given, read.taken) == (act.given, act.taken)
    numbers = unpacked_cells(packed_cells(Act(ids=np.array([3, 5], np.uint32), numbers=np.array([1.5, -2]))))
    assert (numbers.ids.tolist(), numbers.numbers.tolist()) == ([3, 5], [1.5, -2])
    assert unpacked(packed(BitMap(range(70_000)))) == BitMap(range(70_000))
    assert unpacked(b"") == BitMap()


@pytest.fixture
def tags(company: None) -> Iterator[None]:
    """A set tag of each kind, in force."""
    listed = [{"value": "gold"}, {"value": "silver"}]
    for name, kind, values in (
        ("vip", "yes_no", []),
        ("tier", "category", listed),
        ("free", "category", []),
        ("points", "number", []),
        ("signed_on", "date", []),
    ):
        tag = Tag.objects.create(name=name, kind=kind, origin=Tag.Origin.PERSON, theme="business", title=name)
        TagVersion.objects.create(tag=tag, number=1, state=TagVersion.State.PUBLISHED, values=values)
    computed = Tag.objects.create(name="computed", kind="yes_no", theme="business", title="computed")
    TagVersion.objects.create(tag=computed, number=1, state=TagVersion.State.PUBLISHED, tree='{"node":"known"}')
    return


@pytest.mark.usefixtures("tags")
@pytest.mark.parametrize("text", ["a\0b", "a\u202eb", "a\u2066b", "a\nb"])
def test_a_free_value_hides_nothing_and_a_note_is_cleaned(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="hidden character") as refused:
        set_tag(tag="free", customers=[1], value=text)
    assert refused.value.where == "value"
    assert set_tag(tag="free", customers=[1], value="a　\u200db", note=f" {text}").note in ("ab", "a\nb")
    path = tmp_path / "values.parquet"
    pq.write_table(pa.table({"customer_id": ["2", "3"], "value": [text, "a　\u200db"]}), path)
    found = import_tag(tag="free", path=path, note="x\u202e")
    assert (found.accepted, found.rejected) == (1, 1)
    assert found.reasons == {"value: holds a line break or a hidden character": 1}
    assert TagChange.objects.get(pk=found.change_id).note == "x"


def values(tag: str, **options: Any) -> dict[str, list[int]]:
    return {value: list(customers) for value, customers in values_of_set(tag, **options).items()}


@pytest.mark.usefixtures("tags")
def test_a_later_value_takes_the_place_of_an_earlier() -> None:
    set_tag(tag="tier", customers=[1, 2, 3], value="silver")
    set_tag(tag="tier", customers=[2], value="gold", note="by hand")
    assert values("tier") == {"gold": [2], "silver": [1, 3]}
    assert members_of_set("tier") == BitMap([1, 2, 3])
    assert members_of_set("tier", ("gold", "bronze")) == BitMap([2])
    unset_tag(tag="tier", customers=[1, 2], value="silver")
    assert values("tier") == {"gold": [2], "silver": [3]}
    unset_tag(tag="tier", customers=[2, 3])
    assert values("tier") == {}
    assert [(change.customer_count, change.actor_name) for change in TagChange.objects.all()] == [
        (3, "operator"),
        (1, "operator"),
        (2, "operator"),
        (2, "operator"),
    ]


@pytest.mark.usefixtures("tags")
def test_each_kind_has_its_values() -> None:
    set_tag(tag="vip", customers=[4])
    set_tag(tag="vip", customers=[5], value="yes")
    set_tag(tag="points", customers=[1, 2], value="12.50")
    set_tag(tag="points", customers=[2], value=7)
    set_tag(tag="signed_on", customers=[3], value=date(2026, 1, 31))
    assert (values("vip"), values("points")) == ({"yes": [4, 5]}, {"7": [2], "12.5": [1]})
    assert values("signed_on") == {"2026-01-31": [3]}
    assert members_of_set("points", ("12.5", "8", "x")) == BitMap([1])
    assert rows_of_set("points").to_pylist() == [
        {"customer_id": 1, "value": None, "number": 12.5, "day": None},
        {"customer_id": 2, "value": None, "number": 7.0, "day": None},
    ]
    assert rows_of_set("signed_on").to_pylist() == [
        {"customer_id": 3, "value": None, "number": None, "day": date(2026, 1, 31)}
    ]
    assert rows_of_set("vip")["value"].to_pylist() == ["yes", "yes"]
    assert rows_of_set("tier").to_pylist() == []


@pytest.mark.usefixtures("tags")
def test_what_is_undone_counts_as_if_it_had_not_been_and_can_be_done_again() -> None:
    first = set_tag(tag="tier", customers=[1, 2], value="silver")
    second = set_tag(tag="tier", customers=[2, 3], value="gold")
    assert values("tier") == {"gold": [2, 3], "silver": [1]}
    undone = undo_change(change_id=second.pk)
    assert values("tier") == {"silver": [1, 2]}
    set_tag(tag="tier", customers=[1], value="gold")
    undo_change(change_id=undone.pk)
    assert values("tier") == {"gold": [1, 2, 3]}
    undo_change(change_id=first.pk)
    assert values("tier") == {"gold": [1, 2, 3]}
    with pytest.raises(UserError, match="undone already"):
        undo_change(change_id=first.pk)
    with pytest.raises(NotFound):
        undo_change(change_id=10**9)


@pytest.mark.usefixtures("tags")
def test_a_tag_stands_as_it_stood_at_the_end_of_a_day_where_the_firm_is(settings: Any) -> None:
    from dataclasses import replace

    settings.ZHIKE = replace(settings.ZHIKE, time_zone="Asia/Shanghai")
    zone = ZoneInfo("Asia/Shanghai")
    first = set_tag(tag="tier", customers=[1], value="silver")
    second = set_tag(tag="tier", customers=[1, 2], value="gold")
    undone = undo_change(change_id=second.pk)
    for change, at in (
        (first, datetime(2026, 1, 1, 23, 59, tzinfo=zone)),
        (second, datetime(2026, 1, 2, 0, 0, tzinfo=zone)),
        (undone, datetime(2026, 1, 3, 12, 0, tzinfo=zone)),
    ):
        TagChange.objects.filter(pk=change.pk).update(set_at=at)
    assert values("tier", as_of=date(2025, 12, 31)) == {}
    assert values("tier", as_of=date(2026, 1, 1)) == {"silver": [1]}
    assert values("tier", as_of=date(2026, 1, 2)) == {"gold": [1, 2]}
    assert values("tier", as_of=date(2026, 1, 3)) == values("tier") == {"silver": [1]}


@pytest.mark.usefixtures("tags")
def test_customers_are_named_by_numbers_or_by_keys() -> None:
    set_tag(tag="vip", keys=[Key("hr", "k1"), Key("hr", "k2")], customers=[0])
    by_key = members_of_set("vip") - BitMap([0])
    assert len(by_key) == 2
    with pytest.raises(NoSuchCustomers, match="no customer is called hr k999"):
        set_tag(tag="vip", keys=[Key("hr", "k1"), Key("hr", "k999")])
    for nobody in ([-1], [10**6], [2**40], BitMap([3, 10**6])):
        with pytest.raises(NoSuchCustomers, match="there is no customer"):
            set_tag(tag="vip", customers=nobody)
    with pytest.raises(UserError, match="nobody is named"):
        set_tag(tag="vip")


@pytest.mark.usefixtures("tags")
@pytest.mark.parametrize(
    ("tag", "value", "says"),
    [
        ("vip", "no", "is not “yes”"),
        ("tier", "bronze", "none of the tag's values"),
        ("tier", None, "a value has 1 to"),
        ("free", "x" * 201, "a value has 1 to"),
        ("points", "many", "is not a number"),
        ("points", "nan", "is not a number"),
        ("signed_on", "2026-02-30", "is not a date"),
        ("computed", None, "nobody can set it"),
        ("unheard_of", None, "no tag in force"),
    ],
)
def test_a_value_that_cannot_be_is_refused(tag: str, value: str | None, says: str) -> None:
    with pytest.raises(UserError, match=says):
        set_tag(tag=tag, customers=[1], value=value)


@pytest.mark.usefixtures("tags")
def test_only_who_may_set_tags_does() -> None:
    change = set_tag(tag="vip", customers=[1])
    with acting_as(Actor(ActorKind.USER, rights=frozenset(Right) - {Right.SET_TAGS})):
        for attempt in (
            lambda: set_tag(tag="vip", customers=[1]),
            lambda: unset_tag(tag="vip", customers=[1]),
            lambda: undo_change(change_id=change.pk),
        ):
            with pytest.raises(Denied):
                attempt()
    with pytest.raises(NotSet):
        unset_tag(tag="computed", customers=[1])


@pytest.mark.usefixtures("tags")
def test_a_million_customers_are_set_and_read_in_about_a_second() -> None:
    ids = np.random.default_rng(1).choice(10_000_000, 1_000_000, replace=False).astype(np.uint32)
    ids.sort()
    started = time.perf_counter()
    record_act("tier", Act(given={"gold": bitmap_of(ids)}), value="gold")
    record_act("points", Act(ids=ids, numbers=np.arange(len(ids)) / 7))
    record_act("points", Act(ids=ids[:500_000], numbers=np.arange(500_000, dtype=float)))
    assert len(members_of_set("tier", ("gold",))) == 1_000_000
    points = current("points")
    seconds = time.perf_counter() - started
    assert points.numbers[0] == 0
    assert points.numbers[-1] == (len(ids) - 1) / 7
    assert seconds < 5  # a second on a machine that does nothing else


@pytest.mark.usefixtures("tags")
def test_a_log_of_many_small_changes_is_read_on_from_where_it_was_read() -> None:
    for customer in range(50):
        set_tag(tag="tier", customers=[customer], value="gold" if customer % 2 else "silver")
        if customer % 10 == 0:
            current("tier")
    assert values("tier") == {"gold": list(range(1, 50, 2)), "silver": list(range(0, 50, 2))}
