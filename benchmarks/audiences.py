"""Counting audiences of six conditions among 200 tags, beside the same questions in DuckDB, SQLite and PostgreSQL."""

from __future__ import annotations

import functools
import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from benchmarks.audiences_data import NUMBERS, made_up_tags, quantile
from benchmarks.audiences_home import audiences_home
from benchmarks.audiences_page import Builder
from benchmarks.audiences_sql import summary, timed, with_duckdb, with_postgresql, with_sqlite
from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import open_home
from benchmarks.serving import served, session

CUSTOMERS = {"small": 100_000, "full": 10_000_000}
ASKED = 250
# Who takes seconds for an answer is asked the first ones only.
ASKED_OF_SLOW = {"small": 50, "full": 20}


def run(scale: str) -> list[Result]:
    """Ours in process, through the API and through the page; then tables with indexes."""
    home = audiences_home(CUSTOMERS[scale])
    wide, few = home / "wide", ASKED_OF_SLOW[scale]
    (wide / "answers.json").unlink(missing_ok=True)
    contenders: dict[str, Callable[[], dict[str, Any]]] = {
        "zhike, in process": functools.partial(in_process, home),
        "zhike, API": functools.partial(through_api, home),
        "zhike, page": functools.partial(through_page, home),
    }
    for layout in ("wide", "long"):
        contenders |= {
            f"DuckDB, {layout} table": functools.partial(with_duckdb, wide, layout, ASKED if layout == "wide" else few),
            f"SQLite, {layout} table": functools.partial(with_sqlite, wide, layout, few),
            f"PostgreSQL, {layout} table": functools.partial(with_postgresql, wide, layout, few),
        }
    results = contest(contenders, rounds=1)
    results[0].said |= json.loads((home / "built.json").read_text(encoding="utf-8"))
    return results


def in_process(home: Path) -> dict[str, Any]:
    """`count_audience`, once the index of every tag and attribute is loaded; what loading takes is said apart."""
    open_home(home)
    from zhike.understand.attributes.memory import MEMORY
    from zhike.understand.audiences.queries import count_audience

    def ask(rule: str) -> int:
        return count_audience(rule).count

    ask("order_count > 1")
    MEMORY.forget()
    before = _resident_megabytes()
    cold = [_milliseconds(functools.partial(ask, rule)) for rule in _everything()]
    said = {
        "load a tag p50 ms": round(statistics.median(cold), 1),
        "slowest ms to load": round(max(cold)),
        "index in memory MB": round(_resident_megabytes() - before),
        "of which counted MB": round(MEMORY.bytes / 1e6),
    }
    return summary(*timed(lambda question: ask(question.rule), ASKED), home / "wide") | said


def through_api(home: Path) -> dict[str, Any]:
    """POST /api/v1/audiences/count over a connection that is kept."""
    open_home(home)
    from zhike.govern.access.rights import Right
    from zhike.govern.access.services import issue_token

    _token, secret = issue_token(name="benchmark", rights=[Right.SEE_CUSTOMERS])
    headers = {"Authorization": f"Bearer {secret}"}
    with served(home) as address:
        return _asked_over_http(home, address, lambda client: functools.partial(_ask_api, client), headers=headers)


def through_page(home: Path) -> dict[str, Any]:
    """What the builder asks for when a rule was typed: its rows, the count and what each condition does."""
    open_home(home)
    with served(home) as address:
        cookies = session(address)
        headers = {"X-CSRFToken": cookies["zhike_csrf"], "Referer": address}
        return _asked_over_http(home, address, lambda client: Builder(client).count, headers=headers, cookies=cookies)


def _asked_over_http(
    home: Path, address: str, asking: Callable[[httpx.Client], Callable[[str], int]], **surroundings: Any
) -> dict[str, Any]:
    """The questions, once each process of the server has the index in memory."""
    for _ in range(4):
        with httpx.Client(base_url=address, timeout=120, **surroundings) as client:
            ask = asking(client)
            for rule in _everything():
                ask(rule)
    with httpx.Client(base_url=address, timeout=120, **surroundings) as client:
        ask = asking(client)
        return summary(*timed(lambda question: ask(question.rule), ASKED), home / "wide")


def _ask_api(client: httpx.Client, rule: str) -> int:
    answer = client.post("/api/v1/audiences/count", json={"rule": rule})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["count"])


def _everything() -> list[str]:
    """A rule for each tag and attribute that questions name."""
    numbers = [tag.name for tag in made_up_tags() if tag.kind == "number"]
    return [
        *(f'has tag "{tag.name}"' for tag in made_up_tags()),
        *(f'tag "{name}" between {quantile(name, 0.3)} and {quantile(name, 0.6)}' for name in numbers),
        *(f"{name} between {quantile(name, 0.3)} and {quantile(name, 0.6)}" for name in NUMBERS),
    ]


def _milliseconds(act: Callable[[], object]) -> float:
    clock = Clock()
    act()
    return clock() * 1000


def _resident_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024
