"""Webhooks against a real receiver: signed, repeated until taken, never into a private network unasked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from zhike.collect.sources.services import import_file
from zhike.errors import NotFound, UserError
from zhike.operate.jobs.services import enqueue_job, run_job
from zhike.operate.webhooks.models import Event, Webhook, WebhookDelivery
from zhike.operate.webhooks.queries import list_webhooks
from zhike.operate.webhooks.sending import UnfitAddress, check_url, send
from zhike.operate.webhooks.services import PAUSES, add_webhook, announce, deliver_webhooks, remove_webhook
from zhike.warehouse.services import publish_refresh, run_refresh

ORDERS = "order_id,customer_key,ordered_at,amount\n1,ann,2026-01-31,10\n2,ann,never,20\n"
State = WebhookDelivery.State


class Receiver(ThreadingHTTPServer):
    """A server that answers with the statuses it is given, then with 200, and keeps what it is sent."""

    def __init__(self, statuses: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = statuses
        self.seen: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook?a=1"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:  # nobody reads it
        pass


@pytest.fixture
def receiver(home: Path, settings: LazySettings) -> Iterator[Receiver]:
    settings.ZHIKE = replace(settings.ZHIKE, webhook_private_addresses=True)
    with Receiver([]) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def hasten() -> None:
    """The pause before the next attempt is over."""
    WebhookDelivery.objects.update(next_attempt_at=timezone.now())


def pause_of(delivery: WebhookDelivery) -> int:
    return round((delivery.next_attempt_at - timezone.now()) / timedelta(seconds=1))


def test_a_message_is_repeated_under_the_same_id_until_it_is_taken(receiver: Receiver) -> None:
    receiver.statuses = [500, 302]
    webhook = add_webhook(url=receiver.url, events=["job.failed"])
    announce(kind=Event.JOB_FAILED, payload={"job_id": 7, "error": "磁盘已满"})
    announce(kind=Event.IMPORT_FAILED, payload={"import_id": 1})
    assert deliver_webhooks() == 0
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempt_count, delivery.last_status) == (State.PENDING, 1, 500)
    assert PAUSES[0] - 2 <= pause_of(delivery) <= PAUSES[0]
    assert deliver_webhooks() == 0
    assert len(receiver.seen) == 1, "it is not repeated before its pause is over"
    hasten()
    assert deliver_webhooks() == 0
    assert len(receiver.seen) == 2, "a redirection is not followed"
    hasten()
    assert deliver_webhooks() == 1
    assert deliver_webhooks() == 0
    assert [WebhookDelivery.objects.get().state, len(receiver.seen)] == [State.DELIVERED, 3]
    assert len({headers["webhook-id"] for headers, _ in receiver.seen}) == 1
    for headers, body in receiver.seen:
        told = Verifier(webhook.secret).verify(body, headers)
        assert told["type"] == "job.failed"
        assert told["data"] == {"job_id": 7, "error": "磁盘已满"}
        assert datetime.fromisoformat(told["timestamp"]).tzinfo is not None
        with pytest.raises(WebhookVerificationError):
            Verifier(webhook.secret).verify(body + b" ", headers)


def test_it_is_given_up_after_the_last_pause(receiver: Receiver) -> None:
    receiver.statuses = [500] * 20
    add_webhook(url=receiver.url, events=["job.failed"])
    announce(kind=Event.JOB_FAILED, payload={})
    for _ in range(20):
        deliver_webhooks()
        hasten()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempt_count, len(receiver.seen)) == (State.GIVEN_UP, len(PAUSES) + 1, 8)


def test_a_receiver_that_is_gone_is_told_nothing_more(receiver: Receiver) -> None:
    receiver.statuses = [410]
    add_webhook(url=receiver.url, events=["job.failed"])
    announce(kind=Event.JOB_FAILED, payload={})
    deliver_webhooks()
    announce(kind=Event.JOB_FAILED, payload={})
    deliver_webhooks()
    assert len(receiver.seen) == 1
    (listed,) = list_webhooks()
    assert (listed.is_active, listed.given_up, listed.pending) == (False, 1, 0)


def test_a_failing_receiver_does_not_hold_up_another(receiver: Receiver) -> None:
    dead = add_webhook(url="http://127.0.0.1:9/", events=["job.failed"])
    add_webhook(url=receiver.url, events=["job.failed"])
    for _ in range(3):
        announce(kind=Event.JOB_FAILED, payload={})
    assert deliver_webhooks() == 3
    assert sorted(dead.deliveries.values_list("attempt_count", "last_error")) == [(0, ""), (0, ""), (1, "ConnectError")]


def test_imports_refreshes_and_failed_jobs_are_told(receiver: Receiver, tmp_path: Path) -> None:
    add_webhook(url=receiver.url, events=Event.values)
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    import_file(path, entity="orders", source="shop")
    import_file(path, entity="orders", source="shop")
    refresh = run_refresh(as_of=datetime(2026, 6, 1).date())
    publish_refresh(refresh.pk)
    job = run_job(enqueue_job(kind="import", arguments={"path": "gone", "entity": "orders", "source": "shop"}).pk)
    deliver_webhooks()
    secret = Webhook.objects.get().secret
    told = [Verifier(secret).verify(body, headers) for headers, body in receiver.seen]
    assert [(message["type"], message["data"].get("accepted")) for message in told] == [
        ("import.finished", 1),
        ("import.finished", 0),
        ("refresh.published", None),
        ("refresh.published", None),
        ("job.failed", None),
    ]
    assert told[2]["data"] == {"refresh_id": refresh.pk, "as_of": "2026-06-01", "customers": 1}
    assert told[4]["data"]["job_id"] == job.pk


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://10.1.2.3/",
        "http://192.168.0.1:8080/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "https://user:secret@example.com/",
        "https:///nothing",
        "http://exa mple.com/",
        "http://example.com:99999/",
        "http://[nonsense/",
        "https://example.com/" + "x" * 500,
        "",
    ],
)
def test_addresses_that_a_webhook_must_not_have(home: Path, url: str) -> None:
    with pytest.raises(UnfitAddress):
        add_webhook(url=url, events=["job.failed"])


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1"])
def test_a_name_that_stands_for_this_machine_is_not_called(home: Path, settings: LazySettings, host: str) -> None:
    with Receiver([]) as server:
        url = f"http://{host}:{server.server_address[1]}/"
        check_url(url)  # only who resolves it knows
        add_webhook(url=url, events=["job.failed"])
        announce(kind=Event.JOB_FAILED, payload={})
        assert deliver_webhooks() == 0
        assert server.seen == []
    error = WebhookDelivery.objects.get().last_error
    assert error in ("the address lies in a private network", "gaierror")


def test_the_host_is_named_though_its_address_is_called(receiver: Receiver) -> None:
    url = receiver.url.replace("127.0.0.1", "localhost")
    assert send(url=url, message_id="m", body="{}", secret="whsec_c2VjcmV0c2VjcmV0", at=timezone.now()) == 200
    assert receiver.seen[0][0]["host"] == url.split("/")[2]


def test_a_webhook_is_told_of_events_that_there_are(home: Path) -> None:
    for events in ([], ["customer.danced"]):
        with pytest.raises(UserError, match="needs to know"):
            add_webhook(url="https://example.com/", events=events)
    webhook = add_webhook(url="https://example.com/", events=["job.failed", "job.failed"])
    assert webhook.events == ["job.failed"]
    announce(kind=Event.JOB_FAILED, payload={})
    remove_webhook(webhook_id=webhook.pk)
    assert not WebhookDelivery.objects.exists()
    with pytest.raises(NotFound):
        remove_webhook(webhook_id=webhook.pk)
