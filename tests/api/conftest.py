"""Machines that talk to the API over HTTP, with a token or without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from zhike.collect.sources.services import add_source
from zhike.govern.access.actors import NOBODY, OPERATOR, acting_as
from zhike.govern.access.rights import ALL_RIGHTS, Right
from zhike.govern.access.services import issue_token

ROOT = "/api/v1"


class Machine:
    """A program with one token; everything it does is done by the token, not by the test."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._client = Client(headers={"authorization": f"Bearer {secret}"})

    def get(self, path: str, **query: object) -> Any:
        with acting_as(NOBODY):
            return self._client.get(ROOT + path, query)

    def post(self, path: str, body: object = None, **options: Any) -> Any:
        with acting_as(NOBODY):
            return self._client.post(ROOT + path, body, **{"content_type": "application/json", **options})

    def patch(self, path: str, body: object) -> Any:
        with acting_as(NOBODY):
            return self._client.patch(ROOT + path, body, content_type="application/json")

    def upload(self, path: str, **fields: object) -> Any:
        with acting_as(NOBODY):
            return self._client.post(ROOT + path, fields)

    def delete(self, path: str) -> Any:
        with acting_as(NOBODY):
            return self._client.delete(ROOT + path)


@pytest.fixture
def machine(home: Path) -> Callable[..., Machine]:
    """A machine with a new token of these rights; of all, where none is named."""
    cache.clear()  # the rate of requests is counted there

    def with_rights(*rights: Right) -> Machine:
        with acting_as(OPERATOR):
            return Machine(issue_token(name="test", rights=rights or ALL_RIGHTS)[1])

    return with_rights


@pytest.fixture
def shop(home: Path) -> str:
    """A source that facts may come from."""
    return add_source(name="shop", lawful_basis="contract").name


def event(number: int | str, **changes: object) -> dict[str, object]:
    """A good event."""
    return {
        "event_id": f"e{number}",
        "customer_key": "ann",
        "kind": "login",
        "occurred_at": "2026-05-01T10:00:00+08:00",
        **changes,
    }
