"""How long work says how far it is, whoever is listening (a terminal, a page, nobody)."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the advance of one piece of long work; may raise `Cancelled`."""

    def begin(self, activity: str, *, total: int | None = None, unit: str = "") -> None:
        """A new activity starts; `total` is None where the end is not known."""

    def advance(self, amount: int = 1) -> None:
        """`amount` more units of the current activity are done."""


class Silent:
    """A listener that ignores everything."""

    def begin(self, activity: str, *, total: int | None = None, unit: str = "") -> None:
        pass

    def advance(self, amount: int = 1) -> None:
        pass
