"""The two kinds of error: what a user can mend, and everything else (a bug)."""

from __future__ import annotations


class UserError(Exception):
    """A situation the user can mend: what is wrong, where, and what to do.

    Shown as it is by commands, pages and the API; never with a traceback.
    """

    status = 422  # what pages and the API answer with; a kind of error may say another

    def __init__(self, message: str, *, where: str = "", advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.advice:
            parts.append(self.advice)
        return "\n".join(parts)


class NotFound(UserError):
    """What was asked for by its number or name is not there."""

    status = 404


class AlreadyRunning(UserError):
    """Somebody else holds the lock of this piece of work."""

    status = 409


class Cancelled(UserError):
    """The work was asked to stop, and did; what it was to replace stays in force."""
