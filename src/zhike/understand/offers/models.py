"""The rule base of offers: to whom which products are offered, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class OfferRule(models.Model):
    """The customers for whom a rule holds are offered a product, the first of several that they do not have."""

    class By(models.TextChoices):
        PRODUCT = "product", _("product numbers")
        NAME = "name", _("words in the product name")
        CATEGORY = "category", _("category")
        TAG = "tag", _("tags of the product")
        LINE = "line_of_business", _("line of business")

    name = models.CharField(max_length=100)
    reason = models.TextField(blank=True)  # said to whoever makes the offer
    tree = models.TextField()  # JSON of a condition: to whom
    by = models.CharField(max_length=20, choices=By)
    values = models.JSONField(default=list)  # what of the products is one of these
    priority = models.PositiveSmallIntegerField(default=5)  # 1 goes first
    may_repeat = models.BooleanField(default=False)  # also to those who ordered it before: it is used up
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    is_on = models.BooleanField(default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    revision = models.PositiveIntegerField(default=1)  # goes up with every change
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["priority", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(archived_at=None), name="offer_rule_in_use_has_its_own_name"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_from__lte=F("valid_until")),
                name="offer_rule_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name
