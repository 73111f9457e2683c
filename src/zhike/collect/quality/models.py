"""What people say good data is, and what they found when they looked: quality rules in versions, review campaigns."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NAME = RegexValidator(r"^[a-z][a-z0-9_]*\Z", _("small letters, digits and underscores, a letter first"))
HEAVIEST = 100


class QualityRule(models.Model):
    """What a good value is, of whom it is asked, and how much it counts."""

    class Dimension(models.TextChoices):
        COMPLETENESS = "completeness", _("completeness")
        ACCURACY = "accuracy", _("accuracy")
        UNIQUENESS = "uniqueness", _("uniqueness")
        FRESHNESS = "freshness", _("freshness")
        CONTACTABILITY = "contactability", _("contactability")

    name = models.CharField(max_length=60, unique=True, validators=[NAME])
    title = models.CharField(max_length=100)
    title_zh = models.CharField(max_length=100, blank=True)
    doc = models.TextField(blank=True)
    doc_zh = models.TextField(blank=True)
    dimension = models.CharField(max_length=20, choices=Dimension)
    fields = models.JSONField(default=list, blank=True)  # of the customer's record, that it speaks of
    applies = models.TextField(blank=True)  # JSON of a condition: of whom it is asked; empty: of everybody
    good = models.TextField()  # JSON of a condition
    # How much it counts in the figure of its dimension; 0: it is counted, and not part of any figure.
    weight = models.PositiveSmallIntegerField(default=1, validators=[MaxValueValidator(HEAVIEST)])
    target = models.FloatField(default=0.9, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)])
    version = models.PositiveIntegerField(default=1)
    shipped = models.CharField(max_length=64, blank=True)  # digest of what Zhike brought; empty: the firm's own
    changed_at = models.DateTimeField(auto_now=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["dimension", "name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(target__gte=0, target__lte=1), name="quality_target_is_a_share")
        ]

    def __str__(self) -> str:
        return self.name


class QualityRuleVersion(models.Model):
    """What a rule said from one change to the next; it is never changed itself."""

    rule = models.ForeignKey(QualityRule, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    dimension = models.CharField(max_length=20)
    applies = models.TextField(blank=True)
    good = models.TextField()
    weight = models.PositiveSmallIntegerField()
    target = models.FloatField()
    note = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="quality_rule_version_once")]

    def __str__(self) -> str:
        return f"{self.rule_id}.{self.number}"


class ReviewCampaign(models.Model):
    """A sample or a group of customers whose data are looked at, field by field."""

    class Kind(models.TextChoices):
        SAMPLE = "sample", _("random sample")
        GROUP = "group", _("whole group")

    class Stratum(models.TextChoices):
        NONE = "", _("everybody together")
        UNIT = "unit_id", _("each org unit")
        CHANNEL = "channel", _("each channel")
        SOURCE = "source", _("each source")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    name = models.CharField(max_length=100, unique=True)
    note = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    rule = models.TextField(blank=True)  # JSON of a condition: among whom; empty: everybody
    unit_id = models.CharField(max_length=100, blank=True)  # and below it
    fields = models.JSONField(default=list)
    stratified_by = models.CharField(max_length=10, choices=Stratum, blank=True)
    population = models.JSONField(default=dict)  # stratum → how many customers there were when it was drawn
    seed = models.BigIntegerField(null=True)
    target = models.FloatField(default=0.8)
    refresh_id = models.BigIntegerField()  # of a refresh that may be forgotten by now
    as_of = models.DateField()
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class ReviewItem(models.Model):
    """One customer of a campaign; where they belonged, and who is to look at them."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        REVIEWED = "reviewed", _("reviewed")

    campaign = models.ForeignKey(ReviewCampaign, on_delete=models.CASCADE, related_name="items")
    customer_id = models.PositiveBigIntegerField()
    position = models.PositiveIntegerField()  # in which order they are looked at; those of the departed first
    stratum = models.CharField(max_length=200, blank=True)
    unit_id = models.CharField(max_length=100, blank=True)
    channel = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=100, blank=True)
    agent_id = models.CharField(max_length=100, blank=True)  # who looked after them when they were drawn
    is_agent_gone = models.BooleanField(default=False)
    assignee_id = models.CharField(max_length=100, blank=True)  # member of staff; empty: whoever comes first
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # Whoever has the customer before them, and since when: the next one is given another customer.
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "customer_id"], name="reviewed_once_in_a_campaign"),
            models.CheckConstraint(
                condition=Q(state="waiting", reviewed_at=None) | Q(state="reviewed", reviewed_at__isnull=False),
                name="reviewed_when_it_says_so",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "state", "assignee_id", "position"], name="review_work")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.customer_id}"


class ReviewOutcome(models.Model):
    """What was found of one field of one customer. The values themselves stand with the correction, not here."""

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        CORRECTED = "corrected", _("corrected")
        WRONG = "wrong", _("wrong")
        UNCLEAR = "unclear", _("cannot say")

    JUDGED = (Verdict.CONFIRMED, Verdict.CORRECTED, Verdict.WRONG)

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, related_name="outcomes")
    field = models.CharField(max_length=40)
    verdict = models.CharField(max_length=10, choices=Verdict)
    was_empty = models.BooleanField(default=False)  # nothing was there that could be right or wrong
    correction_id = models.BigIntegerField(null=True)  # of the correction in profiles that it led to

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["item", "field"], name="field_reviewed_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.field}"
