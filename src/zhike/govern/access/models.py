"""Who may sign in, and the tokens of machines."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A member of staff who signs in, with what they chose for their pages."""

    class Language(models.TextChoices):
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    class Theme(models.TextChoices):
        SYSTEM = "system", _("as the system")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("comfortable")
        COMPACT = "compact", _("compact")

    language = models.CharField(max_length=10, choices=Language, blank=True)
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMFORTABLE)
    unit = models.CharField(max_length=100, blank=True)  # the org unit whose customers the pages show
    email = models.EmailField(blank=True)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class ApiToken(models.Model):
    """A machine's key to the API: only its hash is kept."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)  # what a list shows of it
    digest = models.CharField(max_length=64, unique=True)  # SHA-256
    rights = models.JSONField(default=list)
    issued_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="tokens")
    issued_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def is_valid(self, now: datetime) -> bool:
        """It has neither expired nor been revoked."""
        return self.revoked_at is None and now < self.expires_at
