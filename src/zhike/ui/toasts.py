"""Short words on what was done, with the way to undo it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest


def toast(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Shows a line on the next page; with `undo_url`, a button that posts there."""
    messages.success(request, text, extra_tags=undo_url)


def warn(request: HttpRequest, text: str) -> None:
    """Shows a line that says what did not happen, and why."""
    messages.error(request, text)
