"""Verbs of webhooks: add and remove one, announce an event, deliver what was announced."""

from __future__ import annotations

import base64
import json
import logging
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import httpx
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.errors import AlreadyRunning, NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.operate.webhooks.models import Event, Webhook, WebhookDelivery
from zhike.operate.webhooks.sending import UnfitAddress, check_url, send
from zhike.warehouse.locks import exclusive
from zhike.warehouse.models import Refresh

logger = logging.getLogger("zhike.webhooks")
PAUSES = (5, 30, 300, 1800, 7200, 28800, 86400)  # seconds between attempts; then it is given up
MOST_AT_ONCE = 200
KEPT = timedelta(days=30)
GONE = 410  # the receiver wants no more of them, as Standard Webhooks say

State = WebhookDelivery.State


def add_webhook(*, url: str, events: Iterable[str]) -> Webhook:
    """A webhook whose secret is to be shown now. Raises Denied, UnfitAddress, and UserError for an unknown event."""
    require(Right.MANAGE_WEBHOOKS)
    wanted = sorted(set(events))
    unknown = [event for event in wanted if event not in Event.values]
    if unknown or not wanted:
        raise UserError(
            _("a webhook needs to know what it is told"),
            where="events",
            advice=_("Choose some of %(events)s.") % {"events": ", ".join(Event.values)},
        )
    check_url(url)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return Webhook.objects.create(url=url, events=wanted, secret=secret)


def remove_webhook(*, webhook_id: int) -> None:
    """The webhook is told nothing any more, not even what waits. Raises Denied, and NotFound if there is none."""
    require(Right.MANAGE_WEBHOOKS)
    count, _deleted = Webhook.objects.filter(pk=webhook_id).delete()
    if not count:
        raise NotFound(_("there is no webhook %(id)s") % {"id": webhook_id})


def announce(*, kind: Event, payload: Mapping[str, Any]) -> None:
    """Everybody who wants to know will be told; call it in the transaction that records the event."""
    wanting = [webhook for webhook in Webhook.objects.filter(is_active=True) if kind in webhook.events]
    body = json.dumps(
        {"type": kind.value, "timestamp": timezone.now().isoformat(), "data": payload}, ensure_ascii=False
    )
    WebhookDelivery.objects.bulk_create(WebhookDelivery(webhook=webhook, event=kind, body=body) for webhook in wanting)


def announce_refresh(*, refresh: Refresh, **_signal: Any) -> None:
    """Tells that a refresh is in force."""
    payload = {"refresh_id": refresh.pk, "as_of": refresh.as_of.isoformat(), "customers": refresh.customer_count}
    announce(kind=Event.REFRESH_PUBLISHED, payload=payload)


def deliver_webhooks() -> int:
    """How many messages were taken; nothing is done while another process delivers."""
    try:
        with exclusive("webhooks", what=_("a delivery of webhooks")):
            WebhookDelivery.objects.exclude(state=State.PENDING).filter(created_at__lt=timezone.now() - KEPT).delete()
            return _deliver_due()
    except AlreadyRunning:
        return 0


def _deliver_due() -> int:
    due = WebhookDelivery.objects.filter(
        state=State.PENDING, next_attempt_at__lte=timezone.now(), webhook__is_active=True
    )
    failing: set[int] = set()  # a receiver that fails once is left alone for this round
    delivered = 0
    for delivery in due.select_related("webhook")[:MOST_AT_ONCE]:
        if delivery.webhook_id not in failing:
            if _attempt(delivery):
                delivered += 1
            else:
                failing.add(delivery.webhook_id)
    return delivered


def _attempt(delivery: WebhookDelivery) -> bool:
    webhook, status, error = delivery.webhook, None, ""
    at = timezone.now()
    try:
        status = send(url=webhook.url, message_id=delivery.message_id, body=delivery.body, secret=webhook.secret, at=at)
    except UnfitAddress as refused:
        error = refused.message
    except (httpx.HTTPError, OSError, UnicodeError) as problem:
        error = type(problem).__name__
    is_taken = status is not None and 200 <= status < 300
    count = delivery.attempt_count + 1
    state, pause = State.PENDING, 0
    if is_taken:
        state = State.DELIVERED
    elif count > len(PAUSES) or status == GONE:
        state = State.GIVEN_UP
    else:
        pause = PAUSES[count - 1]
    with transaction.atomic():
        # An update, because the webhook may have been removed meanwhile.
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state=state,
            attempt_count=count,
            last_status=status,
            last_error=error,
            next_attempt_at=timezone.now() + timedelta(seconds=pause),
        )
        if status == GONE:
            Webhook.objects.filter(pk=webhook.pk).update(is_active=False)
    if not is_taken:
        logger.warning("webhook not taken", extra={"webhook_id": webhook.pk, "status": status, "error": error})
    return is_taken
