"""Programs in processes of their own, which can be watched, killed and starved."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.warm import Popen

ROOT = Path(__file__).parents[2]
PRELUDE = "import django; django.setup()\nfrom zhike.govern.access.actors import OPERATOR, become; become(OPERATOR)\n"
Start = Callable[..., "subprocess.Popen[str]"]
Program = Callable[..., Any]


@pytest.fixture
def start(tmp_path: Path, commands: Path) -> Iterator[Start]:
    """Starts `python ARGUMENTS` with a home; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[str]] = []

    def launch(*arguments: str, home: Path = tmp_path / "home", **environ: str) -> subprocess.Popen[str]:
        process = Popen(
            [commands / "warm-python", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={
                **os.environ,
                "ZHIKE_HOME": str(home),
                "COLUMNS": "200",
                "ZHIKE_LINKING": "no",
                **environ,
            },
        )
        started.append(process)
        return process

    yield launch
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def program(start: Start) -> Program:
    """Runs Python code in a process with Django set up; what it puts into `result` comes back."""

    def run(code: str, **options: Any) -> Any:
        process = start("-c", f"{PRELUDE}{code}\nimport json; print(json.dumps(result, default=str))", **options)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        return json.loads(output.splitlines()[-1])

    return run


@pytest.fixture
def company(program: Program, tmp_path: Path) -> Path:
    """A home with the small company imported, nothing refreshed yet."""
    program(
        f"""
from pathlib import Path
from tests.warehouse.small_company import import_company
from zhike.operate.setup import set_up
set_up()
import_company(Path({str(tmp_path / "files")!r}))
result = None
"""
    )
    return tmp_path / "home"


def finished_steps(home: Path, refresh_id: int) -> dict[str, int]:
    """The steps that a refresh has behind it, with the row that records each."""
    with sqlite3.connect(f"file:{home}/zhike.db?mode=ro", uri=True, timeout=30) as connection:
        query = "SELECT name, id FROM warehouse_refreshstep WHERE refresh_id = ?"
        found = dict(connection.execute(query, [refresh_id]).fetchall())
    connection.close()
    return found


def wait_for(condition: Callable[[], bool], *, seconds: float = 60, pause: float = 0.002) -> None:
    """Returns when the condition holds; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(pause)


@pytest.fixture
def few_steps(settings: Any) -> None:
    """Refreshes of this process only sum up orders."""
    settings.REFRESH_STEPS = "tests.warehouse.few_steps.STEPS"
