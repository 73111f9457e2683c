"""Live facts over HTTP: checked, acknowledged, flushed, and counted once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.api.conftest import Machine, event

from zhike.collect.inbox.models import InboxBatch
from zhike.collect.inbox.services import flush_inbox
from zhike.collect.sources.models import Import, Source
from zhike.govern.access.rights import Right
from zhike.warehouse.entities import EVENTS, ORDERS
from zhike.warehouse.queries import newest, rows

Machines = Callable[..., Machine]


def sent(machine: Machine, *facts: object, entity: str = "events", source: str = "shop") -> Any:
    return machine.post(f"/facts/{entity}", {"source": source, "facts": facts})


def test_facts_are_acknowledged_then_flushed(machine: Machines, shop: str) -> None:
    sender = machine(Right.SEND_FACTS)
    answer = sent(sender, event(1), event(2, properties={"page": "/家", "n": 2}, channel="web"))
    assert answer.status_code == 202
    assert answer.json()["facts"] == 2
    receipt = f"/receipts/{answer.json()['receipt']}"
    waiting = sender.get(receipt).json()
    assert (waiting["state"], waiting["imported"], waiting["facts"]) == ("received", None, 2)
    assert flush_inbox() == 2
    found = sender.get(receipt).json()
    assert (found["state"], found["error"]) == ("flushed", "")
    assert found["imported"] == {
        "import_id": 1,
        "read": 2,
        "accepted": 2,
        "corrections": 0,
        "duplicates": 0,
        "rejected": 0,
    }
    columns = ("event_id", "customer_source", "occurred_on", "channel", "properties", "extra")
    stored = sorted(rows(newest(EVENTS).select(*columns)), key=lambda row: str(row["event_id"]))
    assert [tuple(str(value) for value in row.values()) for row in stored] == [
        ("e1", "shop", "2026-05-01", "None", "None", "None"),
        ("e2", "shop", "2026-05-01", "web", '{"page":"/家","n":2}', "None"),
    ]


def test_the_same_event_in_several_batches_counts_once(machine: Machines, shop: str) -> None:
    sender = machine(Right.SEND_FACTS)
    sent(sender, event(1), event(1), event(2))
    sent(sender, event(2))
    assert flush_inbox() == 4
    sent(sender, event(1), event(3))
    assert flush_inbox() == 2
    assert sorted(str(row["event_id"]) for row in rows(newest(EVENTS).select("event_id"))) == ["e1", "e2", "e3"]
    assert list(Import.objects.order_by("pk").values_list("accepted_count", "duplicate_count")) == [(2, 2), (1, 1)]


def test_a_later_fact_with_the_same_key_is_a_correction(machine: Machines, shop: str) -> None:
    sender = machine(Right.SEND_FACTS)
    order = {"order_id": "o1", "customer_key": "ann", "ordered_at": "2026-05-01T10:00:00Z", "amount": "19.90"}
    sent(sender, order, entity="orders")
    flush_inbox()
    sent(sender, {**order, "amount": 25}, entity="orders")
    flush_inbox()
    stored = rows(newest(ORDERS).select("amount", "is_correction").order_by("amount"))
    assert [(str(row["amount"]), row["is_correction"]) for row in stored] == [("19.9000", False), ("25.0000", True)]


def test_a_mistake_is_named_by_item_and_field_and_nothing_is_kept(machine: Machines, shop: str) -> None:
    sender = machine(Right.SEND_FACTS)
    without_id = event(1)
    del without_id["event_id"]
    for facts, where in (
        ([event(1), without_id], "facts.1.event_id"),
        ([event(1, colour="red")], "facts.0.colour"),
        ([event(1, occurred_at="yesterday")], "facts.0.occurred_at"),
        ([event(1, occurred_at="2026-05-01T10:00:00")], "facts.0.occurred_at"),
        ([event(1, customer_key=" ")], "facts.0.customer_key"),
        ([event(1, properties="x")], "facts.0.properties"),
        (["x"], "facts.0"),
        ([], "facts"),
        ([event(n) for n in range(1001)], "facts"),
    ):
        answer = sent(sender, *facts)
        assert (answer.status_code, answer.json()["where"]) == (422, where)
        assert answer.json()["faults"][0]["where"] == where
    assert not InboxBatch.objects.exists()


def test_values_that_the_import_rejects_are_counted_by_the_receipt(machine: Machines, shop: str) -> None:
    sender = machine(Right.SEND_FACTS)
    receipt = sent(sender, event(1), event(2, occurred_at="2126-05-01T10:00:00Z")).json()["receipt"]
    flush_inbox()
    found = sender.get(f"/receipts/{receipt}").json()["imported"]
    assert (found["accepted"], found["rejected"]) == (1, 1)


def test_no_machine_invents_a_source_or_an_entity(machine: Machines, shop: str) -> None:
    sender = machine(Right.SEND_FACTS)
    assert sent(sender, event(1), source="elsewhere").json()["where"] == "source"
    assert sent(sender, event(1), entity="dances").status_code == 404
    assert sent(sender, event(1), entity="products").status_code == 404
    assert [source.name for source in Source.objects.all()] == ["shop"]


def test_facts_need_the_right_to_send_them(machine: Machines, shop: str) -> None:
    stranger = machine(Right.SEE_CUSTOMERS)
    answer = sent(stranger, event(1))
    assert answer.status_code == 403
    assert "send facts" in answer.json()["message"]
    assert stranger.get("/receipts/0b6f4c1e-8a4e-4ddc-9a1c-3a0c5be0a000").status_code == 403
    assert not InboxBatch.objects.exists()


def test_flushes_do_not_disturb_the_mapping_that_files_are_imported_by(machine: Machines, shop: str) -> None:
    Source.objects.update(mappings={"events": {"entity": "events"}})
    sent(machine(), event(1))
    flush_inbox()
    assert Source.objects.get().mappings == {"events": {"entity": "events"}}


def test_a_receipt_stays_when_its_facts_are_in_the_warehouse(machine: Machines, shop: str, home: Path) -> None:
    sent(machine(), event(1))
    flush_inbox()
    assert list(InboxBatch.objects.values_list("payload", flat=True)) == [None]
    assert list((home / "inbox").iterdir()) == []
