"""What people type, and what addresses and forms say."""

from __future__ import annotations

MOST_DIGITS = 18  # of a number that every database can compare


def whole_number(text: str) -> int | None:
    """The whole number that is written; None where it is none, or larger than any that is kept."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
