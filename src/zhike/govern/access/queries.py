"""Reads of API tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from zhike.govern.access.models import ApiToken
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require


@dataclass(frozen=True)
class TokenRow:
    """A token as a list shows it: never its secret, of which only a hash is kept."""

    token_id: int
    name: str
    prefix: str
    rights: tuple[str, ...]
    state: str  # valid, expired or revoked
    issued_at: datetime
    expires_at: datetime
    last_used_on: date | None


def list_tokens() -> list[TokenRow]:
    """All tokens, newest first. Raises Denied."""
    require(Right.MANAGE_TOKENS)
    now = timezone.now()
    return [
        TokenRow(
            token_id=token.pk,
            name=token.name,
            prefix=token.prefix,
            rights=tuple(token.rights),
            state="revoked" if token.revoked_at else "valid" if token.is_valid(now) else "expired",
            issued_at=token.issued_at,
            expires_at=token.expires_at,
            last_used_on=token.last_used_on,
        )
        for token in ApiToken.objects.all()
    ]
