"""What people keep of the pages they use."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """A table as somebody likes it: its filters, order and columns, as the query of its address."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    table = models.CharField(max_length=50)
    name = models.CharField(max_length=80)
    query = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "table", "name"], name="view_named_once")]

    def __str__(self) -> str:
        return self.name


class Draft(models.Model):
    """A text that somebody was writing, so that the state of a page has an address however long the text is."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=16)  # follows from the text: the same text, the same address
    text = models.TextField()
    kept_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-kept_at"]
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="draft_kept_once")]

    def __str__(self) -> str:
        return self.key
