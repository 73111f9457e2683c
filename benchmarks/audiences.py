"""Counting audiences of six conditions among 200 tags, beside the same questions in DuckDB, SQLite and PostgreSQL."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from benchmarks.audiences_data import NUMBERS, made_up_tags, quantile
from benchmarks.audiences_databases import in_duckdb, in_postgresql, in_sqlite
from benchmarks.audiences_home import audiences_home
from benchmarks.audiences_page import Builder
from benchmarks.audiences_questions import questions
from benchmarks.audiences_sql import with_database
from benchmarks.audiences_timing import asked, percentiles
from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import open_home
from benchmarks.memory import memory_megabytes
from benchmarks.serving import served, session

CUSTOMERS = {"small": 100_000, "full": 10_000_000}
ASKED_COLD = 20
CONNECTIONS = 4  # so that each process of the server is asked


def run(scale: str) -> list[Result]:
    """Ours in process, through the API and through the page; then tables with indexes."""
    home = audiences_home(CUSTOMERS[scale])
    wide = home / "wide"
    contenders: dict[str, Callable[[], dict[str, Any]]] = {
        "zhike, in process": functools.partial(in_process, home),
        "zhike, API": functools.partial(through_api, home),
        "zhike, page": functools.partial(through_page, home),
    }
    for name, opened in (("DuckDB", in_duckdb), ("PostgreSQL", in_postgresql), ("SQLite", in_sqlite)):
        for layout in ("wide", "long"):
            contenders[f"{name}, {layout} table"] = functools.partial(with_database, opened, layout, wide)
    return contest(contenders, rounds=1)


def in_process(home: Path) -> dict[str, Any]:
    """`count_audience` with the index in memory; before that a few questions each of which begins without."""
    open_home(home)
    (home / "wide" / "answers.json").unlink(missing_ok=True)
    from zhike.understand.attributes.memory import MEMORY
    from zhike.understand.audiences.queries import count_audience

    def ask(rule: str) -> int:
        return count_audience(rule).count

    ask(_everything()[0])
    cold = []
    for question in questions(ASKED_COLD, seed=9):
        MEMORY.forget()
        clock = Clock()
        ask(question.rule)
        cold.append(clock())
    MEMORY.forget()
    before = memory_megabytes(os.getpid())
    for rule in _everything():
        ask(rule)
    warm = asked(lambda question: ask(question.rule), home / "wide")
    after = memory_megabytes(os.getpid())
    built = json.loads((home / "built.json").read_text(encoding="utf-8"))
    mapped = sum(file.stat().st_size for file in (home / "scratch").rglob("*") if file.is_file())
    disk = {**{name: size for name, size in built.items() if name.endswith("MB")}, "mapped MB": round(mapped / 1e6)}
    return {
        **warm,
        "build s": round(sum(seconds for name, seconds in built.items() if name.endswith(" s")), 1),
        "disk MB": sum(disk.values()),
        "memory MB": round(after),
        **{f"cold {name}": found for name, found in percentiles(cold).items()},
        "index in memory MB": round(after - before),
        **built,
        **disk,
    }


def through_api(home: Path) -> dict[str, Any]:
    """POST /api/v1/audiences/count over a connection that is kept."""
    open_home(home)
    from zhike.govern.access.rights import Right
    from zhike.govern.access.services import issue_token

    _token, secret = issue_token(name="benchmark", rights=[Right.SEE_CUSTOMERS])
    headers = {"Authorization": f"Bearer {secret}"}
    with served(home) as address:
        return _asked_over_http(home, address, Api, headers=headers)


def through_page(home: Path) -> dict[str, Any]:
    """What the builder asks for when a rule was typed: its rows, the count and what each condition does."""
    open_home(home)
    with served(home) as address:
        cookies = session(address)
        headers = {"X-CSRFToken": cookies["zhike_csrf"], "Referer": address}
        return _asked_over_http(home, address, Builder, headers=headers, cookies=cookies)


class Api:
    """A client of the API."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def count(self, rule: str) -> int:
        """The count of a rule."""
        answer = self._client.post("/api/v1/audiences/count", json={"rule": rule})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["count"])

    def read(self) -> None:
        """Nothing: the next question does not need the last answer."""


def _asked_over_http(
    home: Path, address: str, asking: Callable[[httpx.Client], Api | Builder], **surroundings: Any
) -> dict[str, Any]:
    """The questions, once each process of the server has the index in memory."""
    for _ in range(CONNECTIONS):
        with httpx.Client(base_url=address, timeout=120, **surroundings) as client:
            window = asking(client)
            for rule in _everything():
                window.count(rule)
    with httpx.Client(base_url=address, timeout=120, **surroundings) as client:
        window = asking(client)
        said = asked(lambda question: window.count(question.rule), home / "wide", between=window.read)
        own = os.getpid()
        return said | {"memory MB": round(memory_megabytes(own, without=[own]))}


def _everything() -> list[str]:
    """A rule for each tag and attribute that questions name."""
    numbers = [tag.name for tag in made_up_tags() if tag.kind == "number"]
    return [
        *(f'has tag "{tag.name}"' for tag in made_up_tags()),
        *(f'tag "{name}" between {quantile(name, 0.3)} and {quantile(name, 0.6)}' for name in numbers),
        *(f"{name} between {quantile(name, 0.3)} and {quantile(name, 0.6)}" for name in NUMBERS),
    ]
