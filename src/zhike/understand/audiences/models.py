"""Audiences that somebody named and kept: live ones, frozen lists, and how large they were."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.Model):
    """A rule with a name. Who belongs to it follows from the refresh in force, unless it is frozen."""

    class Kind(models.TextChoices):
        LIVE = "live", _("live")
        FROZEN = "frozen", _("frozen")

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.LIVE)
    tree = models.TextField()  # JSON of the typed tree; of a frozen list the one that its members were found by
    note = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    # Goes up with every change: the sum over all audiences tells whether what was read of them is still so.
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_frozen(self) -> bool:
        """Its members are those of one day, for ever."""
        return self.kind == self.Kind.FROZEN


class FrozenList(models.Model):
    """Who belonged to a frozen audience when it was made. It is never changed, and needs no refresh to be read."""

    audience = models.OneToOneField(Audience, on_delete=models.CASCADE, related_name="frozen")
    source = models.ForeignKey(Audience, null=True, on_delete=models.SET_NULL, related_name="frozen_lists")
    rule = models.TextField()  # as it was spelt then
    origin = models.JSONField(default=dict)  # how the members were chosen of those of the rule, to be repeated
    refresh_id = models.BigIntegerField()  # of a refresh that may be forgotten by now
    as_of = models.DateField()
    unit = models.CharField(max_length=200, blank=True)  # whose customers only, where not the whole firm's
    members = models.BinaryField()  # their ids as a Roaring bitmap, portable format, compressed
    size = models.PositiveBigIntegerField()
    of_customers = models.PositiveBigIntegerField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150, blank=True)
    frozen_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.audience_id}: {self.size}"


class AudienceFigure(models.Model):
    """How many customers a live audience had in one refresh."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="figures")
    refresh_id = models.BigIntegerField()  # of a refresh that may be forgotten by now
    as_of = models.DateField()
    size = models.PositiveBigIntegerField()
    of_customers = models.PositiveBigIntegerField()
    rule_digest = models.CharField(max_length=64)  # of the tree then: a step in the history may be another rule

    class Meta:
        ordering = ["refresh_id"]
        constraints = [
            models.UniqueConstraint(fields=["audience", "refresh_id"], name="audience_counted_once_per_refresh")
        ]

    def __str__(self) -> str:
        return f"{self.audience_id} in {self.refresh_id}: {self.size}"
