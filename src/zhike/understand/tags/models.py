"""Tags: their definitions in versions, what was set by hand or import, what each refresh counted, what reviews said."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NAME = RegexValidator(r"^[a-z][a-z0-9_]*\Z", _("small letters, digits and underscores, a letter first"))


class Tag(models.Model):
    """A named statement about customers. What it says stands in its versions; of a set tag in its changes."""

    class Kind(models.TextChoices):
        YES_NO = "yes_no", _("yes or no")
        CATEGORY = "category", _("category")
        NUMBER = "number", _("number")
        DATE = "date", _("date")

    class Origin(models.TextChoices):
        RULE = "rule", _("by a rule")
        MODEL = "model", _("by a model")
        IMPORT = "import", _("by import")
        PERSON = "person", _("set by a person")

    class Schedule(models.TextChoices):
        EVERY_REFRESH = "every_refresh", _("with every refresh")
        WEEKLY = "weekly", _("weekly")
        MONTHLY = "monthly", _("monthly")
        BY_HAND = "by_hand", _("when asked for")

    name = models.CharField(max_length=60, unique=True, validators=[NAME])
    kind = models.CharField(max_length=10, choices=Kind)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.RULE)
    theme = models.CharField(max_length=100)  # path in the tree of themes, such as business/value
    title = models.CharField(max_length=100)
    title_zh = models.CharField(max_length=100, blank=True)
    doc = models.TextField(blank=True)
    doc_zh = models.TextField(blank=True)
    unit = models.CharField(max_length=30, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    schedule = models.CharField(max_length=15, choices=Schedule, default=Schedule.EVERY_REFRESH)
    is_shipped = models.BooleanField(default=False)
    shipped_words = models.CharField(max_length=64, blank=True)  # digest of title, doc, … as Zhike brought them
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)  # tells whether what was read of all tags is still so
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["theme", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_set(self) -> bool:
        """Set by a person, an import or the API, and not computed."""
        return self.origin in (self.Origin.IMPORT, self.Origin.PERSON)


class TagVersion(models.Model):
    """One definition of a tag, from draft to publication; it is never changed, but replaced by the next."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        APPROVED = "approved", _("approved")
        PUBLISHED = "published", _("published")
        REPLACED = "replaced", _("replaced")
        WITHDRAWN = "withdrawn", _("withdrawn")

    OPEN = (State.DRAFT, State.APPROVED)  # may become the one in force

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    tree = models.TextField(blank=True)  # JSON of the typed tree; empty for a set tag
    values = models.JSONField(default=list)  # of a category: [{"value": …, "title": …, "title_zh": …}], in order
    # Accuracy against a later fact: whom the tag named so many days ago, and for whom this holds now.
    later_fact = models.TextField(blank=True)  # JSON of a condition
    later_days = models.PositiveIntegerField(null=True)
    shipped = models.CharField(max_length=64, blank=True)  # digest of the file of the library; empty: the firm's own
    note = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    approved_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["tag", "number"], name="tag_version_number_once"),
            models.UniqueConstraint(fields=["tag"], condition=Q(state="published"), name="one_published_tag_version"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id}.{self.number}"


class TagChange(models.Model):
    """Customers who were given a value of a set tag, or lost it, in one act; all acts in order are the tag.

    An act that undoes another has nobody: the other counts as if it had not been.
    """

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="changes")
    is_removed = models.BooleanField(default=False)
    # `yes`, a value of the category, a number or day as text; of who loses it, the only one that they lose.
    value = models.CharField(max_length=200, blank=True)
    customers = models.BinaryField()  # their ids as a Roaring bitmap, portable format, compressed
    cells = models.BinaryField(null=True)  # where values differ: each with its customers, as Arrow
    customer_count = models.PositiveBigIntegerField()
    note = models.TextField(blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150, blank=True)
    set_at = models.DateTimeField()
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undone_by")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.tag_id}: {self.customer_count}"


class TagFigure(models.Model):
    """How many customers had a value of a tag in one refresh: what coverage and trend are drawn from."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="figures")
    version = models.ForeignKey(TagVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    refresh_id = models.BigIntegerField()  # of a refresh that may be forgotten by now
    as_of = models.DateField()
    value = models.CharField(max_length=200, blank=True)  # of a category; empty: all who have any
    customer_count = models.PositiveBigIntegerField()
    of_customers = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["refresh_id", "value"]
        constraints = [
            models.UniqueConstraint(fields=["tag", "refresh_id", "value"], name="tag_counted_once_per_refresh")
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} in {self.refresh_id}"


class TagReview(models.Model):
    """What a person found when they looked whether a tag is right of a customer."""

    class Verdict(models.TextChoices):
        RIGHT = "right", _("right")
        WRONG = "wrong", _("wrong")
        UNCLEAR = "unclear", _("unclear")

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="reviews")
    version = models.ForeignKey(TagVersion, on_delete=models.CASCADE, related_name="reviews")
    customer_id = models.PositiveBigIntegerField()
    value = models.CharField(max_length=200, blank=True)  # what the tag said when drawn; empty: had it not
    among_count = models.PositiveBigIntegerField(default=0)  # how many the tag said this of, when drawn
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)  # empty: still to be looked at
    truth = models.CharField(max_length=200, blank=True)  # what is right instead, where known
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    drawn_at = models.DateTimeField(auto_now_add=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["tag", "customer_id", "version"], name="tag_reviewed_once_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} of {self.customer_id}"
