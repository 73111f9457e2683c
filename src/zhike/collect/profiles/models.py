"""What staff write about a customer: notes, corrections, relations."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Note(models.Model):
    """A few words about a customer, by somebody who knows them."""

    customer_id = models.BigIntegerField(db_index=True)  # of the warehouse: no table here to point to
    kind = models.CharField(max_length=20, default="note")  # what it is about: `words.NOTE_KINDS`
    text = models.TextField()
    is_sensitive = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)  # until it is purged it can be restored

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"note {self.pk}"


class Correction(models.Model):
    """A field of a customer as somebody says it is; the newest of a field that is not undone is in force."""

    customer_id = models.BigIntegerField()  # as it was then: who is merged is found under a later number too
    field = models.CharField(max_length=30)
    before = models.TextField(blank=True)  # what the page said; empty where it said nothing
    after = models.TextField(blank=True)  # in the form of the warehouse; empty where there is no value any more
    why = models.CharField(max_length=500, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_by = models.CharField(max_length=200, blank=True)  # the name, also where no member of staff made it
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["customer_id", "field"])]

    def __str__(self) -> str:
        return f"correction {self.pk}"


class Relation(models.Model):
    """Somebody says that one customer is something to another: `related_id` is the `kind` of `customer_id`."""

    customer_id = models.BigIntegerField(db_index=True)  # both as they were then
    related_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=20)
    role = models.CharField(max_length=100, blank=True)
    department = models.CharField(max_length=100, blank=True)
    layer = models.CharField(max_length=20, blank=True)
    function = models.CharField(max_length=20, blank=True)
    since_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_by = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer_id", "related_id", "kind"],
                condition=models.Q(removed_at=None),
                name="one_relation_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"relation {self.pk}"
