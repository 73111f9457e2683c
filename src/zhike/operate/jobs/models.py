"""Long work in the background and how far it is."""

from __future__ import annotations

from django.db import models

from zhike.govern.access.actors import ActorKind


class Job(models.Model):
    """One piece of long work: asked for, carried out by a worker, shown by pages while it runs."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=50)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    activity = models.CharField(max_length=200, blank=True)  # what it is doing now
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)  # of the current activity; unknown where null
    unit = models.CharField(max_length=20, blank=True)
    activity_at = models.DateTimeField(null=True)  # when the current activity began
    # Who asked: the work is done with the rights they have when it is done, and speaks their language.
    actor_kind = models.CharField(max_length=10, default=ActorKind.OPERATOR)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_cancel_requested = models.BooleanField(default=False)
    attempt_count = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_over(self) -> bool:
        """It has ended, one way or the other."""
        return self.state in (self.State.FINISHED, self.State.FAILED, self.State.CANCELLED)
