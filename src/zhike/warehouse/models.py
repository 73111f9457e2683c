"""Refreshes: what was computed when, from what, and which one is in force."""

from __future__ import annotations

from django.db import models


class Refresh(models.Model):
    """One rebuild of everything computed; names the snapshot of every table it read and wrote."""

    class State(models.TextChoices):
        RUNNING = "running"
        FINISHED = "finished"
        ABANDONED = "abandoned"

    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    as_of = models.DateField()
    engine = models.CharField(max_length=200)
    inputs = models.JSONField(default=dict)  # table → snapshot id of what was collected
    outputs = models.JSONField(default=dict)  # table → snapshot id of what was computed
    # Names the tag, where only that was computed anew and all else taken over from the refresh that was in force.
    only = models.CharField(max_length=60, blank=True)
    customer_count = models.BigIntegerField(default=0)
    # All customers have smaller numbers; numbers are missing where customers were found to be one.
    next_customer_id = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="running"), name="one_refresh_at_a_time")
        ]

    def __str__(self) -> str:
        return f"refresh {self.pk}"


class RefreshStep(models.Model):
    """One finished step of a refresh; a resumed refresh skips it."""

    refresh = models.ForeignKey(Refresh, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField()
    rows = models.BigIntegerField()
    seconds = models.FloatField()
    outputs = models.JSONField(default=dict)  # table → snapshot id

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["refresh", "name"], name="step_once_per_refresh")]

    def __str__(self) -> str:
        return self.name


class CurrentRefresh(models.Model):
    """The pointer: one row that names the refresh in force. Moving it publishes all tables at once."""

    singleton = models.BooleanField(primary_key=True, default=True)
    refresh = models.ForeignKey(Refresh, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(singleton=True), name="only_one_current_refresh")]

    def __str__(self) -> str:
        return f"current: {self.refresh_id}"
