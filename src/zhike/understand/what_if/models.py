"""Scenarios that somebody named and kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedScenario(models.Model):
    """A scenario under a name, which no other has that is in use."""

    name = models.CharField(max_length=100)
    note = models.TextField(blank=True)
    content = models.JSONField()  # of the scenario all but its name and note
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    revision = models.PositiveIntegerField(default=1)  # goes up with every change
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(archived_at=None), name="scenario_in_use_has_its_own_name"
            )
        ]

    def __str__(self) -> str:
        return self.name
