"""Chores come round beside the jobs, and one that fails holds up nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.conf import LazySettings

from zhike.collect.inbox.queries import find_receipt
from zhike.collect.inbox.services import receive_facts
from zhike.collect.sources.services import add_source
from zhike.govern.access.actors import ActorKind, current_actor
from zhike.operate.jobs import chores
from zhike.operate.jobs.worker import work

done: list[str] = []


def sweep() -> None:
    done.append(current_actor().kind)


def stumble() -> None:
    done.append("stumbled")
    raise KeyError("MARKER")


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    done.clear()


def test_a_chore_that_fails_is_logged_without_its_text_and_the_next_is_done(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CHORES = {f"{__name__}.stumble": 1, f"{__name__}.sweep": 1}
    chores.do_chores()
    assert done == ["stumbled", ActorKind.OPERATOR]
    assert [record.getMessage() for record in caplog.records] == ["chore failed"]


@pytest.mark.django_db(transaction=True)
def test_chores_come_round_in_threads_of_their_own(settings: LazySettings) -> None:
    settings.CHORES = {f"{__name__}.stumble": 0.01, f"{__name__}.sweep": 0.01}
    stop = chores.start_chores()
    deadline = time.monotonic() + 10
    while done.count("stumbled") < 3 or done.count(ActorKind.OPERATOR) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    stop()
    finished = list(done)
    time.sleep(0.05)
    assert done == finished


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_runs_once_flushes_the_inbox(home: Path) -> None:
    add_source(name="shop")
    fact = {"event_id": "1", "customer_key": "ann", "kind": "login", "occurred_at": "2026-05-01T10:00:00Z"}
    receipt = receive_facts(entity="events", source="shop", facts=[fact]).receipt
    work(once=True)
    assert find_receipt(receipt).state == "flushed"
