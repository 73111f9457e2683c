"""Sources and their imports."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models

from zhike.operate.jobs.models import Job


class Source(models.Model):
    """A system or list that customers' data comes from."""

    class LawfulBasis(models.TextChoices):
        """Article 6 (1) GDPR, article 13 PIPL: what entitles the firm to hold the data."""

        CONSENT = "consent"
        CONTRACT = "contract"
        LEGAL_OBLIGATION = "legal_obligation"
        VITAL_INTERESTS = "vital_interests"
        PUBLIC_TASK = "public_task"
        LEGITIMATE_INTERESTS = "legitimate_interests"
        UNSTATED = "unstated"  # quarantined: visible to the data steward, never contactable

    name = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200, blank=True)
    owner_unit = models.CharField(max_length=100, blank=True)
    lawful_basis = models.CharField(max_length=30, choices=LawfulBasis, default=LawfulBasis.UNSTATED)
    priority = models.PositiveSmallIntegerField(default=100)  # lower goes first where sources disagree
    field_priorities = models.JSONField(default=dict)  # field → priority, where it differs
    mappings = models.JSONField(default=dict)  # entity → the mapping last used, as its YAML file would say it
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_quarantined(self) -> bool:
        """Nobody stated why the firm may hold this data."""
        return self.lawful_basis == self.LawfulBasis.UNSTATED


class Import(models.Model):
    """One file (or query) brought in: all of its good rows, or none."""

    class State(models.TextChoices):
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="imports")
    entity = models.CharField(max_length=30)
    file_name = models.CharField(max_length=500)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the content
    mapping = models.JSONField()
    mapping_fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    same_as = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    read_count = models.BigIntegerField(default=0)
    accepted_count = models.BigIntegerField(default=0)
    correction_count = models.BigIntegerField(default=0)
    duplicate_count = models.BigIntegerField(default=0)
    rejected_count = models.BigIntegerField(default=0)
    reasons = models.JSONField(default=dict)  # reason → rejected rows
    seconds = models.FloatField(default=0)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["fingerprint", "entity"])]

    def __str__(self) -> str:
        return f"import {self.pk}"


class Upload(models.Model):
    """A file that was handed in on a page and is being prepared: nothing of it is imported yet."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)  # as its owner called it
    path = models.CharField(max_length=500)  # within the home
    size = models.BigIntegerField()
    entity = models.CharField(max_length=30)
    source = models.CharField(max_length=60)  # its name; a new one is added by the import
    found = models.JSONField(default=dict)  # what a first look at the file told: its form, columns and some values
    mapping = models.JSONField(default=dict)  # as far as it is settled; it may lack required columns
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def file(self) -> Path:
        """Where the file lies."""
        home: Path = settings.ZHIKE.home
        return home / self.path
