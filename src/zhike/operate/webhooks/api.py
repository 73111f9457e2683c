"""Webhooks for machines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema, Status

from zhike.govern.access.problems import answers
from zhike.operate.webhooks import queries, services
from zhike.operate.webhooks.models import Event
from zhike.operate.webhooks.sending import LONGEST_URL

router = Router(tags=["webhooks"])
WebhookId = Annotated[int, Path(ge=1, lt=2**63)]


class Webhook(Schema):
    """An address that is told of events, and what became of its messages."""

    webhook_id: int
    url: str
    events: list[str]
    is_active: bool
    created_at: datetime
    pending: int
    delivered: int
    given_up: int


class NewWebhook(Schema):
    """An address, and the events it is told of."""

    url: str = Field(min_length=1, max_length=LONGEST_URL)
    events: list[Event] = Field(min_length=1, max_length=len(Event))


class AddedWebhook(Schema):
    """The secret that messages are signed with; it is shown this once."""

    webhook_id: int
    secret: str


@router.get("/webhooks", response=answers(200, list[Webhook]))
def list_webhooks(request: HttpRequest) -> list[queries.WebhookRow]:
    """All webhooks."""
    return queries.list_webhooks()


@router.post("/webhooks", response=answers(201, AddedWebhook, 413))
def add_webhook(request: HttpRequest, webhook: NewWebhook) -> Status[AddedWebhook]:
    """Adds a webhook. Messages are signed as Standard Webhooks say and tried again until they are taken."""
    added = services.add_webhook(url=webhook.url, events=webhook.events)
    return Status(201, AddedWebhook(webhook_id=added.pk, secret=added.secret))


@router.delete("/webhooks/{webhook_id}", response=answers(204, None, 404))
def remove_webhook(request: HttpRequest, webhook_id: WebhookId) -> Status[None]:
    """Removes a webhook, with what it was still to be told."""
    services.remove_webhook(webhook_id=webhook_id)
    return Status(204, None)
