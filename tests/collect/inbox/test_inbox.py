"""What is acknowledged is in the warehouse exactly once, whoever is killed and whoever else flushes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone
from tests.warm import Popen

from zhike.collect.inbox import services
from zhike.collect.inbox.facts import FactsRefused, batch_schema, read_facts
from zhike.collect.inbox.models import InboxBatch, InboxFlush
from zhike.collect.inbox.queries import find_receipt, waiting
from zhike.collect.inbox.services import flush_inbox, receive_facts
from zhike.collect.sources.models import Import
from zhike.collect.sources.services import add_source
from zhike.errors import NotFound
from zhike.installation import read_installation
from zhike.warehouse.entities import EVENTS
from zhike.warehouse.queries import newest, rows

PRELUDE = "import django, sys; django.setup()\n"
ACT = "from zhike.govern.access.actors import OPERATOR, become; become(OPERATOR)\n"
RECEIVE = (
    PRELUDE
    + ACT
    + """
from zhike.collect.inbox.services import receive_facts
first, batches = int(sys.argv[1]), int(sys.argv[2])
for batch in range(first, first + batches):
    same = {"customer_key": "ann", "kind": "login", "occurred_at": "2026-05-01T10:00:00Z"}
    facts = [{"event_id": f"e{batch}-{n}", **same} for n in range(50)]
    print(receive_facts(entity="events", source="shop", facts=facts).receipt, flush=True)
