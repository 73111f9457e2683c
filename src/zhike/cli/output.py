"""What every command shares: readiness, printing for people or as JSON, progress on stderr."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from zhike.errors import UserError

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on stdout.")]

Background = Annotated[bool, typer.Option("--background", help="Leave it to a worker (`zhike worker`).")]

people = Console(highlight=False, soft_wrap=True)
aside = Console(stderr=True, highlight=False)


def start(*, needs_home: bool = True, logs_to_stderr: bool = False) -> None:
    """Loads Django and logging; with `needs_home`, makes sure the databases are there."""
    import django
    from django.conf import settings

    from zhike.config.logs import configure_logs

    django.setup()
    from zhike.govern.access.actors import OPERATOR, become

    become(OPERATOR)
    try:
        if needs_home:
            from zhike.operate.setup import ensure_ready

            ensure_ready()
        configure_logs(settings.ZHIKE, to_stderr=logs_to_stderr)
    except OSError as error:
        raise UserError(
            f"the home cannot be used: {error.strerror}",
            where=str(settings.ZHIKE.home),
            advice="Set ZHIKE_HOME to a folder that you may write to.",
        ) from error


def enqueue(kind: str, arguments: dict[str, Any], *, as_json: bool) -> None:
    """Puts a job in the queue and says under which number."""
    from zhike.operate.jobs.services import enqueue_job

    job = enqueue_job(kind=kind, arguments=arguments)
    show(
        {"job_id": job.pk},
        as_json=as_json,
        otherwise=lambda: people.print(f"Job {job.pk} waits for a worker; `zhike jobs list` says how far it is."),
    )


def show(document: Mapping[str, object], *, as_json: bool, otherwise: Callable[[], None]) -> None:
    """One JSON document on stdout, or what `otherwise` prints for people."""
    if as_json:
        sys.stdout.write(json.dumps(document, default=plain, ensure_ascii=False, indent=2) + "\n")
    else:
        otherwise()


def plain(value: object) -> object:
    """Values that JSON has no word for."""
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case Path():
            return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people; numbers to the right, with thousands set apart."""
    listed = [list(row) for row in rows]
    drawn = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        numeric = any(isinstance(row[place], (int, float, Decimal)) for row in listed)
        drawn.add_column(escape(column), justify="right" if numeric else "left", overflow="fold")
    for row in listed:
        drawn.add_row(*(escape(cell(value)) for value in row))
    people.print(drawn)


def cell(value: object) -> str:
    """A value as people read it."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.2f}"
        case Decimal():
            return f"{value:,.2f}"
        case datetime():
            return _business_time(value).strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return str(value)


def _business_time(at: datetime) -> datetime:
    """An instant as the clocks of the firm show it; the warehouse's are UTC without saying so."""
    from django.conf import settings

    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(ZoneInfo(settings.ZHIKE.time_zone))


class Bars:
    """Progress bars on stderr; a line for each activity where that is no terminal."""

    def __init__(self) -> None:
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=aside,
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Bars:
        if aside.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def begin(self, activity: str, *, total: int | None = None, unit: str = "") -> None:  # noqa: ARG002
        """A new activity takes the bar, which shows a share and needs no unit."""
        if not aside.is_terminal:
            aside.print(f"… {activity.replace('_', ' ')}")
            return
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(activity.replace("_", " "), total=total)

    def advance(self, amount: int = 1) -> None:
        """The bar moves."""
        if self._task is not None:
            self._bars.advance(self._task, amount)
