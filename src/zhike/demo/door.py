"""Who may sign in to the demo company: one administrator, whose password is kept beside the company."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings

from zhike.govern.access.services import create_administrator, is_opened

USERNAME = "admin"
NOT_OURS = "(the one it was given)"


@dataclass(frozen=True)
class Login:
    """A name and password that open the demo's pages."""

    username: str
    password: str


def open_door() -> Login:
    """The demo's login; created at the first time, the same ever after."""
    kept = settings.ZHIKE.home / "demo" / "login"
    if not is_opened():
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        create_administrator(username=USERNAME, password=password)
        kept.touch(mode=0o600)
        kept.write_text(password)
    return Login(USERNAME, kept.read_text() if kept.exists() else NOT_OURS)