import time; time.sleep(100)
"""
)
FLUSH = (
    PRELUDE
    + "from zhike.collect.inbox.services import flush_inbox\nprint('flushing', flush=True)\nprint(flush_inbox())"
)


def fact(number: int, **changes: object) -> dict[str, object]:
    return {
        "event_id": f"e{number}",
        "customer_key": "ann",
        "kind": "login",
        "occurred_at": "2026-05-01T10:00:00Z",
        **changes,
    }


def stored() -> list[str]:
    return sorted(str(row["event_id"]) for row in rows(newest(EVENTS).select("event_id")))


class Site:
    """A home on which other processes receive and flush."""

    def __init__(self, folder: Path, settings: LazySettings, commands: Path) -> None:
        self.commands = commands
        self.home = folder / "home"
        self.environ = {
            **os.environ,
            "ZHIKE_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "zhike.config.settings",
        }
        settings.ZHIKE = read_installation({"ZHIKE_HOME": str(self.home)})
        self.zhike("init")
        self.zhike("sources", "add", "shop", "--lawful-basis", "contract")

    def zhike(self, *arguments: str) -> None:
        subprocess.run([self.commands / "zhike", *arguments], env=self.environ, check=True, capture_output=True)

    def start(self, code: str, *arguments: object) -> subprocess.Popen[str]:
        command = [self.commands / "warm-python", "-c", code, *map(str, arguments)]
        return Popen(command, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def receive_then_die(self, first: int, batches: int) -> list[str]:
        """The events that were acknowledged before the receiver was killed."""
        process = self.start(RECEIVE, first, batches)
        assert process.stdout is not None
        receipts = [process.stdout.readline() for _ in range(batches)]
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert all(receipts)
        return [f"e{batch}-{n}" for batch in range(first, first + batches) for n in range(50)]

    def flush(self) -> int:
        output, errors = self.start(FLUSH).communicate(timeout=60)
        assert output, errors
        return int(output.split()[-1])


@pytest.fixture
def site(tmp_path: Path, settings: LazySettings, commands: Path) -> Site:
    return Site(tmp_path, settings, commands)


def moments(site: Site) -> dict[str, Callable[[], bool]]:
    """What a flush leaves on disk on its way."""
    events = site.home / "warehouse/collected/events"
    return {
        "claimed and written": lambda: any((site.home / "inbox").glob("*.jsonl")),
        "import begun": lambda: any((site.home / "staging").glob("import-*")),
        "rows written": lambda: any(events.glob("data/import-*")),
        "decided": lambda: any((site.home / "staging").glob("import-*/landed.json")),
    }


def test_every_acknowledged_event_arrives_once_however_often_flushes_are_killed(site: Site) -> None:
    expected: list[str] = []
    for number, name in enumerate(moments(site)):
        expected += site.receive_then_die(10 * number, 3)
        process = site.start(FLUSH)
        reached = moments(site)[name]
        deadline = time.monotonic() + 60
        while process.poll() is None and not reached():
            assert time.monotonic() < deadline
            time.sleep(0.0005)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        expected += site.receive_then_die(10 * number + 5, 1)  # more arrives before the next flush
    site.flush()
    site.flush()
    assert stored() == sorted(expected)


def test_two_flushes_at_once_bring_everything_once(site: Site) -> None:
    expected = site.receive_then_die(0, 6)
    first, second = site.start(FLUSH), site.start(FLUSH)
    done = sorted(int(process.communicate(timeout=60)[0].split()[-1]) for process in (first, second))
    assert done == [0, 300]
    assert stored() == sorted(expected)


def test_a_flush_that_was_killed_after_its_import_adds_nothing(home: Path) -> None:
    add_source(name="shop")
    receipt = receive_facts(entity="events", source="shop", facts=[fact(1), fact(2)]).receipt
    # The import is done, and the process dies before that is on record.
    flush_inbox()
    InboxFlush.objects.update(is_finished=False, import_id=None)
    InboxBatch.objects.update(payload=_payload([fact(1), fact(2)]))
    assert flush_inbox() == 2
    assert stored() == ["e1", "e2"]
    imported = find_receipt(receipt).imported
    assert imported is not None
    assert (imported.import_id, imported.accepted, imported.duplicates) == (1, 2, 0)


def _payload(facts: list[dict[str, object]]) -> bytes:
    lines = read_facts("events", json.dumps({"source": "shop", "facts": facts}).encode())[1]
    return zlib.compress(b"".join(line + b"\n" for line in lines))


def test_a_flush_that_fails_is_repeated_later_and_nothing_overtakes_it(home: Path) -> None:
    add_source(name="shop")
    receipt = receive_facts(entity="events", source="shop", facts=[fact(1)]).receipt
    warehouse = home / "warehouse"
    warehouse.touch()  # a file where the folder belongs
    assert flush_inbox() == 0
    found = find_receipt(receipt)
    assert (found.state, bool(found.error)) == ("delayed", True)
    receive_facts(entity="events", source="shop", facts=[fact(1, kind="logout")])
    assert flush_inbox() == 0
    warehouse.unlink()
    InboxFlush.objects.update(retry_at=timezone.now())
    assert flush_inbox() == 2
    assert flush_inbox() == 0
    kinds = rows(newest(EVENTS).select("kind", "is_correction", "import_id").order_by("import_id"))
    assert [(row["kind"], row["is_correction"]) for row in kinds] == [("login", False), ("logout", True)]


def test_entities_and_sources_are_flushed_apart(home: Path) -> None:
    add_source(name="shop")
    add_source(name="web")
    interaction = {
        "interaction_id": "i1",
        "customer_key": "ann",
        "occurred_at": "2026-05-01T10:00:00+08:00",
        "channel": "call",
    }
    receive_facts(entity="events", source="shop", facts=[fact(1)])
    receive_facts(entity="events", source="web", facts=[fact(1)])
    receive_facts(entity="interactions", source="shop", facts=[interaction])
    assert waiting().facts == 3
    assert flush_inbox() == 3
    assert waiting() == type(waiting())(facts=0, since=None)
    found = Import.objects.order_by("pk").values_list("entity", "source__name", "accepted_count")
    assert list(found) == [("events", "shop", 1), ("events", "web", 1), ("interactions", "shop", 1)]


def test_receipts_are_kept_for_thirty_days(home: Path) -> None:
    add_source(name="shop")
    old = receive_facts(entity="events", source="shop", facts=[fact(1)]).receipt
    flush_inbox()
    InboxFlush.objects.update(finished_at=timezone.now() - services.KEPT - timedelta(minutes=1))
    new = receive_facts(entity="events", source="shop", facts=[fact(2)]).receipt
    flush_inbox()
    assert find_receipt(new).state == "flushed"
    with pytest.raises(NotFound):
        find_receipt(old)


def test_what_is_no_batch_is_refused(home: Path) -> None:
    add_source(name="shop")
    with pytest.raises(FactsRefused) as refused:
        receive_facts(entity="events", source="shop", facts=[fact(1), {"event_id": 7}])
    assert [where for where, _ in refused.value.faults] == [
        "facts.1.event_id",
        "facts.1.customer_key",
        "facts.1.kind",
        "facts.1.occurred_at",
    ]
    with pytest.raises(NotFound, match="no facts are called"):
        receive_facts(entity="staff", source="shop", facts=[fact(1)])


def test_the_schema_of_a_batch_says_what_the_table_contract_says() -> None:
    schema = batch_schema("parties")["properties"]["facts"]["items"]
    assert schema["required"] == ["contract_id", "role", "customer_key"]
    assert schema["properties"]["role"]["enum"] == [
        "holder",
        "insured",
        "beneficiary",
        "payer",
        "user",
        "contact_person",
    ]
    assert schema["additionalProperties"] is False
