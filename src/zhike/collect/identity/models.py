"""What people decide about who is who."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Decision(models.Model):
    """Somebody's word on which records are one customer's, and which never are. It outlives every refresh."""

    class Kind(models.TextChoices):
        MERGE = "merge"
        SPLIT = "split"
        NEVER_SAME = "never_same"

    kind = models.CharField(max_length=10, choices=Kind)
    why = models.TextField(blank=True)
    group_count = models.PositiveIntegerField()  # customers that were put together, taken apart, or kept apart
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    undone_at = models.DateTimeField(null=True)  # it can be made again

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class DecidedPair(models.Model):
    """Two keys of which a decision says that they are one customer's, or never; those first that sort first."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="pairs")
    source_l = models.CharField(max_length=60)
    customer_key_l = models.TextField()
    source_r = models.CharField(max_length=60)
    customer_key_r = models.TextField()
    is_same = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["source_l", "customer_key_l"]),
            models.Index(fields=["source_r", "customer_key_r"]),
        ]

    def __str__(self) -> str:
        return f"pair {self.pk} of decision {self.decision_id}"
