"""What staff write about a customer."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Note(models.Model):
    """A few words about a customer, by somebody who knows them."""

    customer_id = models.BigIntegerField(db_index=True)  # of the warehouse: no table here to point to
    text = models.TextField()
    is_sensitive = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)  # until it is purged it can be restored

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"note {self.pk}"
