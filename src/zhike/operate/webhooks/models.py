"""Who wants to be told, and what is still to be told."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class Event(models.TextChoices):
    """What is told."""

    IMPORT_FINISHED = "import.finished"
    IMPORT_FAILED = "import.failed"
    REFRESH_PUBLISHED = "refresh.published"
    JOB_FAILED = "job.failed"


class Webhook(models.Model):
    """An address that wants to be told of some events."""

    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=100)  # kept, because every message is signed with it
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url


def _message_id() -> str:
    return f"msg_{uuid.uuid4().hex}"


class WebhookDelivery(models.Model):
    """One event for one webhook, written with the event itself."""

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        GIVEN_UP = "given_up"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=40, unique=True, default=_message_id)  # the same at every attempt
    event = models.CharField(max_length=40, choices=Event)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "next_attempt_at"])]

    def __str__(self) -> str:
        return self.message_id
