"""What may be asked of the access service: every right, once."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Right(TextChoices):
    """One thing that somebody may do. A role or a token is a set of them."""

    SEE_CUSTOMERS = "see_customers", _("see customers")
    SEE_PERSONAL_DATA = "see_personal_data", _("see personal data unmasked")
    WRITE_NOTES = "write_notes", _("write notes")
    CORRECT_CUSTOMERS = "correct_customers", _("correct what is known of customers")
    RESOLVE_IDENTITY = "resolve_identity", _("decide which records are one customer's")
    EXPORT = "export", _("export lists")
    SEND_FACTS = "send_facts", _("send facts")
    MANAGE_QUALITY = "manage_quality", _("write quality rules and plan reviews")
    REVIEW = "review", _("review the data of customers")
    IMPORT = "import", _("import files")
    MANAGE_SOURCES = "manage_sources", _("change sources")
    REFRESH = "refresh", _("refresh, and put a refresh back")
    DEFINE_TAGS = "define_tags", _("define tags")
    APPROVE_TAGS = "approve_tags", _("approve, publish and retire tags")
    SET_TAGS = "set_tags", _("set tags of customers")
    DEFINE_AUDIENCES = "define_audiences", _("define audiences")
    SAVE_SCENARIOS = "save_scenarios", _("save scenarios")
    MANAGE_OFFERS = "manage_offers", _("write offer rules")
    MANAGE_TOKENS = "manage_tokens", _("issue API tokens")
    MANAGE_WEBHOOKS = "manage_webhooks", _("set up webhooks")
    SEE_METRICS = "see_metrics", _("read metrics")


ALL_RIGHTS = frozenset(Right)
