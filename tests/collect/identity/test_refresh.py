"""Linking within a refresh: ids stay, new records find their customers, what was weighed is not weighed again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.collect.identity.company import CORE, OTHERS, SHOP, bring_in, who_is_who

from zhike.collect.identity.models import Decision
from zhike.collect.identity.queries import Key, NoSuchCustomers, moves_of
from zhike.collect.identity.redirects import redirects
from zhike.collect.identity.services import merge_customers, never_same, redo_decision, split_customer, undo_decision
from zhike.collect.identity.tables import CUSTOMER_REDIRECTS, IDENTITY_MODELS, POSSIBLE_DUPLICATES, RECORD_PAIRS
from zhike.collect.sources.services import import_file
from zhike.errors import UserError
from zhike.warehouse.queries import published, rows
from zhike.warehouse.services import run_refresh

AS_OF = date(2026, 5, 1)
Refreshed = Callable[[], dict[str, int]]


@pytest.fixture
def refreshed(home: Path, tmp_path: Path, settings: Any) -> Refreshed:
    """Refreshes the sources as far as identity goes, and says which customer each key is."""
    settings.REFRESH_STEPS = "zhike.collect.identity.steps.STEPS"
    settings.ZHIKE = replace(settings.ZHIKE, linking=True)
    bring_in(tmp_path, "core", CORE)
    bring_in(tmp_path, "other", OTHERS)
    bring_in(tmp_path, "shop", SHOP)

    def again() -> dict[str, int]:
        run_refresh(as_of=AS_OF)
        return dict(who_is_who())

    return again


def test_new_and_changed_records_find_their_customers(refreshed: Refreshed, tmp_path: Path) -> None:
    first = refreshed()
    assert first["core 1"] == first["shop a"]
    assert sorted(set(first.values())) == list(range(14))
    now = published()
    assert (now.customer_count, now.next_customer_id) == (14, 14)
    learnt, weighed = rows(now.table(IDENTITY_MODELS)), rows(now.table(RECORD_PAIRS))
    # A new record of somebody who is known, one of somebody who is not, and one that says something else than before.
    bring_in(tmp_path, "web", [("x", "欧阳晓月", "13800000003", "", ""), ("y", "司马青", "13700000009", "", "")])
    second = refreshed()
    assert {key: second[key] for key in first} == first
    assert second["web x"] == first["core 3"]
    assert second["web y"] == 14
    now = published()
    assert rows(now.table(IDENTITY_MODELS)) == learnt
    assert [
        pair for pair in rows(now.table(RECORD_PAIRS)) if "web" not in (pair["source_l"], pair["source_r"])
    ] == weighed
    bring_in(tmp_path, "shop", [("a", "赵敏", "13600000006", "1999-09-09", "")], name="mended")
    third = refreshed()
    assert third["core 1"] == first["core 1"]
    assert third["shop a"] == 15
    moved = moves_of(15, published())
    assert [(str(move.key), move.from_id, move.to_id, move.kind) for move in moved] == [("shop a", 0, 15, "split")]


def test_people_have_the_last_word(refreshed: Refreshed) -> None:
    before = refreshed()
    both, one = before["core 1"], before["core 2"]
    merged = merge_customers([[both, one]], why="the same, seen at the counter")
    split = split_customer(both, [Key("shop", "a")])
    after = refreshed()
    # What was decided last holds: the shop's key goes, the other two are one.
    assert after["core 1"] == after["core 2"] == min(both, one)
    assert after["shop a"] == 14
    assert redirects(published()).leads_to(max(both, one)) == min(both, one)
    assert redirects(published()).ids_of(min(both, one)) == (both, one)
    assert published().customer_count == 14
    with pytest.raises(UserError, match="are never one") as refused:
        merge_customers([[after["shop a"], after["core 1"]]])
    assert f"decision {split.pk}" in refused.value.advice
    undo_decision(merged.pk)
    undo_decision(split.pk)
    assert refreshed() == before
    assert published().customer_count == 14
    redo_decision(merged.pk)
    again = refreshed()
    assert again["core 2"] == again["shop a"] == again["core 1"]


def test_never_the_same_takes_apart_what_evidence_links(refreshed: Refreshed) -> None:
    before = refreshed()
    split_customer(before["core 1"], [Key("shop", "a")])
    apart = refreshed()
    never_same([[apart["shop a"], apart["shop b"]]])
    merge_customers([[apart["shop b"], apart["core 1"]]])
    found = refreshed()
    assert found["shop b"] == found["core 1"] != found["shop a"]
    # Two of one name are left to be looked at; who was kept apart is not asked again.
    asked = {(row["customer_id"], row["other_id"]) for row in rows(published().table(POSSIBLE_DUPLICATES))}
    assert asked == {(found["core 1"], found["core 2"]), (found["core 2"], found["core 1"])}


def test_a_decision_that_cannot_be_is_refused_whole(refreshed: Refreshed) -> None:
    refreshed()
    refused: dict[str, list[list[int]]] = {
        "two customers or more": [[0]],
        "a group has two": [],
        "customer 1 is in two groups": [[0, 1], [1, 2]],
        "there is no customer 77": [[0, 77], [1, 2]],
    }
    for message, groups in refused.items():
        with pytest.raises(UserError, match=message):
            merge_customers(groups)
    with pytest.raises(UserError, match="customer 0 has no key shop b"):
        split_customer(0, [Key("shop", "b")])
    with pytest.raises(UserError, match="some keys have to go and some to stay"):
        split_customer(0, [Key("core", "1"), Key("shop", "a")])
    assert not Decision.objects.exists()
    for number in (-1, 2**32, 2**70):  # no column holds these
        for decide in (
            partial(merge_customers, [[3, number]]),
            partial(never_same, [[3, number]]),
            partial(split_customer, number, [Key("core", "1")]),
        ):
            with pytest.raises(NoSuchCustomers, match=f"there is no customer {number}"):
                decide()
    assert not Decision.objects.exists()
    # Nor can several together say the contrary of one, before any refresh.
    never_same([[3, 5]])
    merge_customers([[3, 4]])
    with pytest.raises(UserError, match=r"says that .* are never one"):
        merge_customers([[4, 5]])
    three = merge_customers([[6, 7, 8]])
    with pytest.raises(UserError, match=rf"decision {three.pk} says that .* are one"):
        never_same([[6, 8]])
    undo_decision(three.pk)
    never = never_same([[6, 8]])
    with pytest.raises(UserError, match=rf"decision {never.pk} says that .* are never one"):
        redo_decision(three.pk)
    again = [merge_customers([[9, 10]]) for _twice in range(2)]
    with pytest.raises(UserError, match=f"decision {again[1].pk} says the same as decision {again[0].pk}"):
        undo_decision(again[0].pk)
    assert Decision.objects.filter(undone_at=None).count() == 5


def test_ten_thousand_merges_at_once_are_quick_and_leave_no_trace_when_undone(
    home: Path, tmp_path: Path, settings: Any
) -> None:
    settings.REFRESH_STEPS = "zhike.collect.identity.steps.STEPS"
    path = tmp_path / "keys.csv"
    path.write_text("customer_key,city\n" + "".join(f"k{number:05},Leeds\n" for number in range(25_000)))
    import_file(path, entity="source_records", source="core")
    run_refresh(as_of=AS_OF)
    before = who_is_who()
    groups = [[number, 24_999 - number] for number in range(5_000)]
    groups += [[5_000 + number, 10_000 + number, 19_999 - number] for number in range(5_000)]
    started = time.monotonic()
    decision = merge_customers(groups)
    run_refresh(as_of=AS_OF)
    assert time.monotonic() - started < 60
    merged = who_is_who()
    assert [sorted({merged[f"core k{number:05}"] for number in group}) for group in groups] == [
        [min(g)] for g in groups
    ]
    assert published().customer_count == 10_000
    undo_decision(decision.pk)
    run_refresh(as_of=AS_OF)
    assert who_is_who() == before
    assert not rows(published().table(CUSTOMER_REDIRECTS))
    assert published().customer_count == 25_000
