"""Drafts: what somebody writes on a page is kept, and found again by the page's address."""

from __future__ import annotations

import hashlib

from zhike.ui.models import Draft

MOST_KEPT = 200  # of one user; the oldest go first


def keep_draft(owner_id: int, text: str) -> str:
    """The key under which the text is kept for its owner, who alone can read it."""
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    _draft, is_new = Draft.objects.update_or_create(owner_id=owner_id, key=key, defaults={"text": text})
    if is_new:
        kept = Draft.objects.filter(owner_id=owner_id).order_by("-kept_at")
        Draft.objects.filter(pk__in=list(kept.values_list("pk", flat=True)[MOST_KEPT:])).delete()
    return key


def kept_draft(owner_id: int | None, key: str) -> str | None:
    """The text that was kept under a key; None where there is none of this owner."""
    return Draft.objects.filter(owner_id=owner_id, key=key).values_list("text", flat=True).first()
