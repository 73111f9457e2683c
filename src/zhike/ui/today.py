"""What the first page shows: each capability says what it has for today; `settings.TODAY` names them in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from zhike.ui.navigation import Words


@dataclass(frozen=True)
class Line:
    """One thing to know or to do, with the place where it is settled."""

    text: Words
    url: str = ""
    note: Words = ""
    at: datetime | None = None
    is_urgent: bool = False  # a person must act


@dataclass(frozen=True)
class Figure:
    """A number to begin the day with."""

    label: Words
    value: str
    url: str = ""
    note: Words = ""


@dataclass(frozen=True)
class Part:
    """What one capability has for today."""

    title: Words = ""
    figures: tuple[Figure, ...] = ()
    alerts: tuple[Line, ...] = ()  # gathered from all parts, at the top
    lines: tuple[Line, ...] = ()
    first_steps: tuple[Line, ...] = ()  # what to do while there is nothing yet
    url: str = ""  # where all of it is
    job_ids: tuple[int, ...] = ()  # long work that runs now


def parts_of_today() -> list[Part]:
    """What every capability has for today."""
    parts: list[Callable[[], Part | None]] = [import_string(name) for name in settings.TODAY]
    return [part for part in (say() for say in parts) if part is not None]
