"""Audiences that somebody named and kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Audience(models.Model):
    """A rule with a name. Who belongs to it follows from the refresh in force."""

    name = models.CharField(max_length=100, unique=True)
    rule = models.TextField()
    note = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
