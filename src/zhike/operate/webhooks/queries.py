"""Reads of webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.operate.webhooks.models import Webhook, WebhookDelivery

State = WebhookDelivery.State


@dataclass(frozen=True)
class WebhookRow:
    """A webhook as a list shows it: without its secret, with what became of its messages."""

    webhook_id: int
    url: str
    events: tuple[str, ...]
    is_active: bool
    created_at: datetime
    pending: int
    delivered: int
    given_up: int


def list_webhooks() -> list[WebhookRow]:
    """All webhooks, oldest first. Raises Denied."""
    require(Right.MANAGE_WEBHOOKS)
    counts = {state.value: Count("deliveries", filter=Q(deliveries__state=state)) for state in State}
    return [
        WebhookRow(
            webhook_id=webhook.pk,
            url=webhook.url,
            events=tuple(webhook.events),
            is_active=webhook.is_active,
            created_at=webhook.created_at,
            **{state.value: getattr(webhook, state.value) for state in State},
        )
        for webhook in Webhook.objects.annotate(**counts)
    ]
