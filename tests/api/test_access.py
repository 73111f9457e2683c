"""Who gets in, what they are told, and what nobody gets past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from tests.api.conftest import Machine, event

from zhike.govern.access.actors import NOBODY, acting_as, current_actor
from zhike.govern.access.models import ApiToken, User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import revoke_token

Machines = Callable[..., Machine]


def test_without_a_valid_token_nothing_is_answered(home: Path) -> None:
    for headers in (
        {},
        {"authorization": "Bearer zhk_x"},
        {"authorization": "Basic eDp5"},
        {"authorization": "Bearer"},
    ):
        answer = Client(headers=headers).get("/api/v1/imports")
        assert answer.status_code == 401
        assert answer.json()["advice"]


def test_a_token_that_has_expired_or_was_revoked_opens_nothing(machine: Machines) -> None:
    expired, revoked = machine(Right.IMPORT), machine(Right.IMPORT)
    first, second = ApiToken.objects.order_by("pk")
    assert [expired.get("/imports").status_code, revoked.get("/imports").status_code] == [200, 200]
    ApiToken.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    revoke_token(second.pk)
    assert [expired.get("/imports").status_code, revoked.get("/imports").status_code] == [401, 401]


def test_a_session_is_no_token(machine: Machines) -> None:
    user = User.objects.create_superuser("chen")
    client = Client()
    client.force_login(user)
    assert client.get("/api/v1/imports").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/imports", None),
        ("get", "/imports/1", None),
        ("get", "/imports/1/rejects", None),
        ("get", "/refreshes", None),
        ("post", "/refreshes", {}),
        ("post", "/refreshes/1/publish", {}),
        ("get", "/webhooks", None),
        ("post", "/webhooks", {"url": "https://example.com/", "events": ["job.failed"]}),
        ("delete", "/webhooks/1", None),
        ("post", "/facts/events", {"source": "shop", "facts": [event(1)]}),
        ("get", "/receipts/0b6f4c1e-8a4e-4ddc-9a1c-3a0c5be0a000", None),
    ],
)
def test_a_token_that_lacks_the_right_is_denied(machine: Machines, method: str, path: str, body: object) -> None:
    notes_only = machine(Right.WRITE_NOTES)
    send = getattr(notes_only, method)
    answer = send(path, body) if method == "post" else send(path)
    assert answer.status_code == 403, answer.content
    assert answer.json()["message"].startswith("you may not")


def test_an_upload_needs_the_right_to_import(machine: Machines, tmp_path: Path, home: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order_id\n1\n")
    with path.open("rb") as file:
        answer = machine(Right.SEND_FACTS).upload("/imports", file=file, entity="orders", source="shop")
    assert answer.status_code == 403
    assert not (home / "uploads").exists()


def test_the_actor_of_a_request_is_gone_after_it(machine: Machines) -> None:
    caller = machine(Right.IMPORT)
    with acting_as(NOBODY):
        assert caller.get("/imports").status_code == 200
        assert current_actor() == NOBODY
        assert caller.get("/refreshes").status_code == 403
        assert current_actor() == NOBODY


def test_more_requests_than_the_rate_allows_wait(machine: Machines, settings: LazySettings) -> None:
    settings.ZHIKE = replace(settings.ZHIKE, api_rate=(3, 3600))
    busy, other = machine(Right.IMPORT), machine(Right.IMPORT)
    assert [busy.get("/imports").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    refused = busy.get("/imports")
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert refused.json()["message"]
    assert other.get("/imports").status_code == 200


def test_a_body_that_is_too_large_is_not_read(machine: Machines, settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    settings.ZHIKE = replace(settings.ZHIKE, upload_limit=2000)
    sender = machine()
    answer = sender.post("/facts/events", {"source": "shop", "facts": [event(n) for n in range(20)]})
    assert answer.status_code == 413
    path = tmp_path / "orders.csv"
    path.write_text("x" * 3000)
    with path.open("rb") as file:
        assert sender.upload("/imports", file=file, entity="orders", source="shop").status_code == 413


def test_a_request_that_cannot_be_read_is_said_to_be_so(machine: Machines) -> None:
    sender = machine()
    assert sender.post("/refreshes", "{", content_type="application/json").status_code == 400
    broken = sender.post("/imports", b"x", content_type="multipart/form-data; boundary=")
    assert (broken.status_code, broken.json()["message"]) == (400, "the request cannot be read")
    assert sender.post("/facts/events", "{", content_type="application/json").status_code == 422


def test_addresses_that_are_none_are_answered_in_json(machine: Machines) -> None:
    for answer in (machine().get("/nothing"), machine().post("/nothing", {}), Client().get("/api/")):
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json; charset=utf-8")


def test_a_bug_is_answered_without_its_text(
    machine: Machines, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise KeyError("MARKER")

    monkeypatch.setattr("zhike.collect.sources.queries.list_imports", broken)
    answer = machine().get("/imports")
    assert (answer.status_code, answer.json()["message"]) == (500, "Zhike has a bug")
    assert b"MARKER" not in answer.content


def test_the_documentation_is_for_who_signed_in_or_has_a_token(machine: Machines) -> None:
    assert Client().get("/api/v1/openapi.json").status_code == 302
    document = machine().get("/openapi.json").json()
    assert (document["info"]["title"], document["openapi"]) == ("Zhike API", "3.1.0")
    client = Client()
    client.force_login(User.objects.create_superuser("chen"))
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    directives = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert (directives["script-src"], directives["style-src"]) == ("'self'", "'self'")
    assert b"<style" not in page.content
    assert b'style="' not in page.content
