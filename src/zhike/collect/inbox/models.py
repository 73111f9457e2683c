"""What has arrived, and which part of it was brought in together."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class InboxFlush(models.Model):
    """Batches of one entity and source that are imported as one file: fixed once, repeated until it is done."""

    entity = models.CharField(max_length=30)
    source = models.CharField(max_length=60)
    is_finished = models.BooleanField(default=False)
    attempt_count = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    import_id = models.BigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            # Later facts may correct earlier ones, so they wait until those are in.
            models.UniqueConstraint(
                fields=["entity", "source"], condition=models.Q(is_finished=False), name="one_flush_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"flush {self.pk}"


class InboxBatch(models.Model):
    """Facts that were received and acknowledged together."""

    receipt = models.UUIDField(unique=True, default=uuid.uuid4)
    entity = models.CharField(max_length=30)
    source = models.CharField(max_length=60)
    fact_count = models.PositiveIntegerField()
    payload = models.BinaryField(null=True)  # JSON Lines, compressed; emptied when they are in the warehouse
    flush = models.ForeignKey(InboxFlush, null=True, on_delete=models.PROTECT, related_name="batches")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["entity", "source"], condition=models.Q(flush=None), name="inbox_waiting"),
        ]

    def __str__(self) -> str:
        return str(self.receipt)
