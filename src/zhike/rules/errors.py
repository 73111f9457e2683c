"""What is wrong with a rule, and where."""

from __future__ import annotations

from dataclasses import dataclass

from zhike.errors import UserError


@dataclass(frozen=True)
class Span:
    """Characters of a rule's text, from 0, the last one not included."""

    start: int
    end: int


class RuleError(UserError):
    """A rule that cannot be read, or means nothing; `span` is the place in its text, where it has one."""

    def __init__(self, message: str, *, span: Span | None = None, where: str = "", advice: str = "") -> None:
        super().__init__(message, where=where, advice=advice)
        self.span = span
